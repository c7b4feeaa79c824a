"""Take in the webhooks of rails, and payers who come back from a rail's page.

A report may come twice, late, or in the wrong order: each is kept once, and whatever meant nothing when it came is
tried again after those that happened before it. Source: docs/add-a-rail.md#webhooks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from traceback import format_exception

import structlog

from pfennig import ids, language
from pfennig.domain.attempt import Attempt, Failure
from pfennig.domain.notice import Report
from pfennig.domain.parties import Contract
from pfennig.errors import NotFound, Refusal, Unavailable
from pfennig.gateways import CredentialsRefused, RailAccount, RailFailed, Request
from pfennig.gateways.notices import Delivery, Notice, Reporter, WrongSignature
from pfennig.operations import calendar
from pfennig.operations.acquiring import rails
from pfennig.operations.core import payment_tree, transactions
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts
from pfennig.storage.unit import Unit

log = structlog.get_logger()

ROLE = "rail"
"""The rail's name in the status history."""

SHOWN = 60
"""Characters of somebody else's word that an error repeats."""


class UnknownRail(NotFound):
    """There is no rail of this name that reports anything."""

    code = 3196


class UnknownReference(NotFound):
    """There is nothing that this report could be about."""

    code = 3197


class UnderWay(Unavailable):
    """This payment is being worked on. Please report it again in a moment."""

    code = 4186


class ReportNotRead(Unavailable):
    """This report could not be read. Please send it again later."""

    code = 4194


@dataclass(frozen=True)
class Inbox:
    """The inbox of one delivery of a rail.

    proven: the contracts whose accounts it was verified with. shown: those accounts.
    """

    platform: Platform
    rail: str
    proven: set[str] = field(default_factory=set)
    shown: list[RailAccount] = field(default_factory=list)

    def account_of(self, reference: str) -> RailAccount:
        """The contract's account at this rail that a reference belongs to. Raises UnknownReference, WrongSignature.

        Where nobody has given it any credentials, there is nothing to verify with: an empty key is anybody's.
        """
        with self.platform.database.view() as view:
            meant = self.attempts_about(view, reference)
            if not meant:
                raise UnknownReference(f"{reference[:SHOWN]!r} is nothing of ours")
            stx = view.smart_transactions.get(meant[-1].smart_transaction_id)
            account = self.genuine_account(view, view.contracts.get(stx.contract_id))
        if not any(account.credentials.values()):
            raise WrongSignature("its contract has no credentials at this rail")
        self.proven.add(stx.contract_id)
        self.shown.append(account)
        return account

    def genuine_account(self, view: Unit, contract: Contract) -> RailAccount:
        """Who a contract is at this rail. Raises WrongSignature: a key that somebody else wrote proves nothing."""
        try:
            return rails.account(view, contract, self.rail)
        except CredentialsRefused as error:
            log.error("rail refuses credentials", rail=self.rail, merchant=contract.merchant_id, error=str(error))
            raise WrongSignature(str(error)) from None

    def attempts_about(self, view: Unit, reference: str) -> list[Attempt]:
        """The attempts of this rail with this id, or that it calls so; in their order."""
        if not reference or "\0" in reference:
            return []
        by_id = view.attempts.all(id=reference, rail=self.rail)
        return by_id or view.attempts.all(reference=reference, rail=self.rail)

    def take(self, notice: Notice) -> bool:
        """Takes a notice in; False if it is about nothing of ours. Raises UnderWay, WrongSignature."""
        with self.platform.database.view() as view:
            meant = self.attempts_about(view, notice.reference)
            stx_by_id = view.smart_transactions.by_id(attempt.smart_transaction_id for attempt in meant)
        if not meant:
            return False
        if self.proven and not {stx.contract_id for stx in stx_by_id.values()} <= self.proven:
            raise WrongSignature(f"{notice.reference[:SHOWN]!r} is of another account than the one that has signed")
        call = Call(self.platform, None, language.DEFAULT, role=ROLE, merchant_id=meant[-1].merchant_id)
        for attempt in meant:
            if attempt.is_open:  # the attempt has an answer by now, whatever was reported
                attempts.resume(call, attempt)
        if notice.what is not None:
            keep(call, self.rail, meant[-1], notice)
        return True


def take(platform: Platform, rail: str, delivery: Delivery) -> int:
    """Takes in what a delivery says; answers how many notices. All that can be used is, before one is refused.

    Raises UnknownRail, UnknownReference, UnderWay, WrongSignature, UnreadableReport, ReportNotRead.
    """
    reporter: object = platform.rails.get(rail)
    if not isinstance(reporter, Reporter):
        raise UnknownRail(f"{rail[:SHOWN]!r} is no rail that reports anything")
    inbox = Inbox(platform, rail)
    notices = notices_in(delivery, reporter, inbox)
    unknown = [notice for notice in notices if not inbox.take(notice)]
    if unknown:
        raise UnknownReference(f"{unknown[0].reference[:SHOWN]!r} is nothing of ours")
    return len(notices)


def notices_in(delivery: Delivery, reporter: Reporter, inbox: Inbox) -> list[Notice]:
    """The notices in a delivery, in the order in which things happened. None is kept where the rail's code fails.

    Raises WrongSignature, UnreadableReport, UnknownReference, ReportNotRead.
    """
    try:
        return sorted(reporter.notices(delivery, inbox.account_of), key=lambda notice: notice.happened)
    except Refusal:
        raise
    except RailFailed as error:
        text = rails.without_secrets(str(error), *inbox.shown)
        log.warning("rail failed", rail=inbox.rail, error=text)
        inbox.platform.count_failure(inbox.rail, Failure.SILENCE)
    except Exception as error:
        text = rails.without_secrets("".join(format_exception(error)), *inbox.shown)
        log.error("bug in rail", rail=inbox.rail, support_id=ids.new_support(), exception=text)
        inbox.platform.count_failure(inbox.rail, Failure.BUG)
    raise ReportNotRead(f"{inbox.rail} could not read it")


def keep(call: Call, rail: str, attempt: Attempt, notice: Notice) -> None:
    """Stores a report of a payment once, and applies it with others that waited. Raises UnderWay."""
    with call.unit() as unit:
        payment = transactions.lock_both(unit, attempt.smart_transaction_id, attempt.payment_id).leading
        if unit.reports.one(payment_id=payment.id, rail=rail, word=notice.id) is None:
            unit.reports.add(report(unit, payment.id, rail, attempt, notice))
    while (requests := work_off(call, attempt.smart_transaction_id, payment.id)) is not None:
        attempts.carry_out(call, requests)


def work_off(call: Call, smart_transaction_id: str, payment_id: str) -> Sequence[Request] | None:
    """Applies the next report that leads somewhere; answers what to ask then, None if there is none.

    Raises UnderWay while a rail is asked about the payment.
    """
    with call.unit() as unit:
        locked = transactions.lock_both(unit, smart_transaction_id, payment_id)
        waiting = open_reports(unit, payment_id)
        if waiting and payment_tree.is_busy(unit, locked.payment):
            raise UnderWay(f"{payment_id} is being worked on")
        for each in waiting:
            follows = calendar.let_happen(call, unit, locked.stx, locked.payment, each.what, each.reason)
            if follows is not None:
                unit.reports.change(each, replace(each, is_open=False))
                return rails.requests(call, unit, follows)
    return None


def report(unit: Unit, payment_id: str, rail: str, attempt: Attempt, notice: Notice) -> Report:
    """A notice as it is kept."""
    if notice.what is None:
        raise ValueError("only what has happened to a payment is kept")
    return Report(
        id=ids.new("RPT"),
        merchant_id=attempt.merchant_id,
        smart_transaction_id=attempt.smart_transaction_id,
        payment_id=payment_id,
        attempt_id=attempt.id,
        rail=rail,
        word=notice.id,
        what=notice.what,
        reason=notice.reason,
        happened=notice.happened,
        created=unit.real_now,
    )


def open_reports(unit: Unit, payment_id: str) -> list[Report]:
    """The reports that may lead somewhere, in the order in which it happened: none from before the last that did."""
    every = sorted(unit.reports.all(payment_id=payment_id), key=moment_of)
    last = max((number for number, each in enumerate(every) if not each.is_open), default=-1)
    return every[last + 1 :]


def moment_of(report: Report) -> tuple[datetime, int]:
    """The moment of a notice, for sorting; of the same moment the one that came first."""
    return report.happened, report.seq


def come_back(platform: Platform, attempt_id: str) -> Attempt:
    """The attempt of a payer who comes back from a rail's page, after the rail was asked about it. Raises UnknownId.

    Whoever knows the address can come back, so only the rail is believed.
    """
    with platform.database.view() as view:
        attempt = view.attempts.get(attempt_id)
    if attempt.is_open:
        call = Call(platform, None, language.DEFAULT, merchant_id=attempt.merchant_id)
        attempts.resume_early(call, attempt, payer_is_back=True)
    with platform.database.view() as view:
        return view.attempts.get(attempt_id)
