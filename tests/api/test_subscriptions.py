"""Subscriptions: from the order to the end, by the clock and by the shop."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts
from pfennig.operations.privacy import access_and_erasure
from pfennig.operations.recurring import billing
from pfennig.storage.database import Database
from pfennig.storage.queries import lookups
from tests.api.conftest import CHALLENGED, REFUSED, AtTheBank, Refuses, account, card
from tests.api.recurring import TEMPLATE, advance, billed, item, ordered, phase, plan, read, set_to, subscribed
from tests.api.test_outcomes import lab
from tests.conftest import ON_BOTH, Api, Change, Json, StoppedClock

pytestmark = pytest.mark.usefixtures("books")
START = "2026-02-10T00:00:00+01:00"
DAILY = phase(100, "day")


class Killed(BaseException):
    """The process is gone."""


def die(*_: object) -> None:
    """Ends it."""
    raise Killed


def move(api: Api, id: str, verb: str, reason: str | None = None) -> Json:
    """What a move of a subscription answers."""
    return api.post(f"Payment/Subscriptions/{id}/{verb}", {"reason": reason} if reason else None)


def pushed(database: Database, id: str) -> int:
    """How many pushes there were about a subscription."""
    with database.view() as view:
        return len(view.events.all(target="payment.subscriptions", object_id=id))


def test_a_subscription_is_approved_with_its_order_and_active_with_its_money(mine: Api) -> None:
    known = plan(mine)
    case = ordered(mine, known, start_at=START)
    assert "subscription" not in case
    path = f"Smart/Transactions/{case['id']}"
    approved = mine.post(f"{path}/prepare/debit", account())
    found = read(mine, approved["subscription"]["id"])
    assert (approved["status"], found["status"]) == ("approved", "approved")
    assert "next_billing_time" not in found["billing_cycles"]
    paid = mine.post(f"{path}/start")
    found = read(mine, approved["subscription"]["id"])
    assert (paid["status"], found["status"], found["start_at"]) == ("ok", "active", START)
    assert found["billing_info"] == found["billing_cycles"]
    assert found["billing_info"]["next_billing_time"] == START
    assert found["plan"] == {"object": "payment.plans", "id": known}
    assert found["smart_transaction"] == {"object": "smart.transactions", "id": case["id"]}
    assert found["container"] == paid["container"] | {"type": "bank_account"}
    assert (found["merchant"]["id"], found["contract"]["id"], found["demo"]) == ("MRC_MINE", "GCR_MINE", False)
    assert found["customer"]["id"] == case["customer"]["id"]
    assert mine.get("Payment/Subscriptions", q=f"plan.id:{known} AND status:active")["data"] == [found]
    payment = mine.get(f"Payment/Transactions/{paid['transactions'][0]['id']}")
    assert payment["subscription"] == paid["subscription"]


@pytest.mark.parametrize("way", ["abort", "refused", "expired", "changed"])
def test_nothing_is_billed_for_an_order_that_was_not_paid(mine: Api, way: str) -> None:
    case = ordered(mine, plan(mine, DAILY))
    path = f"Smart/Transactions/{case['id']}"
    if way == "refused":
        assert "subscription" not in mine.post(f"{path}/start/creditcard", REFUSED)
        return
    id = mine.post(f"{path}/prepare/creditcard", card())["subscription"]["id"]
    if way == "abort":
        mine.post(f"{path}/abort")
    if way == "changed":
        products = [{"item_type": "article", "desc": "Mug", "priceOne": 500}]
        mine.put(path, {"basket": {"products": products}})
        mine.post(f"{path}/start/creditcard", card())
    advance(mine, days=20)
    assert read(mine, id)["status"] == ("approved" if way == "expired" else "cancelled")
    assert len(billed(mine, id)) <= 2
    amounts = [amount for _, amount, _ in billed(mine, id)]
    assert amounts == [600, 500] if way == "changed" else amounts == [600], "the first day is paid with the order"


def test_an_order_that_is_approved_again_is_the_same_subscription(mine: Api) -> None:
    path = f"Smart/Transactions/{ordered(mine, plan(mine))['id']}"
    first = mine.post(f"{path}/prepare/creditcard", card())["subscription"]
    mine.put(path, {"basket": {"products": [item(plan(mine, phase(7, "year")), start_at=START)]}})
    again = mine.post(f"{path}/start/debit", account())
    assert again["subscription"] == first
    found = read(mine, first["id"])
    assert (found["status"], found["container"]["type"], found["start_at"]) == ("active", "bank_account", START)


def test_cancelling_the_order_cancels_the_subscription(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at=START)
    mine.post(f"Smart/Transactions/{read(mine, id)['smart_transaction']['id']}/cancel")
    advance(mine, days=20)
    assert read(mine, id)["status"] == "cancelled"
    assert pushed(database, id) == 1
    assert [amount for _, amount, _ in billed(mine, id)] == [500, -500]


def test_an_order_has_links_only_for_what_can_pay_again(mine: Api) -> None:
    links = ordered(mine, plan(mine, DAILY))["payment_links"]
    assert set(links) == {"creditcard", "debit", "general"} < set(mine.buy()["payment_links"])


def test_an_order_that_costs_nothing_still_asks_the_payer(
    mine: Api, at_the_bank: AtTheBank, database: Database
) -> None:
    case = ordered(mine, plan(mine, DAILY), priceOne=0, start_at=START)
    waiting = mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", CHALLENGED)
    at_the_bank(waiting, "succeed")
    id = mine.get(f"Smart/Transactions/{case['id']}")["subscription"]["id"]
    set_to(mine, "2026-02-10T12:00:00")
    assert billed(mine, id) == [("2026-02-04", 0, "accepted"), ("2026-02-10", 100, "accepted")]
    with database.view() as view:
        assert [mail.kind.value for mail in view.mails.all()] == 2 * ["payer_confirmation", "merchant_confirmation"]


def test_what_begins_in_the_past_begins_with_the_payment(mine: Api) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at="2025-01-01T00:00:00")
    advance(mine, days=2)
    assert [day for day, *_ in billed(mine, id)] == ["2026-02-04", "2026-02-05", "2026-02-06"]
    assert [amount for _, amount, _ in billed(mine, id)] == [600, 100, 100]


def test_a_card_that_asks_its_payer_is_not_asked_when_he_is_away(mine: Api, at_the_bank: AtTheBank) -> None:
    case = ordered(mine, plan(mine, DAILY), start_at=START)
    at_the_bank(mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", CHALLENGED), "succeed")
    set_to(mine, "2026-02-10T12:00:00")
    id = mine.get(f"Smart/Transactions/{case['id']}")["subscription"]["id"]
    assert billed(mine, id)[-1] == ("2026-02-10", 100, "accepted")


def test_a_free_phase_makes_no_payment(mine: Api) -> None:
    trial = phase(0, "week", tenure_type="trial", total_cycles=2)
    id = subscribed(mine, plan(mine, trial, phase(100, "day", sequence=2)), start_at=START)
    set_to(mine, "2026-02-24T12:00:00")
    assert [day for day, amount, _ in billed(mine, id) if amount == 100] == ["2026-02-24"]
    cycles = read(mine, id)["billing_cycles"]["cycle_executions"]
    assert [each["cycles_completed"] for each in cycles] == [2, 1]


def test_a_suspended_subscription_leaves_out_what_falls_due(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, phase(100, total_cycles=3)), start_at="2026-03-31T08:00:00")
    set_to(mine, "2026-04-15T00:00:00")
    assert move(mine, id, "suspend", "Holidays") == {
        "object": "payment.subscriptions",
        "id": id,
        "status": "suspended",
        "reason": "Holidays",
    }
    assert "next_billing_time" not in read(mine, id)["billing_cycles"]
    set_to(mine, "2026-07-01T00:00:00")
    assert (move(mine, id, "activate")["status"], read(mine, id)["status"]) == ("activated", "active")
    assert read(mine, id)["billing_cycles"]["next_billing_time"] == "2026-07-31T08:00:00+02:00"
    set_to(mine, "2027-01-01T00:00:00")
    days = [day for day, amount, _ in billed(mine, id) if amount == 100]
    assert days == ["2026-03-31", "2026-07-31", "2026-08-31"]
    assert read(mine, id)["status"] == "completed"
    assert pushed(database, id) == 3


def test_a_cancelled_subscription_is_over(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at=START)
    assert move(mine, id, "cancel")["status"] == "cancelled"
    for verb in ("cancel", "suspend", "activate"):
        assert mine.refused("POST", f"Payment/Subscriptions/{id}/{verb}")[::2] == (403, 4001)
    assert mine.refused("POST", f"Smart/Transactions/{id}/updatePaymentContainer")[::2] == (403, 4001)
    advance(mine, days=30)
    assert len(billed(mine, id)) == pushed(database, id) == 1


def test_only_what_runs_can_be_moved(mine: Api, refuses: Refuses) -> None:
    case = ordered(mine, plan(mine))
    id = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card())["subscription"]["id"]
    for verb in ("cancel", "suspend", "activate"):
        refuses(f"Payment/Subscriptions/{id}/{verb}", {}, 403, 4001)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    refuses(f"Payment/Subscriptions/{id}/activate", {}, 403, 4001)
    refuses(f"Payment/Subscriptions/{id}/cancel", {"reason": "x" * 256}, 400, 3001)
    refuses("Payment/Subscriptions/SUB_NONE/cancel", {}, 404, 3002)
    refuses("Smart/Transactions/SUB_NONE/updatePaymentContainer", {}, 404, 3002)


def test_a_subscription_is_its_merchants(mine: Api, stranger: Api) -> None:
    id = subscribed(mine, plan(mine))
    assert stranger.get("Payment/Subscriptions")["count"] == 0
    for verb, path in (
        ("GET", f"Payment/Subscriptions/{id}"),
        ("POST", f"Payment/Subscriptions/{id}/cancel"),
        ("POST", f"Smart/Transactions/{id}/updatePaymentContainer"),
    ):
        assert stranger.refused(verb, path)[::2] == (404, 3002)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"plan_id": None}, 400, 3121),
        ({"plan_id": ""}, 400, 3121),
        ({"plan_id": "PLN_NONE"}, 404, 3002),
        ({"start_at": "tomorrow"}, 400, 3121),
        ({"start_at": "2028-03-01T00:00:00"}, 400, 3121),
        ({"start_at": "9999-12-31T23:59:59-14:00"}, 400, 3121),
    ],
)
def test_an_order_without_a_proper_plan_is_refused(
    mine: Api, refuses: Refuses, fields: Json, status: int, code: int
) -> None:
    basket = {"products": [item(plan(mine)) | fields]}
    refuses("Smart/Transactions", {"basket": basket, "application_context": TEMPLATE}, status, code)


@pytest.mark.parametrize("case", ["two", "no template", "a share", "nested", "another currency", "not enabled"])
def test_an_order_that_subscribes_in_another_way_is_refused(
    mine: Api, refuses: Refuses, contract: Change, case: str
) -> None:
    one = item(plan(mine))
    share = {"item_type": "stakeholder_payment", "sum": 10, "contract_id": "GCR_SELLER"}
    part = {"item_type": "sub_transaction", "sum": 500, "contract_id": "GCR_SELLER", "sub_basket": [one]}
    products = {"two": [one, one], "a share": [one, share], "nested": [part]}.get(case, [one])
    wish: dict[str, Any] = {"basket": {"products": products}, "application_context": TEMPLATE}
    if case == "no template":
        del wish["application_context"]
    if case == "another currency":
        wish["basket_info"] = {"sum": 500, "currency": "CHF"}
    if case == "not enabled":
        contract(recurring=False)
    refuses("Smart/Transactions", wish, *((403, 4121) if case == "not enabled" else (400, 3121)))


def test_a_plan_of_another_merchant_is_refused(mine: Api, seller: Api, refuses: Refuses) -> None:
    basket = {"products": [item(plan(seller))]}
    refuses("Smart/Transactions", {"basket": basket, "application_context": TEMPLATE}, 403, 2101)


def test_a_token_that_pays_once_pays_no_subscription(mine: Api) -> None:
    token = {
        "version": "EC_v1",
        "data": "d",
        "signature": "s",
        "header": {"publicKeyHash": "h", "transactionId": "t"},
    }
    token["header"] |= {"ephemeralPublicKey": "k"}  # type: ignore[operator]
    body = {"container": {"type": "applepay", "private": token}}
    case = ordered(mine, plan(mine))
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/start/creditcard", body)[::2] == (403, 4122)


def test_what_cannot_be_collected_is_tried_three_times_more_and_then_rests(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, phase(100, "week")), start_at=START)
    for _ in range(4):
        lab(mine, "outcomes", outcome="insufficient_funds")
    set_to(mine, "2026-02-17T12:00:00")
    tries = [(f"2026-02-{day}", 100, "denied") for day in (10, 11, 13, 17)]
    assert billed(mine, id)[1:] == tries
    assert (read(mine, id)["status"], pushed(database, id)) == ("suspended", 1)
    advance(mine, days=10)
    assert len(billed(mine, id)) == 5
    move(mine, id, "activate")
    advance(mine, days=5)
    assert billed(mine, id)[5:] == [("2026-02-27", 100, "accepted"), ("2026-03-03", 100, "accepted")]


def test_other_payment_details_take_over(mine: Api, at_the_bank: AtTheBank, database: Database) -> None:
    id = subscribed(mine, plan(mine, phase(100, "week")), start_at=START)
    before = read(mine, id)
    case = mine.post(f"Smart/Transactions/{id}/updatePaymentContainer")
    assert (case["status"], case["basket_info"]["sum"], case["subscription"]["id"]) == ("created", 0, id)
    assert (case["customer"], case["contract"]) == (
        mine.get(f"Smart/Transactions/{case['id']}")["customer"],
        before["contract"],
    )
    page = mine.http.get(case["payment_links"]["general"], follow_redirects=True)
    assert page.status_code == 200, page.text
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/prepaid")[::2] == (403, 4002)
    mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", REFUSED)
    assert read(mine, id) == before
    waiting = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", CHALLENGED)
    at_the_bank(waiting, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    assert read(mine, id)["container"]["id"] == waiting["container"]["id"] != before["container"]["id"]
    assert pushed(database, id) == 1
    direct = mine.post(f"Smart/Transactions/{id}/updatePaymentContainer")["id"]
    mine.post(f"Smart/Transactions/{direct}/prepare/debit", account())
    set_to(mine, "2026-02-10T12:00:00")
    last = mine.get("Payment/Transactions", q=f"subscription.id:{id}", count=1)["data"][0]
    assert last["amount"] == 100
    assert last["payment_data"].startswith("DE")


@pytest.mark.parametrize("way", ["archived", "no method", "not enabled"])
def test_where_nobody_may_be_asked_the_payment_fails_at_once(mine: Api, contract: Change, way: str) -> None:
    id = subscribed(mine, plan(mine), start_at=START)
    if way == "archived":
        mine.request("PUT", f"Payment/Containers/{read(mine, id)['container']['id']}/archive")
    else:
        contract(**({"methods": ["debit"]} if way == "no method" else {"recurring": False}))
    set_to(mine, "2026-02-10T12:00:00")
    assert billed(mine, id)[1:] == [("2026-02-10", 100 * 10, "denied")]
    assert read(mine, id)["billing_cycles"]["next_billing_time"] == "2026-02-11T00:00:00+01:00"


def test_a_card_that_is_over_is_not_asked_any_more(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine), card(expiration_date="2026-02"), start_at=START)
    set_to(mine, "2026-02-10T12:00:00")
    assert [word for _, _, word in billed(mine, id)][-1] == "accepted"
    set_to(mine, "2026-03-10T12:00:00")
    assert [word for _, _, word in billed(mine, id)][-1] == "denied"
    with database.view() as view:
        assert view.payments.all()[-1].reason == "card_expired"


def test_a_payer_can_pay_himself_what_was_not_collected(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, phase(100, "week")), start_at=START)
    lab(mine, "outcomes", outcome="insufficient_funds")
    set_to(mine, "2026-02-10T12:00:00")
    assert mine.get("Smart/Transactions", q=f"subscription.id:{id}")["count"] == 1, "what bills a cycle is not listed"
    with database.view() as view:
        [cycle] = view.smart_transactions.all(subscription_id=id, cycle=1)
    page = mine.get(f"Smart/Transactions/{cycle.id}")
    assert (page["status"], page["subscription"]["id"]) == ("failed", id)
    mine.post(f"Smart/Transactions/{cycle.id}/start/debit", account())
    advance(mine, days=7)
    assert [word for _, _, word in billed(mine, id)] == ["accepted", "denied", "accepted", "accepted"]
    assert read(mine, id)["billing_cycles"]["cycle_executions"][0]["cycles_completed"] == 2


def test_a_merchant_can_do_without_what_was_not_collected(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, phase(100, "week")), start_at=START)
    lab(mine, "outcomes", outcome="insufficient_funds")
    set_to(mine, "2026-02-10T12:00:00")
    with database.view() as view:
        [cycle] = view.smart_transactions.all(subscription_id=id, cycle=1)
    mine.post(f"Smart/Transactions/{cycle.id}/abort")
    assert read(mine, id)["billing_cycles"]["next_billing_time"] == "2026-02-17T00:00:00+01:00"


def test_a_review_is_waited_for(mine: Api) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at=START)
    lab(mine, "outcomes", outcome="review_approved")
    set_to(mine, "2026-02-10T12:00:00")
    assert billed(mine, id)[1:] == [("2026-02-10", 100, "pending")]
    assert "next_billing_time" not in read(mine, id)["billing_cycles"]
    advance(mine, days=1)
    assert billed(mine, id)[1:] == [("2026-02-10", 100, "accepted"), ("2026-02-11", 100, "accepted")]


def test_a_crash_before_the_rail_was_asked_bills_nobody_twice(
    mine: Api, platform: Platform, database: Database, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at=START)

    call = Call(platform, None, "de", role="clock", merchant_id="MRC_MINE")
    lab(mine, "clock/set", now="2026-02-09T23:59:59+01:00")
    with database.view() as view:
        [due] = view.appointments.all(object_id=id, is_open=True)
    clock.advance(seconds=1)
    with monkeypatch.context() as crash:
        crash.setattr(attempts, "carry_out", die)
        with pytest.raises(Killed):
            billing.bill(call, due)
    assert billed(mine, id)[1:] == [("2026-02-10", 100, "proceed")]
    billing.bill(call, due)
    clock.advance(minutes=2)
    attempts.sweep(call)
    assert billed(mine, id)[1:] == [("2026-02-10", 100, "accepted")]
    assert read(mine, id)["billing_cycles"]["next_billing_time"] == "2026-02-11T00:00:00+01:00"


def test_the_database_takes_one_transaction_for_each_cycle(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at=START)
    with database.unit() as unit:
        subscription = unit.subscriptions.get(id)
        [daily] = subscription.plan
        assert billing.open_cycle(unit, subscription, daily).cycle == 1
        assert lookups.if_unique(unit, lambda: billing.open_cycle(unit, subscription, daily)) is None


@ON_BOTH
def test_two_workers_that_look_at_the_same_moment_make_one_payment(
    mine: Api, platform: Platform, database: Database, clock: StoppedClock
) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at="2026-02-05T00:00:00+01:00")
    lab(mine, "clock/set", now="2026-02-04T23:59:59+01:00")
    with database.view() as view:
        [due] = view.appointments.all(object_id=id, is_open=True)
    clock.advance(seconds=1)
    call = Call(platform, None, "de", role="worker", merchant_id="MRC_MINE")
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: billing.bill(call, due), range(4)))
    assert [amount for _, amount, _ in billed(mine, id)] == [500, 100]


def test_who_subscribes_is_not_forgotten_before_it_is_over(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at=START)
    customer = read(mine, id)["customer"]["id"]
    with database.view() as view:
        assert [each.id for each in access_and_erasure.personal_data(view, customer).subscriptions] == [id]
    with database.unit() as unit, pytest.raises(access_and_erasure.StillNeeded):
        access_and_erasure.erase(unit, customer)
    move(mine, id, "cancel")
    with database.unit() as unit:
        assert access_and_erasure.erase(unit, customer).transactions == 1


def test_pushes_of_a_subscription_go_where_those_of_its_order_go(mine: Api, database: Database) -> None:
    id = subscribed(mine, plan(mine, DAILY), start_at=START)
    move(mine, id, "suspend")
    with database.view() as view:
        [event] = view.events.all(object_id=id)
    assert (event.url, event.type, event.target) == (
        "https://shop.example.test/push",
        "changed",
        "payment.subscriptions",
    )
