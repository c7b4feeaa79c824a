"""Who is told of a refund, when, and how often: whoever asked for it has the answer already."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from pfennig.domain.attempt import Outcome, Reason, Result, Verb
from pfennig.domain.history import RefundPush
from pfennig.gateways import Request
from pfennig.operations import calendar
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts, refunds
from pfennig.operations.pay.refunds import RefundRequest
from pfennig.storage.database import Database
from tests.banks import ScriptedBank
from tests.conftest import Api, Change, Json, StoppedClock

SHOP = "https://shop.example.test/push"
CONTRACT = "https://shop.example.test/contract"
CARD: Json = {"container": {"private": {"pan": "411111XXXXXX1111"}}}

Told = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def with_address(contract: Change) -> None:
    """My contract has a push address of its own."""
    contract(url_push=CONTRACT)


@pytest.fixture
def operator(platform: Platform) -> Call:
    """Somebody who gives money back without the shop."""
    return Call(platform, None, "de", role="operator", merchant_id="MRC_MINE")


@pytest.fixture
def told(database: Database) -> Callable[[], Told]:
    """What was told since the payment was accepted: of which kind of payment, what, and at which address."""

    def told() -> Told:
        with database.view() as view:
            kinds = {payment.id: payment.kind.value for payment in view.payments.all()}
            return [
                (kinds[event.object_id], event.type.value, event.url.rpartition("/")[2])
                for event in view.events.all()[1:]
            ]

    return told


def paid(mine: Api, **fields: Json) -> tuple[str, str]:
    """The ids of a Smart Transaction that was paid, and of its payment."""
    case = mine.post(f"Smart/Transactions/{mine.buy(**fields)['id']}/start/creditcard", CARD)
    return case["id"], case["transactions"][0]["id"]


def unsure(_: Request) -> Outcome:
    """The bank does not know."""
    return Outcome(Result.UNSURE)


VOID = ("payment", "changed", "push")


@pytest.mark.parametrize("door", ["Smart", "Payment"])
def test_a_refund_that_the_shop_asked_for_is_told_to_the_contract_alone(
    mine: Api, told: Callable[[], Told], door: str
) -> None:
    case, payment = paid(mine)
    mine.post(f"Smart/Transactions/{case}/cancel" if door == "Smart" else f"Payment/Transactions/{payment}/cancel")
    assert told() == [("refund", "added", "contract"), VOID]


@pytest.mark.parametrize(
    ("whom", "expected"),
    [
        (RefundPush.BOTH, [("refund", "added", "contract"), ("refund", "added", "push"), VOID]),
        (RefundPush.NOBODY, [VOID]),
    ],
)
def test_the_contract_says_who_else_is_told_of_it(
    mine: Api, contract: Change, told: Callable[[], Told], whom: RefundPush, expected: Told
) -> None:
    contract(url_push=CONTRACT, refund_push=whom)
    case, _ = paid(mine)
    mine.post(f"Smart/Transactions/{case}/cancel")
    assert told() == expected


def test_one_address_for_both_is_told_once(mine: Api, contract: Change, told: Callable[[], Told]) -> None:
    contract(url_push=SHOP, refund_push=RefundPush.BOTH)
    case, _ = paid(mine)
    mine.post(f"Smart/Transactions/{case}/cancel")
    assert told() == [("refund", "added", "push"), VOID]


def test_a_part_that_the_shop_asked_for_is_told_to_the_contract_alone(mine: Api, told: Callable[[], Told]) -> None:
    _, payment = paid(mine)
    mine.post(f"Payment/Transactions/{payment}/cancel", {"reduce_amount_by": 200})
    assert told() == [("refund", "added", "contract")]


def test_a_refund_that_anybody_else_made_is_told_once_and_before_the_end_of_its_payment(
    mine: Api, operator: Call, told: Callable[[], Told]
) -> None:
    _, payment = paid(mine)
    refunds.cancel(operator, payment, RefundRequest())
    assert told() == [("refund", "added", "push"), VOID]


def test_of_a_part_that_anybody_else_gave_back_the_payment_is_told_too(
    mine: Api, operator: Call, told: Callable[[], Told]
) -> None:
    _, payment = paid(mine)
    refunds.cancel(operator, payment, RefundRequest(reduce_amount_by=200))
    assert told() == [("refund", "added", "push"), ("payment", "changed", "push")]
    refunds.cancel(operator, payment, RefundRequest())
    assert told()[2:] == [("refund", "added", "push"), VOID]


def test_without_an_address_of_the_transaction_the_contract_is_told(
    mine: Api, operator: Call, told: Callable[[], Told]
) -> None:
    _, payment = paid(mine, application_context={})
    refunds.cancel(operator, payment, RefundRequest())
    assert told() == [("refund", "added", "contract"), ("payment", "changed", "contract")]


def test_a_refund_that_is_refused_at_once_is_told_once(
    mine: Api, operator: Call, bank: ScriptedBank, told: Callable[[], Told]
) -> None:
    _, payment = paid(mine)
    bank.says[Verb.REFUND] = lambda _: Outcome(Result.DENIED, Reason.DO_NOT_HONOUR)
    refunds.cancel(operator, payment, RefundRequest())
    assert told() == [("refund", "added", "push")]


@pytest.mark.parametrize(("is_shops", "where"), [(True, "contract"), (False, "push")])
def test_a_refund_about_which_the_bank_is_not_sure_is_told_again_when_it_is(
    mine: Api,
    operator: Call,
    sweeper: Call,
    bank: ScriptedBank,
    clock: StoppedClock,
    told: Callable[[], Told],
    is_shops: bool,
    where: str,
) -> None:
    _, payment = paid(mine)
    bank.says[Verb.REFUND] = unsure
    if is_shops:
        mine.post(f"Payment/Transactions/{payment}/cancel")
    else:
        refunds.cancel(operator, payment, RefundRequest())
    clock.advance(minutes=2)
    calendar.run_due(sweeper)
    assert told() == [("refund", "added", where)], "it is asked about again, and still not known"
    bank.says.clear()
    clock.advance(minutes=10)
    calendar.run_due(sweeper)
    assert told() == [("refund", "added", where), ("refund", "changed", where), VOID]


def test_a_refund_that_a_crash_left_open_is_told_to_whom_it_would_have_been(
    mine: Api, sweeper: Call, bank: ScriptedBank, clock: StoppedClock, told: Callable[[], Told]
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def die(_: Request) -> Outcome:
        raise Killed

    _, payment = paid(mine)
    bank.says[Verb.REFUND] = die
    with pytest.raises(Killed):
        mine.post(f"Payment/Transactions/{payment}/cancel")
    assert told() == []
    bank.says.clear()
    clock.advance(seconds=(attempts.SWEPT_AFTER + timedelta(seconds=1)).total_seconds())
    attempts.sweep(sweeper)
    assert told() == [("refund", "added", "contract"), VOID]


def test_money_of_an_abandoned_payment_that_goes_back_by_itself_is_told_to_the_transaction(
    mine: Api, bank: ScriptedBank, sweeper: Call, clock: StoppedClock, told: Callable[[], Told]
) -> None:
    bank.says[Verb.START] = unsure
    path = f"Smart/Transactions/{mine.buy()['id']}"
    mine.post(f"{path}/prepare/creditcard", CARD)
    mine.post(f"{path}/abort")
    bank.says[Verb.START] = lambda _: Outcome(Result.CAPTURED)
    clock.advance(minutes=2)
    calendar.run_due(sweeper)
    assert ("refund", "added", "push") in told()
    assert not [one for one in told() if one[2] == "contract"]
