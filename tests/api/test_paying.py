"""Prepare and start: from a transaction to its money, by every method that has a rail."""

import pytest

from pfennig.storage.database import Database
from tests.api.conftest import (
    CHALLENGED,
    INSTRUMENTS,
    REFUSED,
    AtTheBank,
    Everything,
    account,
    bought,
    card,
    payment_of,
    prepared,
)
from tests.conftest import PUBLIC_URL, Api, Json, StoppedClock

AUTO = {"payment_context": {"auto_capture": True}}
NOT_CAPTURABLE = (403, "ProductNotAllowedException", 1003)
WRONG_STATE = (403, "ProductNotAllowedException", 4001)

UNUSABLE: list[tuple[str, Json, int]] = [
    ("creditcard", {}, 3032),
    ("creditcard", {"container": {}}, 3032),
    ("creditcard", {"container": {"type": "credit_card", "private": {}}}, 3032),
    ("creditcard", {"container": {"private": {"pan": 4111}}}, 3001),
    ("creditcard", {"container": {"id": "PCT_NOBODY"}}, 3002),
    ("creditcard", account(), 3033),
    ("creditcard", card("1234"), 3034),
    ("creditcard", card("411111XXXXXX111"), 3034),
    ("creditcard", card("4111111111111112"), 3034),
    ("creditcard", card(expiration_date="2027-13"), 3035),
    ("creditcard", card(expiration_date="soon"), 3035),
    ("creditcard", card() | {"callback_urls": {"success_url": "javascript:alert(1)"}}, 3016),
    ("creditcard", card() | {"callback_urls": {"failure_url": "x" * 2001}}, 3001),
    ("creditcard", card() | {"callback_urls": ["https://shop.example.test"]}, 3001),
    ("debit", {}, 3032),
    ("debit", card(), 3033),
    ("debit", account("DE35500105175418493189"), 3031),
    ("debit", account("nonsense"), 3031),
    ("debit", {"container": {"private": {"owner": "Max"}}}, 3032),
]
"""A method, a body, and the code of the refusal."""


def simple(api: Api, case: Json) -> int:
    """The simple status of the payment that a Smart Transaction follows."""
    status: int = payment_of(api, case)["details"]["status_simple"]
    return status


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_a_reservation_is_approved_and_then_collected(mine: Api, method: str) -> None:
    case = prepared(mine, method)
    assert (case["status"], case["payment_method"], simple(mine, case)) == ("approved", method, 2)
    started = mine.post(f"Smart/Transactions/{case['id']}/start")
    assert (started["status"], simple(mine, started)) == ("ok", 1)
    assert started["transactions"] == case["transactions"]
    assert mine.get(f"Smart/Transactions/{case['id']}") == started


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_with_auto_capture_the_reservation_is_collected_at_once(mine: Api, method: str) -> None:
    case = prepared(mine, method, **AUTO)
    assert (case["status"], simple(mine, case)) == ("ok", 1)
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/start") == NOT_CAPTURABLE


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_a_start_with_a_method_needs_no_reservation_before(mine: Api, method: str) -> None:
    case = bought(mine, method)
    assert (case["status"], case["payment_method"], simple(mine, case)) == ("ok", method, 1)


@pytest.mark.parametrize("auto", [{}, AUTO], ids=["by-start", "auto"])
@pytest.mark.parametrize("verb", ["prepare", "start"])
def test_a_prepayment_waits_for_its_transfer(mine: Api, verb: str, auto: Json) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy(**auto)['id']}/{verb}/prepaid")
    assert (case["status"], case["payment_method"], simple(mine, case)) == ("pending", "prepaid", 10)
    assert "container" not in case
    assert case["payment_instructions"] == {
        "owner": "secupay AG",
        "iban": "DE81850400611005523759",
        "bic": "COBADEFFXXX",
        "bankname": "Commerzbank CC",
        "purpose": f"TA {case['trans_id']}",
        "girocode_url": f"{PUBLIC_URL}/qr/epc?stx={case['id']}",
    }


def test_a_payment_adds_what_is_known_of_it(mine: Api, clock: StoppedClock) -> None:
    case = mine.buy()
    clock.advance(minutes=1)
    paid = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card())
    [payment] = paid["transactions"]
    added = {name: value for name, value in paid.items() if case.get(name) != value}
    assert added == {
        "updated": "2026-02-04T10:31:00+01:00",
        "status": "approved",
        "trans_id": payment["trans_id"],
        "payment_method": "creditcard",
        "container": {"object": "payment.containers", "id": paid["container"]["id"], "type": "credit_card"},
        "token_status": {"status": "not requested"},
        "transactions": [payment],
    }
    assert payment["object"] == "payment.transactions"
    assert type(payment["trans_id"]) is int
    assert payment["transaction_hash"][12:] == str(payment["trans_id"])
    assert payment["transaction_hash"][:12].islower()


def test_numbers_of_payments_count_up(mine: Api) -> None:
    numbers = [prepared(mine)["trans_id"] for _ in range(3)]
    assert numbers == sorted(set(numbers))
    assert min(numbers) > 40_000_000


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"intent": "sale"}, "ok"),
        ({"intent": "sale", "delivery_options": {"type": "collection"}}, "ok"),
        ({"intent": "order"}, "received"),
        ({"intent": "order", "delivery_options": {"type": "shipping"}}, "received"),
        ({"intent": "order", "delivery_options": {"type": "collection", "store_id": "7"}}, "collection"),
    ],
    ids=["sale", "sale-collection", "order", "shipping", "collection"],
)
def test_the_intent_and_the_delivery_say_what_paid_means(mine: Api, fields: Json, status: str) -> None:
    case = bought(mine, **fields)
    assert case["status"] == status
    wished, shown = fields.get("delivery_options", {}), case.get("delivery_options", {})
    assert {name: shown[name] for name in shown if name != "code"} == wished
    assert ("code" in shown) is (wished.get("type") == "collection")
    assert mine.post(f"Smart/Transactions/{case['id']}/cancel")["status"] == "cancelled"


def test_the_method_of_a_start_may_be_named_again_but_not_changed(mine: Api) -> None:
    case = prepared(mine)
    path = f"Smart/Transactions/{case['id']}"
    assert mine.refused("POST", f"{path}/start/debit", account()) == NOT_CAPTURABLE
    assert mine.post(f"{path}/start/CreditCard")["transactions"] == case["transactions"]


def test_a_start_without_a_reservation_or_a_method_is_refused(mine: Api, everything: Everything) -> None:
    case = mine.buy()
    before = everything()
    answer = mine.request("POST", f"Smart/Transactions/{case['id']}/start")
    assert answer.json()["error_details"] == "The current status of the payment does not allow to capture it"
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/start") == NOT_CAPTURABLE
    assert everything() == before


def test_what_was_paid_cannot_be_paid_again(mine: Api, everything: Everything) -> None:
    case = bought(mine)
    before = everything()
    path = f"Smart/Transactions/{case['id']}"
    assert mine.refused("POST", f"{path}/start") == NOT_CAPTURABLE
    assert mine.refused("POST", f"{path}/start/creditcard", card()) == NOT_CAPTURABLE
    assert mine.refused("POST", f"{path}/prepare/creditcard", card()) == WRONG_STATE
    assert everything() == before


def test_a_method_must_be_contracted_wanted_and_have_a_rail(mine: Api, seller: Api, everything: Everything) -> None:
    unavailable = (403, "ProductNotAllowedException", 4002)
    wish = mine.buy(payment_context={"payment_methods": ["debit"]})
    plain, sold = mine.buy(), seller.buy()
    before = everything()
    for api, case, method in ((mine, plain, "eps"), (mine, plain, "giropay"), (mine, wish, "creditcard")):
        for verb in ("prepare", "start"):
            refusal = api.refused("POST", f"Smart/Transactions/{case['id']}/{verb}/{method}", INSTRUMENTS.get(method))
            assert refusal == unavailable
    assert seller.refused("POST", f"Smart/Transactions/{sold['id']}/prepare/debit", account()) == unavailable
    answer = mine.request("POST", f"Smart/Transactions/{plain['id']}/prepare/eps")
    assert answer.json()["error_details"] == "Payment method not available (for this customer)"
    assert everything() == before


def test_an_instrument_that_cannot_be_used_is_refused(
    mine: Api, everything: Everything, subtests: pytest.Subtests
) -> None:
    case = mine.buy()
    before = everything()
    for verb in ("prepare", "start"):
        for method, body, code in UNUSABLE:
            with subtests.test(verb=verb, method=method, body=str(body)):
                status, _, told = mine.refused("POST", f"Smart/Transactions/{case['id']}/{verb}/{method}", body)
                assert told == code
                assert status == (404 if code == 3002 else 400)
                assert everything() == before


def test_nulls_say_nothing_when_somebody_pays(mine: Api) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    nothing = {"container": None, "callback_urls": None}
    assert mine.post(f"{path}/start/prepaid", nothing)["status"] == "pending"


def test_nothing_cannot_be_paid(mine: Api) -> None:
    case = mine.buy(basket_info={"sum": 0})
    refusal = mine.refused("POST", f"Smart/Transactions/{case['id']}/start/prepaid")
    assert refusal == (400, "ProductFormatException", 3017)


def test_an_instrument_that_was_stored_is_used_again_by_its_id(mine: Api, stranger: Api, database: Database) -> None:
    container = prepared(mine)["container"]["id"]
    again = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", {"container": {"id": container}})
    assert (again["status"], again["container"]["id"]) == ("ok", container)
    with database.view() as view:
        assert len(view.containers.all()) == 1
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare/debit"
    assert mine.refused("POST", path, {"container": {"id": container}})[2] == 3033
    path = f"Smart/Transactions/{stranger.buy()['id']}/prepare/creditcard"
    assert stranger.refused("POST", path, {"container": {"id": container}})[::2] == (404, 3002)


def test_a_bank_account_is_completed_and_comes_with_a_mandate(mine: Api, database: Database) -> None:
    prepared(mine, "debit")
    with database.view() as view:
        [container] = view.containers.all()
    assert container.private["iban"] == "DE35500105175418493188"
    assert container.private["bic"] == "INGDDEFFXXX"
    assert container.mandate["identification"]
    assert container.mandate["creditor_id"]


def test_the_card_networks_of_the_shop_are_kept_to(mine: Api) -> None:
    case = mine.buy(contract={"id": "GCR_AUTO"})
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    assert mine.refused("POST", path, card("555555XXXXXX4444")) == (403, "ProductNotAllowedException", 4032)
    assert mine.post(path, card())["status"] == "ok"


# The step outside


def test_a_challenged_card_sends_the_payer_to_the_bank(mine: Api, at_the_bank: AtTheBank) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED)
    assert case["status"] == "created"
    assert case["iframe_url"].startswith(f"{PUBLIC_URL}/sim/3ds/")
    assert (case["payment_method"], simple(mine, case)) == ("creditcard", 0)
    at_the_bank(case, "succeed")
    after = mine.get(f"Smart/Transactions/{case['id']}")
    assert (after["status"], simple(mine, after)) == ("approved", 2)
    assert "iframe_url" not in after
    assert mine.post(f"Smart/Transactions/{case['id']}/start")["status"] == "ok"


@pytest.mark.parametrize("auto", [{}, AUTO], ids=["by-start", "auto"])
def test_a_challenge_that_is_met_leads_on_to_where_it_was_going(
    mine: Api, at_the_bank: AtTheBank, auto: Json
) -> None:
    verb = "prepare" if auto else "start"
    case = mine.post(f"Smart/Transactions/{mine.buy(**auto)['id']}/{verb}/creditcard", CHALLENGED)
    at_the_bank(case, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"


@pytest.mark.parametrize(("choice", "status"), [("fail", ("failed", 3)), ("cancel", ("created", 0))])
def test_a_challenge_that_is_not_met_fails_the_payment_and_one_that_is_left_does_not(
    mine: Api, at_the_bank: AtTheBank, choice: str, status: tuple[str, int]
) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED)
    at_the_bank(case, choice)
    after = mine.get(f"Smart/Transactions/{case['id']}")
    assert (after["status"], simple(mine, after)) == status
    assert "iframe_url" not in after
    at_the_bank(case, "succeed")  # the first answer counts
    assert mine.get(f"Smart/Transactions/{case['id']}") == after


def test_while_the_payer_is_at_the_bank_there_is_nothing_to_collect(mine: Api) -> None:
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED)
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/start") == NOT_CAPTURABLE


def test_the_addresses_to_come_back_to_are_kept_with_the_attempt(mine: Api, database: Database) -> None:
    urls = {"success_url": "https://shop.example.test/ok?a=1", "failure_url": "https://shop.example.test/no"}
    mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", CHALLENGED | {"callback_urls": urls})
    with database.view() as view:
        [attempt] = view.attempts.all()
    assert attempt.return_urls == urls


# Failure, and another try


def test_refused_data_fail_the_transaction_and_it_may_be_tried_again(mine: Api) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare"
    failed = mine.post(f"{path}/creditcard", REFUSED)
    assert (failed["status"], simple(mine, failed)) == ("failed", 3)
    again = mine.post(f"{path}/creditcard", REFUSED)
    assert again["status"] == "failed"
    assert again["trans_id"] != failed["trans_id"]
    assert mine.post(f"{path}/debit", account("DE75512108001245126199"))["status"] == "failed"
    good = mine.post(f"{path}/debit", account())
    assert (good["status"], simple(mine, good)) == ("approved", 2)
    assert simple(mine, failed) == 3


def test_a_new_prepare_gives_back_what_the_earlier_one_reserved(mine: Api) -> None:
    case = prepared(mine)
    second = mine.post(f"Smart/Transactions/{case['id']}/prepare/debit", account())
    assert (second["status"], second["payment_method"]) == ("approved", "debit")
    assert len(second["transactions"]) == 1
    assert (simple(mine, case), simple(mine, second)) == (5, 2)
    started = mine.post(f"Smart/Transactions/{case['id']}/start")
    assert (started["status"], simple(mine, second), simple(mine, case)) == ("ok", 1, 5)


def test_a_new_prepare_turns_away_from_the_bank(mine: Api, at_the_bank: AtTheBank) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare"
    first = mine.post(f"{path}/creditcard", CHALLENGED)
    second = mine.post(f"{path}/debit", account())
    assert "iframe_url" not in second
    with pytest.raises(Exception, match="given up"):
        at_the_bank(first, "succeed")
    assert mine.get(f"Smart/Transactions/{first['id']}") == second
    assert simple(mine, first) == 0
