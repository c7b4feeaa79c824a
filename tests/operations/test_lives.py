"""Lives of payments, in any order that shops, payers, banks and crashes may come up with.

After each step the books, the history, the pushes and the bank must tell the same story.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import count, groupby, pairwise
from pathlib import Path
from threading import Event as Signal
from typing import ClassVar

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from pfennig import foundation
from pfennig.domain import mail
from pfennig.domain import payment as paying
from pfennig.domain import smart_transaction as selling
from pfennig.domain.attempt import FINAL, Attempt, Outcome, Reason, Result, Verb
from pfennig.domain.basket import Basket, Item
from pfennig.domain.calendar import REPORTS, Appointment, Later, Occasion
from pfennig.domain.contexts import ApplicationContext, DeliveryOptions, PaymentContext, ReturnUrls
from pfennig.domain.history import Move, Type
from pfennig.domain.ledger import OWED_TO_OWNER, LedgerAccount
from pfennig.domain.methods import METHODS
from pfennig.domain.payment import LEADING, STATUSES, Kind, Payment, State
from pfennig.domain.smart_transaction import Intent, StxStatus
from pfennig.domain.states import Moves
from pfennig.errors import Refusal
from pfennig.gateways import RailFailed, Request, run
from pfennig.operations import calendar
from pfennig.operations.books import bank, returns, settlement
from pfennig.operations.checks import reconciliation
from pfennig.operations.core import history, ledger
from pfennig.operations.core.call import Call, Caller
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.instruments.fields import Private
from pfennig.operations.legacy import payments as legacy_payments
from pfennig.operations.pay import (
    accruals,
    attempts,
    captures,
    delivery,
    endings,
    increase,
    payments,
    refunds,
    smart_transactions,
    surplus,
)
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.pay.smart_transactions import BasketInfo, StxRequest
from pfennig.settings import Settings
from pfennig.storage.database import Database
from pfennig.storage.queries import upcoming
from pfennig.storage.unit import Unit
from pfennig.twin import clocks, payer
from pfennig.twin.clocks import Scope
from pfennig.twin.simulator import CHOICES
from pfennig.twin.simulator.instruments import GOOD_ACCOUNT
from tests import soak
from tests.banks import ScriptedBank, served_by
from tests.conftest import MORNING, PUBLIC_URL, copy_over
from tests.marketplace import ACCOUNT, ANNA, PLATFORM, article, part, share

SHORT, LONG = (5, 24), (200, 40)
"""How many lives are played, and how many steps each is long."""

ENOUGH_STEPS = 100
A_LONG_TIME = timedelta(days=60)
ROUNDS = 20
"""The sweeper needs one for each question that follows from an answer; more means that it turns in circles."""

SHOP = Caller("client-mine", "MRC_MINE", "GCR_MINE")
FEES = {"creditcard": {"basis_points": 150, "fixed": 25}, "invoice": {"minimum": 80}}
PUSHED_TO = ReturnUrls(url_push="https://shop.example.test/push")
SHARES = msgspec.convert([article(500), share(45, ANNA), share(5)], list[Item])
PARTS = msgspec.convert([part(ANNA, 301, share(33), share(7)), part(PLATFORM, 199, share(11, ANNA))], list[Item])


class Killed(BaseException):
    """The process ends here; nothing may catch it."""


REVIEWED = (Later(Occasion.APPROVED, timedelta(days=1)), Later(Occasion.REFUSED, timedelta(days=2)))
"""What the bank reports of a payment in review; the second means nothing any more, if the first came about."""

TAKEN_BACK = (Later(Occasion.CHARGED_BACK, timedelta(days=3)), Later(Occasion.RESOLVED, timedelta(days=5)))


class Mood(Enum):
    """What becomes of a question to the bank. TROUBLE is a yes that is taken back later."""

    YES = auto()
    NO = auto()
    REVIEW = auto()
    TROUBLE = auto()
    UNSURE = auto()
    FAILED = auto()
    NEVER_ASKED = auto()
    NEVER_HEARD = auto()
    OVERTAKEN = auto()


MOODS = st.lists(st.sampled_from([Mood.YES, Mood.YES, *Mood]), min_size=1, max_size=3)
"""For the first questions of a step; the others are answered as the simulated bank does."""

NTH = st.sampled_from([0, 0, 0, 1, 2])
METHOD = st.sampled_from(["creditcard", "creditcard", "debit", "invoice", "invoice", "prepaid", "paypal", "sofort"])
"""One of each kind: at once, with goods, by transfer, on a page elsewhere, and there with immediate collection."""

FRICTIONLESS, CHALLENGED = "411111XXXXXX1111", "463544XXXXXX2298"


@dataclass
class MoodyBank(ScriptedBank):
    """The simulated bank in changing moods. It keeps to what it said once, and knows whose money it holds.

    money: by Smart Transaction, what is reserved, awaited or collected.
    sweep: what another process may do while this one listens to the bank.
    """

    sweep: Callable[[], object] = lambda: None
    moods: list[Mood] = field(default_factory=list)
    said: dict[str, tuple[Attempt, Outcome]] = field(default_factory=dict)
    money: Counter[str] = field(default_factory=Counter)

    def answer(self, request: Request) -> Outcome:
        """By its mood; the process may also end before the question, or before the answer."""
        mood = self.moods.pop(0) if self.moods else Mood.YES
        if mood is Mood.NEVER_ASKED:
            raise Killed
        if mood is Mood.UNSURE:
            return Outcome(Result.UNSURE)
        outcome = self.decided(request, mood)
        if mood is Mood.NEVER_HEARD:
            raise Killed
        if mood is Mood.FAILED:
            raise RailFailed
        if mood is Mood.OVERTAKEN:
            self.sweep()
        return outcome

    def decided(self, request: Request, mood: Mood) -> Outcome:
        """What it said before, else what it says now, with what that means for the money."""
        attempt = request.attempt
        if attempt.id in self.said:
            return self.said[attempt.id][1]
        outcome = run(self.inner, request)
        if mood is Mood.NO:
            outcome = Outcome(Result.DENIED, Reason.DO_NOT_HONOUR)
        elif mood is Mood.REVIEW and outcome.result in attempts.STATE_AFTER and attempt.method != "invoice":
            outcome = replace(outcome, result=Result.WAITING, later=() if attempt.method == "prepaid" else REVIEWED)
        elif mood is Mood.TROUBLE and outcome.result is Result.CAPTURED:
            outcome = replace(outcome, later=TAKEN_BACK)
        if outcome.result in FINAL:
            self.said[attempt.id] = (attempt, outcome)
            self.money[attempt.smart_transaction_id] += moved_by(attempt, outcome) * attempt.amount
        return outcome


def moved_by(attempt: Attempt, outcome: Outcome) -> int:
    """How often the bank holds the amount more than before: once, not at all, or once less."""
    match attempt.verb:
        case Verb.START:
            return 0 if outcome.result in (Result.DENIED, Result.LEFT) else 1
        case Verb.CAPTURE:
            return -1 if outcome.result is Result.DENIED else 0
        case Verb.CANCEL | Verb.REFUND:
            return -1 if outcome.result is Result.DONE else 0


@dataclass
class TickingClock:
    """Shows no moment twice, so that what has the same moment was written in the same unit."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        """The next moment."""
        self.now += timedelta(milliseconds=1)
        return self.now


class Lives(RuleBasedStateMachine):
    """A platform with one shop, its payers and a moody bank.

    steps: how many operations were tried in all lives together.
    """

    steps: ClassVar[int] = 0

    def __init__(self, database: Database) -> None:
        """database: SQLite with the small world, for this life alone."""
        super().__init__()
        self.database = database
        self.database.clock = TickingClock()
        with self.database.unit() as unit:
            for contract in unit.contracts.all(id=[SHOP.contract_id, ANNA]):  # the platform has nowhere to be paid to
                unit.contracts.change(contract, replace(contract, payout_account=ACCOUNT))
            contract = unit.contracts.get(SHOP.contract_id)
            unit.contracts.change(contract, replace(contract, methods=list(METHODS), fees=FEES))
        self.bank = self.opened()
        bare = foundation.platform(Settings(public_url=PUBLIC_URL), self.database, Signal())
        platform = served_by(bare, self.bank)
        self.shop = Call(platform, SHOP, "de")
        self.payer = Call(platform, None, "de")
        self.sweeper = Call(platform, None, "de", role="sweeper")
        self.watcher = sqlite3.connect(str(database.url.database))
        self.cases: list[str] = []
        self.looked_at: int | None = None
        self.is_sound = True

    def opened(self) -> MoodyBank:
        """The bank of this life."""
        return MoodyBank(sweep=self.swept)

    def choose(self, attempt: Attempt, choice: str) -> None:
        """What the payer does on the bank's page."""
        payer.answer(self.payer, attempt.id, choice)

    @initialize(intent=st.sampled_from(Intent), method=METHOD, starts=st.booleans(), moods=MOODS)
    def first(self, intent: Intent, method: str, starts: bool, moods: list[Mood]) -> None:
        self.buy(intent, False, True, 500, "EUR", method, starts, moods)

    @rule(
        intent=st.sampled_from(Intent),
        captures=st.booleans(),
        is_pushed=st.booleans(),
        amount=st.sampled_from([500, 500, 500, 1, 0]),
        currency=st.sampled_from(["EUR", "EUR", "CHF"]),
        method=METHOD,
        starts=st.booleans(),
        moods=MOODS,
    )
    def buy(
        self,
        intent: Intent,
        captures: bool,
        is_pushed: bool,
        amount: int,
        currency: str,
        method: str,
        starts: bool,
        moods: list[Mood],
    ) -> None:
        wish = StxRequest(
            intent=intent,
            basket_info=BasketInfo(sum=amount, currency=currency),
            application_context=ApplicationContext(return_urls=PUSHED_TO if is_pushed else ReturnUrls()),
            payment_context=PaymentContext(auto_capture=captures),
        )
        with self.shop.unit() as unit:
            self.cases.append(smart_transactions.open_transaction(self.shop, unit, wish).id)
        self.pay(0, method, starts, FRICTIONLESS, None, moods)

    @rule(
        intent=st.sampled_from(Intent),
        captures=st.booleans(),
        is_held=st.booleans(),
        products=st.sampled_from([PARTS, SHARES]),
        method=METHOD,
        starts=st.booleans(),
        moods=MOODS,
    )
    def buy_of_several(
        self,
        intent: Intent,
        captures: bool,
        is_held: bool,
        products: list[Item],
        method: str,
        starts: bool,
        moods: list[Mood],
    ) -> None:
        wish = StxRequest(
            intent=intent,
            basket=Basket(products),
            application_context=ApplicationContext(return_urls=PUSHED_TO),
            payment_context=PaymentContext(auto_capture=captures, accrual=is_held),
        )
        with self.shop.unit() as unit:
            self.cases.append(smart_transactions.open_transaction(self.shop, unit, wish).id)
        self.pay(0, method, starts, FRICTIONLESS, None, moods)

    @rule(
        origin=st.sampled_from([*legacy_payments.METHODS]),
        action=st.sampled_from(legacy_payments.Action),
        is_agreed=st.booleans(),
        moods=MOODS,
    )
    def buy_the_older_way(
        self, origin: str, action: legacy_payments.Action, is_agreed: bool, moods: list[Mood]
    ) -> None:
        wish = legacy_payments.LegacyRequest(
            amount=500,
            payment_action=action,
            container=Instrument(private=Private(owner="Max", pan=FRICTIONLESS, iban=GOOD_ACCOUNT)),
            redirect_url=legacy_payments.RedirectUrls(url_push=str(PUSHED_TO.url_push)),
            opt_data=legacy_payments.Options(has_accepted_disclaimer=is_agreed),
        )
        self.do(moods, lambda: legacy_payments.create(self.shop, origin, wish))
        with self.database.view() as view:  # the process may have ended before it could tell the id
            self.cases = [case.id for case in view.smart_transactions.all()]

    @rule(case=NTH, moods=MOODS)
    def pay_as_before(self, case: int, moods: list[Mood]) -> None:
        with self.database.view() as view:
            method = view.smart_transactions.get(self.case(case)).method
        if method:
            self.pay(case, method, False, FRICTIONLESS, None, moods)

    @rule(
        case=NTH,
        method=METHOD,
        starts=st.booleans(),
        pan=st.sampled_from([FRICTIONLESS, CHALLENGED]),
        form_key=st.sampled_from([None, None, "first form", "second form"]),
        moods=MOODS,
    )
    def pay(self, case: int, method: str, starts: bool, pan: str, form_key: str | None, moods: list[Mood]) -> None:
        means = PaymentRequest(
            Instrument(private=Private(owner="Max", pan=pan, iban=GOOD_ACCOUNT)), form_key=form_key
        )
        verb = payments.start if starts else payments.prepare
        self.do(moods, lambda: verb(self.shop, self.case(case), method, means))

    @rule(case=NTH, method=METHOD, moods=MOODS)
    def pay_with_an_expired_card(self, case: int, method: str, moods: list[Mood]) -> None:
        expired = Private(owner="Max", pan=FRICTIONLESS, iban=GOOD_ACCOUNT, expiration_date="2020-01")
        version = self.version()
        self.do(
            moods,
            lambda: payments.start(self.shop, self.case(case), method, PaymentRequest(Instrument(private=expired))),
        )
        assert method != "creditcard" or self.version() == version

    @rule(case=NTH, moods=MOODS)
    def start(self, case: int, moods: list[Mood]) -> None:
        self.do(moods, lambda: payments.start(self.shop, self.case(case), None, PaymentRequest()))

    @rule(case=NTH, nth=NTH, choice=st.sampled_from(["succeed", *CHOICES]), moods=MOODS)
    def answer_at_the_bank(self, case: int, nth: int, choice: str, moods: list[Mood]) -> None:
        with self.database.view() as view:
            made = view.attempts.all(smart_transaction_id=self.case(case), verb=Verb.START)[::-1]
        asked = [attempt for attempt in made if attempt.result is Result.REDIRECT] or made
        if asked:
            attempt = asked[nth % len(asked)]
            self.do(moods, lambda: self.choose(attempt, choice))

    @rule(case=NTH, amount=st.integers(0, 1000), intent=st.sampled_from(Intent), moods=MOODS)
    def update(self, case: int, amount: int, intent: Intent, moods: list[Mood]) -> None:
        wish = StxRequest(basket_info=BasketInfo(sum=amount), intent=intent)
        self.do(moods, lambda: smart_transactions.update(self.shop, self.case(case), wish))

    @rule(case=NTH, moods=MOODS)
    def abort(self, case: int, moods: list[Mood]) -> None:
        self.do(moods, lambda: payments.abort(self.shop, self.case(case)))

    @rule(case=NTH, moods=MOODS)
    def leave(self, case: int, moods: list[Mood]) -> None:
        self.do(moods, lambda: endings.leave(self.payer, self.case(case)))

    @rule(case=NTH, moods=MOODS)
    def cancel(self, case: int, moods: list[Mood]) -> None:
        self.do(moods, lambda: payments.cancel(self.shop, self.case(case)))

    @rule(case=NTH, nth=NTH, moods=MOODS)
    def capture(self, case: int, nth: int, moods: list[Mood]) -> None:
        if payment := self.nth_payment(case, nth):
            self.do(moods, lambda: captures.capture(self.shop, payment, None, delivery.Shipping()))

    @rule(case=NTH, nth=NTH, amount=st.sampled_from([1, 250, 500, 600]), is_named=st.booleans())
    def transfer(self, case: int, nth: int, amount: int, is_named: bool) -> None:
        if payment := self.nth_payment(case, nth):
            with self.database.view() as view:
                purpose = view.payments.get(payment).purpose if is_named else "thank you"
            credit = bank.Credit(amount=amount, purpose=purpose, iban=GOOD_ACCOUNT, owner="Max")
            self.do([], lambda: bank.book(self.shop, credit))

    @rule(case=NTH, nth=NTH, line=NTH)
    def assign(self, case: int, nth: int, line: int) -> None:
        payment, lines = self.nth_payment(case, nth), bank.lines(self.shop)
        if payment and lines:
            self.do([], lambda: bank.assign(self.shop, payment, lines[line % len(lines)].receipt.id))

    @rule(case=NTH, nth=NTH, amount=st.sampled_from([None, None, 1, 100]))
    def take_off(self, case: int, nth: int, amount: int | None) -> None:
        if payment := self.nth_payment(case, nth):
            self.do([], lambda: returns.unassign(self.shop, payment, amount))

    @rule(case=NTH, nth=NTH, amount=st.sampled_from([None, None, 1, 100]))
    def send_back(self, case: int, nth: int, amount: int | None) -> None:
        if payment := self.nth_payment(case, nth):
            self.do([], lambda: returns.send_back(self.shop, payment, amount))

    @rule(line=NTH, amount=st.sampled_from([None, None, 1, 100]))
    def send_line_back(self, line: int, amount: int | None) -> None:
        if lines := bank.lines(self.shop):
            chosen = lines[line % len(lines)].receipt.id
            self.do([], lambda: returns.send_line_back(self.shop, chosen, amount))

    @rule(case=NTH, nth=NTH, amount=st.sampled_from([500, 501, 700]))
    def raise_amount(self, case: int, nth: int, amount: int) -> None:
        if payment := self.nth_payment(case, nth):
            self.do([], lambda: self.raised(payment, amount))

    @rule(
        case=NTH,
        nth=st.integers(0, 5),
        amount=st.sampled_from([0, 0, 1, 100, 250, 500]),
        shares_first=st.booleans(),
        moods=MOODS,
    )
    def give_back(self, case: int, nth: int, amount: int, shares_first: bool, moods: list[Mood]) -> None:
        if payment := self.nth_payment(case, nth):
            wish = refunds.RefundRequest(reduce_amount_by=amount, reduce_stakeholder_payment=shares_first)
            self.do(moods, lambda: refunds.cancel(self.shop, payment, wish))

    @rule(case=NTH, nth=NTH, amount=st.sampled_from([0, 0, 100]), moods=MOODS)
    def give_back_the_older_way(self, case: int, nth: int, amount: int, moods: list[Mood]) -> None:
        if id := self.nth_payment(case, nth):
            with self.database.view() as view:
                payment = legacy_payments.find(self.shop, view, id)
            self.do(
                moods,
                lambda: legacy_payments.cancel(self.shop, payment, refunds.RefundRequest(reduce_amount_by=amount)),
            )

    @rule(case=NTH, nth=NTH, is_held=st.booleans())
    def hold_back(self, case: int, nth: int, is_held: bool) -> None:
        if payment := self.nth_payment(case, nth):
            self.do([], lambda: accruals.hold_back(self.shop, payment, is_held))

    @rule(case=NTH, type=st.sampled_from(["shipping", "collection"]))
    def deliver(self, case: int, type: str) -> None:
        self.do([], lambda: delivery.deliver(self.shop, self.case(case), DeliveryOptions(type=type)))

    @rule(case=NTH, nth=st.integers(0, 5))
    def ship(self, case: int, nth: int) -> None:
        if payment := self.nth_payment(case, nth):
            self.do([], lambda: delivery.ship(self.shop, payment, delivery.Shipping(invoice_number="R 7")))

    @rule(nth=NTH, moods=MOODS)
    def hear_again(self, nth: int, moods: list[Mood]) -> None:
        if self.bank.said:
            attempt, outcome = [*self.bank.said.values()][-1 - nth % len(self.bank.said)]
            self.do(
                moods,
                lambda: attempts.carry_out(self.sweeper, attempts.apply_outcome(self.sweeper, attempt, outcome)),
            )

    @rule(moods=MOODS)
    def sweep(self, moods: list[Mood]) -> None:
        self.do(moods, self.swept)

    @rule(scope=st.sampled_from(Scope), hours=st.sampled_from([0, 1, 30, 80, 200]), moods=MOODS)
    def time_passes(self, scope: Scope, hours: int, moods: list[Mood]) -> None:
        self.do(moods, lambda: clocks.advance(self.shop, scope, timedelta(hours=hours)))

    @rule(scope=st.sampled_from(Scope), moods=MOODS)
    def go_to_what_is_next(self, scope: Scope, moods: list[Mood]) -> None:
        self.do(moods, lambda: clocks.advance_to_next(self.shop, scope))

    @rule()
    def settle(self) -> None:
        self.do([], lambda: settlement.run(self.sweeper))

    @rule(case=NTH, nth=NTH, what=st.sampled_from([*REPORTS]))
    def report(self, case: int, nth: int, what: Occasion) -> None:
        if payment := self.nth_payment(case, nth):
            self.do([], lambda: calendar.report(self.payer, payment, what))

    @invariant()
    def all_is_well(self) -> None:
        if self.version() != self.looked_at:  # most refusals change nothing
            with self.database.view() as view:
                for rule_of_the_house in RULES:
                    rule_of_the_house(view)
                the_bank_holds_what_the_payments_say(view, self.bank)
            self.looked_at = self.version()
        self.is_sound = True

    def teardown(self) -> None:
        try:
            if self.is_sound:
                self.come_to_rest()
        finally:
            self.watcher.close()
            self.database.close()

    def come_to_rest(self) -> None:
        """Settles what is open, and looks again."""
        self.bank.moods = []
        for _ in range(ROUNDS):
            clocks.advance(self.shop, Scope.SERVER, A_LONG_TIME)
            if self.swept() == 0 and not self.appointments():
                break
        else:
            assert self.swept() > 0, f"{self.appointments()} are never kept"
            with self.database.view() as view:
                [first, *_] = upcoming.left_behind(view, view.real_now)
            attempts.resume(self.sweeper, first)  # the sweeper kept to itself what is wrong with it
            raise AssertionError(f"{first} is never settled")
        self.all_is_well()
        with self.database.view() as view:
            what_was_given_up_holds_no_money(view)

    def appointments(self) -> list[Appointment]:
        """What is still to come by itself."""
        with self.database.view() as view:
            return view.appointments.all(is_open=True)

    def do(self, moods: list[Mood], operation: Callable[[], object]) -> None:
        """Tries an operation. It may be refused, but then nothing may have been written; or the process ends."""
        self.is_sound = False
        Lives.steps += 1
        self.bank.moods = list(moods)
        version = self.version()
        refusal = None
        with suppress(Killed):
            try:
                operation()
            except Refusal as error:
                refusal = error
        assert refusal is None or self.version() == version, f"{refusal!r} came after something was written"

    def raised(self, payment: str, amount: int) -> None:
        """Raises an amount; the bank is not told, as it has promised nothing, and learns of it in the end."""
        with self.database.view() as view:
            before = view.payments.get(payment)
        increase.increase(self.shop, payment, amount)
        self.bank.money[before.smart_transaction_id] += amount - before.amount

    def version(self) -> int:
        """A number that another connection's commit changes, if it wrote anything."""
        [(number,)] = self.watcher.execute("PRAGMA data_version")
        return int(number)

    def swept(self) -> int:
        """Lets the sweeper ask about everything that is open."""
        return attempts.sweep(self.sweeper, after=timedelta())

    def case(self, nth: int) -> str:
        """The id of a Smart Transaction, counted from the newest."""
        return self.cases[-1 - nth % len(self.cases)]

    def nth_payment(self, case: int, nth: int) -> str | None:
        """The id of a case's payment or refund, counted from the newest; None if there is none."""
        with self.database.view() as view:
            made = view.payments.all(smart_transaction_id=self.case(case))[::-1]
        return made[nth % len(made)].id if made else None


def the_books_agree_with_the_payments(view: Unit) -> None:
    assert reconciliation.check_all(view)[1] == []


def every_entry_sums_to_zero(view: Unit) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for posting in view.postings.all():
        sums[posting.entry_id, posting.currency] += posting.amount
    assert not any(sums.values())


def every_cent_in_the_books_is_available_or_pending(view: Unit) -> None:
    """Of what was not paid out, pending is what is left of held payments; what they owe is a debt at once."""
    payments = {payment.id: payment for payment in view.payments.all()}
    available: Counter[tuple[str, str]] = Counter()
    pending: Counter[tuple[str, str]] = Counter()
    kept: Counter[tuple[tuple[str, str], str]] = Counter()
    for posting in view.postings.all(account=LedgerAccount.IN_TRANSIT):
        pending[posting.contract_id, posting.currency] += posting.amount
    for posting in view.postings.all(account=list(OWED_TO_OWNER), payout_id=None):
        origin = payments[posting.payment_id]
        while origin.kind in (Kind.REFUND, Kind.SHARE):
            origin = payments[origin.parent_id or ""]
        whose = (posting.contract_id, posting.currency)
        if origin.is_held:
            kept[whose, origin.id] += posting.amount
        else:
            available[whose] += posting.amount
    for (whose, _), amount in kept.items():
        (pending if amount > 0 else available)[whose] += amount
    for total in ledger.balances(view):
        assert total.available == available.pop((total.contract_id, total.currency), 0)
        assert total.pending == pending.pop((total.contract_id, total.currency), 0)
    assert not available | pending


def what_a_payout_settles_is_settled(view: Unit) -> None:
    """Nothing is left of the lines that name it, each is its contract's, and the bank paid all of it."""
    payouts = {payout.id: payout for payout in view.payouts.all()}
    left: Counter[str] = Counter()
    for posting in view.postings.all():
        if posting.payout_id and posting.account in OWED_TO_OWNER:
            assert posting.contract_id == payouts[posting.payout_id].contract_id
            left[posting.payout_id] += posting.amount
    assert not any(left.values())
    due = {one.id: one.amount for one in payouts.values()} | {one.id: one.amount for one in view.returns.all()}
    assert {one.about_id: one.amount for one in view.remittances.all()} == due


def no_more_goes_back_than_came(view: Unit) -> None:
    """Nothing of a bank line belongs to two, and no payment gave away more than it got."""
    given: Counter[tuple[str, str]] = Counter()
    for given_part in view.allocations.all():
        given[given_part.receipt_id, given_part.payment_id] += given_part.amount
    assert all(amount >= 0 for amount in given.values())
    for line in view.receipts.all():
        assert sum(amount for (id, _), amount in given.items() if id == line.id) <= line.amount
    for payment, amount in surplus.everywhere(view):
        came = sum(each.amount for each in view.allocations.all(payment_id=payment.id))
        is_paid = payment.state in paying.COLLECTED and payment.method == "prepaid"
        assert came - amount >= (payment.amount if is_paid else 0)


def no_more_is_given_back_than_was_collected(view: Unit) -> None:
    collected = {move.object_id for move in view.moves.all(after=State.ACCEPTED)}
    back: Counter[str | None] = Counter()
    for refund in view.payments.all(kind=Kind.REFUND):
        back[refund.parent_id] -= 0 if refund.state is State.DENIED else refund.amount
    for payment in view.payments.all(kind=[Kind.PAYMENT, Kind.PART, Kind.SHARE]):
        assert 0 <= back[payment.id] <= (payment.amount if payment.id in collected else 0)


def each_payment_is_where_the_whole_is_or_over(view: Unit) -> None:
    wholes = view.payments.by_id(payment.parent_id for payment in view.payments.all())
    for payment in view.payments.all(kind=[Kind.PART, Kind.SHARE]):
        above = wholes[payment.parent_id or ""]
        is_delivered = (above.state, payment.state) == (State.ORDERED, State.ACCEPTED)
        assert payment.state in (above.state, State.VOID) or is_delivered, (payment, above)


def only_the_leading_payment_holds_money(view: Unit) -> None:
    leading = {case.id: case.payment_id for case in view.smart_transactions.all()}
    for payment in view.payments.all(kind=[*LEADING], is_abandoned=False):
        if held(payment):
            assert payment.id == leading[payment.smart_transaction_id]


def every_move_is_in_the_tables_and_leads_to_where_things_are(view: Unit) -> None:
    moves = moves_by_object(view)
    for case in view.smart_transactions.all():
        assert_path(
            selling.MOVES, [StxStatus.CREATED, *(StxStatus(m.after) for m in moves.get(case.id, []))], case.status
        )
    for payment in view.payments.all():
        path = [State.CREATED, *(State(move.after) for move in moves.get(payment.id, []))]
        assert_path(paying.MOVES, path, payment.state)
        assert payment.course.states >= {*path}
    for made in moves.values():
        assert all(earlier.after == later.before for earlier, later in pairwise(made))


def every_new_simple_status_is_told_once(view: Unit) -> None:
    """One event for each unit in which it changed. Of refunds only those that the shop did not ask for are told."""
    cases = view.smart_transactions.by_id(payment.smart_transaction_id for payment in view.payments.all())
    moves = moves_by_object(view)
    expected: Counter[tuple[str, Type, datetime]] = Counter()
    about_refunds: Counter[tuple[str, Type]] = Counter()
    names: dict[str, str] = {}
    hashes: dict[str, str] = {}
    for payment in view.payments.all():
        case = cases[payment.smart_transaction_id]
        name = hashes.setdefault(case.id, payment.transaction_hash) if case.origin else payment.id
        names[payment.id] = names[payment.parent_id or ""] if payment.kind is Kind.PART else name
        if "url_push" not in case.return_urls or not history.is_emitted(payment):
            continue
        if payment.kind is Kind.REFUND:
            [question] = view.attempts.all(payment_id=payment.id)
            if not question.is_shops and question.result:
                about_refunds[name, Type.ADDED] += 1
                about_refunds[name, Type.CHANGED] += not question.is_open
                about_refunds[names[payment.parent_id or ""], Type.CHANGED] += payment.state is State.ACCEPTED
            continue
        for moment, of_unit in groupby(moves.get(payment.id, []), key=lambda move: move.created):
            [first, *_, last] = [*of_unit] * 2
            if STATUSES[State(first.before)].simple is not STATUSES[State(last.after)].simple:
                expected[name, Type.CHANGED, moment] += 1
    told = Counter((event.object_id, event.type, event.created) for event in view.events.all())
    assert not expected - told
    moments = {part.created for part in view.allocations.all()}  # at which there was too much, or no more
    moments |= {move.created for move in view.moves.all()} | {one.created for one in view.audit.all(verb="reduce")}
    more = Counter((name, type) for name, type, _ in (told - expected).elements())
    surplus_may_be_told: Counter[tuple[str, Type]] = Counter(
        (name, type) for name, type, moment in told - expected if type is Type.CHANGED and moment in moments
    )
    assert not more - about_refunds - surplus_may_be_told
    assert all(more[key] == number for key, number in about_refunds.items() if key[1] is Type.ADDED)


def each_case_that_was_refused_will_end(view: Unit) -> None:
    to_come = {one.smart_transaction_id for one in view.appointments.all(what=Occasion.END, is_open=True)}
    assert {case.id for case in view.smart_transactions.all(status=StxStatus.FAILED)} <= to_come


def each_case_that_is_paid_is_confirmed_to_the_merchant_once(view: Unit) -> None:
    paid = Counter(move.smart_transaction_id for move in view.moves.all(after={*selling.DONE}))
    confirmed = view.mails.all(kind=mail.Kind.MERCHANT_CONFIRMATION)
    assert Counter(written.smart_transaction_id for written in confirmed) == paid


RULES = (
    the_books_agree_with_the_payments,
    every_entry_sums_to_zero,
    every_cent_in_the_books_is_available_or_pending,
    what_a_payout_settles_is_settled,
    no_more_goes_back_than_came,
    no_more_is_given_back_than_was_collected,
    each_payment_is_where_the_whole_is_or_over,
    only_the_leading_payment_holds_money,
    every_move_is_in_the_tables_and_leads_to_where_things_are,
    every_new_simple_status_is_told_once,
    each_case_that_was_refused_will_end,
    each_case_that_is_paid_is_confirmed_to_the_merchant_once,
)


def the_bank_holds_what_the_payments_say(view: Unit, rail: MoodyBank) -> None:
    """Never less than nothing; and where nobody waits for its answer, the same as the payments."""
    assert min(rail.money.values(), default=0) >= 0
    busy = {a.smart_transaction_id for a in view.attempts.all(is_open=True) if a.result is not Result.REDIRECT}
    expected = reported(view)
    for payment in view.payments.all(kind=[*LEADING]):
        expected[payment.smart_transaction_id] += held(payment)
    assert all(rail.money[id] == amount for id, amount in expected.items() if id not in busy)


def reported(view: Unit) -> Counter[str]:
    """What the bank holds no longer because of its own reports, by Smart Transaction."""
    lost: Counter[str] = Counter()
    for posting in view.postings.all(account=LedgerAccount.PAYER, why=[State.ISSUE, State.RESOLVED]):
        lost[posting.smart_transaction_id] += posting.amount
    for move in view.moves.all(why=[Occasion.REFUSED.value, calendar.EXPIRED]):
        moved = view.payments.find(move.object_id)
        if moved and moved.kind in LEADING:
            lost[move.smart_transaction_id] += moved.amount
    return lost


def what_was_given_up_holds_no_money(view: Unit) -> None:
    ended = {case.id for case in view.smart_transactions.all(status=[StxStatus.ABORTED, StxStatus.CANCELLED])}
    for payment in view.payments.all(kind=[*LEADING, Kind.PART]):
        if payment.is_abandoned or payment.smart_transaction_id in ended:
            assert held(payment) == 0, [payment, *view.moves.all(object_id=payment.id)]


def held(payment: Payment) -> int:
    """The money that a payment holds, or waits for."""
    return 0 if payment.state in (State.CREATED, State.ISSUE) else payment.effective.amount


def moves_by_object(view: Unit) -> dict[str, list[Move]]:
    """Every move, in order, by what moved."""
    found: dict[str, list[Move]] = {}
    for move in view.moves.all():
        found.setdefault(move.object_id, []).append(move)
    return found


def assert_path(table: Moves, path: list[State] | list[StxStatus], end: State | StxStatus) -> None:
    """The table knows each step of a path, and it leads there."""
    for here, there in pairwise(path):
        assert there in table[here], (here, there)
    assert path[-1] is end


def test_whatever_happens_no_money_is_made_or_lost(
    request: pytest.FixtureRequest, sqlite_template: Path, on_sqlite: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    examples, steps = LONG if soak.SECONDS or request.config.getoption("everything") else SHORT
    numbers = count()

    class NextLife(Lives):
        def __init__(self) -> None:
            next(numbers)
            copy_over(sqlite_template, on_sqlite)
            super().__init__(on_sqlite)

    for _ in soak.rounds():
        run_state_machine_as_test(
            NextLife,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                derandomize=not soak.SECONDS,
            ),
        )
    assert Lives.steps >= ENOUGH_STEPS
    with capsys.disabled():
        print(f"\n{Lives.steps:,} steps in {next(numbers):,} random lives, and the books agree after each")
