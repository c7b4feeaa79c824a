"""The same random lives of payments, with an acquirer behind HTTP in the place of the simulated bank.

What it reports comes twice, late and in any order; payers come back from its pages, or do not.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from pfennig.domain.attempt import Attempt
from pfennig.gateways.notices import AccountOf, Delivery, Notice
from pfennig.operations import notices
from pfennig.operations.notices import UnderWay, UnknownReference
from pfennig.operations.pay import payments
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.storage.database import Database
from tests.acquirer.rail import PATIENCE_SECONDS, AcquirerRail
from tests.acquirer.server import Acquirer, running
from tests.conftest import copy_over
from tests.marketplace import ANNA
from tests.operations.test_lives import LONG, MOODS, NTH, SHOP, Lives, Mood, MoodyBank

FEW = (2, 20)
"""How many lives are played, and how many steps each is long: the rest is as with the simulated bank."""

MERCHANT = "shop-of-lives"
CHOICES = {"succeed": "yes", "fail": "no", "cancel": "leaves"}
HOSTED = ("creditcard", "debit")
"""Methods for which the acquirer asks payers itself, where we tell it no card and no account."""

RAIL = "simulator"
"""The name under which the bank of these lives stands."""


class ReportingBank(MoodyBank):
    """A moody one that is an acquirer, and passes on what that reports."""

    def notices(self, delivery: Delivery, account_of: AccountOf) -> Sequence[Notice]:
        """As the acquirer's rail reads them."""
        assert isinstance(self.inner, AcquirerRail)
        return self.inner.notices(delivery, account_of)


class AcquirerLives(Lives):
    """Lives at an acquirer."""

    acquirer: Acquirer
    rail: AcquirerRail

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        credentials = {"key": f"key-of-{MERCHANT}", "webhook_secret": self.acquirer.secrets[MERCHANT]}
        with database.unit() as unit:
            for contract in unit.contracts.all(id=[SHOP.contract_id, ANNA]):
                rails = {RAIL: {"methods": [], "credentials": credentials}}
                unit.contracts.change(contract, replace(contract, rails=rails))

    def opened(self) -> MoodyBank:
        """The bank of this life."""
        return ReportingBank(sweep=self.swept, inner=self.rail)

    def choose(self, attempt: Attempt, choice: str) -> None:
        """The payer decides at the acquirer's page, and comes back."""
        with suppress(StopIteration):  # it was never asked
            self.acquirer.payer(attempt.id, CHOICES[choice])
        notices.come_back(self.payer.platform, attempt.id)

    @rule(case=NTH, method=st.sampled_from(HOSTED), starts=st.booleans(), moods=MOODS)
    def pay_at_the_acquirer(self, case: int, method: str, starts: bool, moods: list[Mood]) -> None:
        verb = payments.start if starts else payments.prepare
        self.do(moods, lambda: verb(self.shop, self.case(case), method, PaymentRequest()))

    @rule(
        case=NTH,
        nth=NTH,
        type=st.sampled_from(["request.answered", "dispute.opened", "dispute.won", "payment.approved"]),
        hours=st.integers(-48, 0),
        times=st.integers(1, 2),
    )
    def webhook(self, case: int, nth: int, type: str, hours: int, times: int) -> None:
        with self.database.view() as view:
            made = view.attempts.all(smart_transaction_id=self.case(case))[::-1]
        if made:
            for _ in range(times):
                self.do([], lambda: self.reported(made[nth % len(made)], type, hours))

    def reported(self, attempt: Attempt, type: str, hours: int) -> None:
        """A webhook about an attempt, if the acquirer knows it; the same one again has the same name."""
        if (MERCHANT, attempt.id) not in self.acquirer.requests:
            return
        at = datetime(2026, 2, 4, tzinfo=UTC) + timedelta(hours=hours)
        event = self.acquirer.report(attempt.id, type, at, f"evt_{attempt.id}_{type}_{hours}")
        headers = {name.lower(): value for name, value in event.headers.items()}
        with suppress(UnderWay, UnknownReference):  # then it is sent again; by then something may be written
            notices.take(self.payer.platform, RAIL, Delivery(headers, event.body, datetime.now(UTC)))


@pytest.fixture
def at_work() -> Iterator[tuple[Acquirer, AcquirerRail]]:
    """An acquirer, and the rail to it."""
    with running() as acquirer, httpx.Client(timeout=PATIENCE_SECONDS) as http:
        acquirer.secrets[MERCHANT] = "whsec-of-lives"
        yield acquirer, AcquirerRail(acquirer.url, http, asks_payers_for=HOSTED)


def test_whatever_an_acquirer_says_no_money_is_made_or_lost(
    request: pytest.FixtureRequest,
    sqlite_template: Path,
    on_sqlite: Database,
    at_work: tuple[Acquirer, AcquirerRail],
) -> None:
    examples, steps = LONG if request.config.getoption("everything") else FEW
    numbers = count()

    class NextLife(AcquirerLives):
        acquirer, rail = at_work

        def __init__(self) -> None:
            next(numbers)
            copy_over(sqlite_template, on_sqlite)
            super().__init__(on_sqlite)

    run_state_machine_as_test(NextLife, settings=settings(max_examples=examples, stateful_step_count=steps))
    [acquirer, _] = at_work
    assert acquirer.seen
    assert not [kept for kept in acquirer.requests.values() if kept["status"] == "unknown"]
