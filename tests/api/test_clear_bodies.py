"""What moves money is not understood halfway: nothing that is sent may mean "all" by accident."""

import re
from typing import Any

import pytest

from pfennig.api.reference import plain
from pfennig.operations.books import payout_orders
from pfennig.resources import clarity
from tests.api.conftest import Everything, bought, payment_of, payment_path, prepared
from tests.conftest import Api, Json
from tests.described import known, operations

MOVING = {
    f"{action.verb} {noun.path}/{action.path}": (noun, action) for noun, action in operations() if action.moves_money
}
HARMLESS = (
    "POST Document/Uploads/",
    "P(UT|ATCH) General/Contracts/{id}",
    "POST General/Contracts/{id}/(getAvailablePaymentMethods.*|IframeOptions|savePaymentLinkConfiguration)",
    ".* General/Contracts/{id}/ThirdPartyConfiguration.*",
    "POST .*/Contracts/{id}/(updateBankAccount|requestId|clone)",
    ".* General/(Merchants|Stores)/.*",
    ".* Payment/(Containers|Customers|Mandates|Plans)/.*",
    "POST (Payment/Secupay(?!payout).*|Smart/Transactions)/",
    "P(UT|OST) Payment/Secupay.*/{id}/(basket|assignExternalInvoicePdf/{document})",
    "POST Payment/Transactions/{id}/(getRefundBankAccount|getPaymentInstructions.*)",
    ".* Services/.*",
    "POST Smart/Idents/{id}/validate",
)
"""What moves no money, or, where something is made, only the amount that must be said."""

UNCLEAR: dict[str, Any] = {
    "a word that nobody knows": {"foo": "bar"},
    "nothing in a word that nobody knows": {"foo": None},
    "an empty list in a word that nobody knows": {"foo": []},
    "an amount by a name of one's own": {"reduce_amount": 100, "reason": "damage"},
    "the same with nobody's capitals": {"ReduceAmountBy": 100, "reason": "damage"},
    "a sum": {"checksum_of_it": "x", "reason": "damage"},
    "a number": {"value": 100, "reason": "damage"},
    "a number below nothing": {"value": -1, "reason": "damage"},
    "a number with a fraction": {"value": 1.5, "reason": "damage"},
    "a number as text": {"value": "100", "reason": "damage"},
    "a number as people write it": {"value": "1.000,00", "reason": "damage"},
    "a number in an object": {"refund": {"total": 100}, "reason": "damage"},
    "an amount in a list": {"refund": [{"amount": "all"}], "reason": "damage"},
    "an amount that says nothing": {"refund": {"amount": None}, "reason": "damage"},
    "a sum in a list that says nothing": {"refund": [{"net": {"sum": None}}], "reason": "damage"},
    "a currency before a number": {"refund": "EUR 100", "reason": "damage"},
    "a currency in words": {"refund": "100 Euros", "reason": "damage"},
    "a currency by its sign": {"refund": "\u20ac100", "reason": "damage"},
    "a currency of elsewhere": {"refund": "JPY 5000", "reason": "damage"},
    "a number in words": {"value": "one hundred", "reason": "damage"},
    "a number in words, in German": {"Rueckgabebetrag": "hundert", "reason": "damage"},
    "a value that says nothing": {"value": None, "reason": "damage"},
    "a total that says nothing": {"total": None, "reason": "damage"},
    "a price that says nothing": {"unit_price": None, "reason": "damage"},
    "a value in a reference": {"contract": {"value": 100}, "reason": "damage"},
    "not all": {"full": False, "reason": "damage"},
    "all of it": {"isAll": True, "reason": "damage"},
    "a part": {"partial_refund": True, "reason": "damage"},
    "a name that is a currency": {"\u20ac": "x", "reason": "damage"},
    "a number as the reason": {"reason": "50"},
    "an amount as the reason": {"reason": "50 EUR"},
}
CLEAR: dict[str, Any] = {
    "no body": None,
    "an empty body": {},
    "an empty object as PHP writes it": [],
    "what the older PHP SDK sends": {"contract": None, "amount": None, "reduce_stakeholder_payment": False},
    "a contract as an object": {"contract": {"id": "GCR_MINE", "trans_id": 7}},
    "another word beside a known one": {"reason": "damage", "remark": "as agreed", "urgent": True},
    "nothing by an unknown name": {"reason": "damage", "remark": None},
    "a reason with a number": {"reason": "50 items broken"},
    "a text with a number": {"note": "EUR 50 would be too much", "reason": "damage"},
    "what shops are known by": {
        "apikey": "5c0a4bd7bd71",
        "language": "de_DE",
        "hash": "xoevuoacybse5221103",
        "demo": 1,
    }
    | {"order_id": 7},
    "words that only look alike": {"callback": "x", "update": True, "currency": "EUR", "note": "damaged", "demo": 0},
}


def test_for_every_operation_it_is_decided_whether_it_moves_money() -> None:
    changing = {f"{a.verb} {noun.path}/{a.path}" for noun, a in operations() if a.verb != "GET"}
    harmless = {name for name in changing if any(re.fullmatch(one, name) for one in HARMLESS)}
    assert harmless.isdisjoint(MOVING)
    assert changing - harmless == MOVING.keys()


def test_what_is_not_understood_is_refused_by_its_name(
    mine: Api, everything: Everything, subtests: pytest.Subtests
) -> None:
    before = everything()
    for place, name in enumerate(MOVING):
        verb, path = name.split(" ")
        path = re.sub("{.*?}", "me", path)
        for what, body in UNCLEAR.items() if place == 0 else [[*UNCLEAR.items()][place % len(UNCLEAR)]]:
            with subtests.test(name, what=what):
                answer = mine.request(verb, path, json=body)
                assert (answer.status_code, answer.json()["code"]) == (400, 3180)
                assert next(iter(body)) in answer.json()["error_details"]
        with subtests.test(name):
            for content in (b'{"reason": "a", "reason": "b"}', b'{"contract": {"id": "a", "id": "b"}}'):
                answer = mine.request(verb, path, content=content)
                assert (answer.status_code, answer.json()["code"]) == (400, 3000)
            answer = mine.request(verb, f"{path}?reduce_amount_by=100", json={})
            assert (answer.status_code, answer.json()["code"]) == (400, 3180)
    assert everything() == before


@pytest.mark.parametrize("name", MOVING)
def test_no_operation_that_moves_money_understands_half_of_a_body(name: str) -> None:
    _, action = MOVING[name]
    for body in UNCLEAR.values():
        with pytest.raises(clarity.Unclear):
            clarity.require_clear(body, {}, action.body, action.also_sent or frozenset())


@pytest.mark.parametrize("name", MOVING)
def test_what_any_sdk_sends_is_understood(name: str) -> None:
    _, action = MOVING[name]
    operation = known().operations.get(plain(name.rstrip("/")))
    for field in sent_by_sdks(operation or {}):
        clarity.require_clear({field: 5, "reason": "x"}, {}, action.body, action.also_sent or frozenset())


def sent_by_sdks(operation: Json) -> set[str]:
    """The names that the official SDK has for a body."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    model = known().models[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return {name for part in (model, *model.get("allOf", ())) for name in part.get("properties", {})}


@pytest.mark.parametrize("what", CLEAR)
def test_without_a_word_about_it_a_cancellation_is_of_everything(what: str, mine: Api) -> None:
    for address in ("Payment/Transactions/{id}/cancel", "Payment/Secupaycreditcards/{id}/cancel"):
        payment = payment_of(mine, bought(mine))
        body, path = CLEAR[what], address.replace("{id}", payment["id"])
        answer = mine.request("POST", path, **({} if body is None else {"json": body}))
        assert answer.status_code == 200, answer.text
        assert mine.get(f"Payment/Transactions/{payment['id']}/checkStatus")["amount"] == 0


WRONG = {
    "an empty list": b"[]",
    "an object": b"{}",
    "a list of it": b"[100]",
    "true": b"true",
    "an exponent": b"1e2",
    "a fraction": b"100.5",
    "a fraction that is whole": b"100.0",
    "an exponent as text": b'"1e2"',
    "an empty text": b'""',
    "nothing as text": b'"null"',
    "digits of elsewhere": '"١٠٠"'.encode(),
    "a sign": b'"+100"',
    "less than nothing": b"-100",
    "more than there is money": b"1" + b"0" * 40,
    "no number": b"NaN",
    "without end": b"1e999",
}
FIELDS = {
    "POST Payment/Transactions/{id}/cancel": ("reduce_amount_by", "amount"),
    "POST Payment/Secupaycreditcards/{id}/cancel": ("reduce_amount_by", "amount"),
    "POST Payment/Transactions/{id}/capture": ("amount",),
    "POST Payment/Transactions/{id}/IncreaseAmount": ("amount",),
}


@pytest.mark.parametrize("name", FIELDS)
def test_an_amount_of_the_wrong_kind_is_refused_and_nothing_happens(
    name: str, mine: Api, everything: Everything, subtests: pytest.Subtests
) -> None:
    case = prepared(mine) if "capture" in name else bought(mine)
    verb, path = name.replace("{id}", case["transactions"][0]["id"]).split(" ")
    before = everything()
    for field in FIELDS[name]:
        nothing = {} if field == "amount" and "cancel" in name else {"null": b"null"}
        for what, value in (WRONG | nothing).items():
            with subtests.test(f"{what} as {field}"):
                answer = mine.request(verb, path, content=b'{"reason": "x", "%s": %s}' % (field.encode(), value))
                assert (answer.status_code, answer.json()["code"] in (3000, 3001)) == (400, True), answer.text
                assert everything() == before


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("reason", ([], {}, 5, True)),
        ("reduce_stakeholder_payment", ([], {}, 2, "maybe", "null")),
        ("return_old_format", ([], {}, "null")),
        ("container_id", ([], {}, 5)),
    ],
)
def test_texts_and_truth_values_of_a_wrong_kind_are_refused_too(
    field: str, values: tuple[Any, ...], mine: Api, everything: Everything
) -> None:
    path = payment_path(bought(mine), "/cancel")
    before = everything()
    for value in values:
        assert mine.refused("POST", path, {field: value, "reduce_amount_by": 100})[::2] == (400, 3001), value
    assert everything() == before


def test_whether_money_is_held_back_is_said_as_a_truth_value(mine: Api, everything: Everything) -> None:
    payment = payment_of(mine, bought(mine, payment_context={"accrual": True}))
    path = f"Payment/Secupaycreditcards/{payment['id']}/accrual"
    before = everything()
    wrong: list[Any] = [[], {}, None, "null", "", 2, "no", [False]]
    for value in wrong:
        assert mine.refused("PUT", path, {"accrual": value})[::2] == (400, 3001), value
    assert everything() == before
    assert mine.refused("PUT", path, {"accrual": False, "amount": None})[::2] == (400, 3180)
    assert mine.put(path, {"id": payment["id"], "accrual": False})["accrual"] is False


def test_an_empty_list_is_an_absent_object_or_list(mine: Api) -> None:
    case = mine.buy(customer=[], basket={"products": []}, delivery_options=[], application_context=[])
    assert "customer" not in case
    assert mine.post(f"Smart/Transactions/{case['id']}/start/prepaid", {"customer": []})["status"] == "pending"
    captured = prepared(mine)
    assert mine.post(payment_path(captured, "/capture"), {"shipping_information": []})["amount"] == 500


def test_what_is_hidden_in_an_object_is_found(mine: Api, everything: Everything) -> None:
    held, case = prepared(mine), mine.buy()
    before = everything()
    for verb, path, body, where in (
        (
            "POST",
            payment_path(held, "/capture"),
            {"shipping_information": {"amount": 100}},
            "shipping_information.amount",
        ),
        ("PUT", f"Smart/Transactions/{case['id']}", {"basket_info": {"amount": 100}}, "basket_info.amount"),
        ("PUT", f"Smart/Transactions/{case['id']}", {"basket_info": {"sum": None}}, "basket_info.sum"),
    ):
        answer = mine.request(verb, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, 3180)
        assert where in answer.json()["error_details"]
    assert everything() == before


def test_a_case_can_be_sent_back_as_it_was_read(mine: Api) -> None:
    for case in (mine.buy(), bought(mine, "prepaid"), prepared(mine)):
        shown = mine.get(f"Smart/Transactions/{case['id']}")
        answer = mine.request("PUT", f"Smart/Transactions/{case['id']}", json=shown)
        assert answer.status_code == 200 or answer.json()["code"] != 3180, answer.text


def test_what_a_client_leaves_out_of_a_line_may_be_null(mine: Api) -> None:
    case = mine.buy()
    line = {"item_type": "article", "desc": "Mug", "quantity": 1, "priceOne": 500, "sum": None, "sum_net": None}
    path = f"Smart/Transactions/{case['id']}"
    assert mine.put(path, {"basket": {"products": [line]}})["basket_info"]["sum"] == 500
    line["sum_net"] = 1
    assert mine.refused("PUT", path, {"basket": {"products": [line]}})[::2] == (400, 3180)


@pytest.mark.parametrize(
    "path", ["transfers", "transfers/BKL_X/return", "payments/PCI_X/return", "payments/PCI_X/unassign"]
)
def test_the_bank_of_the_lab_understands_all_or_nothing(mine: Api, everything: Everything, path: str) -> None:
    before, needed = everything(), {} if "/" in path else {"amount": 5, "purpose": "x"}
    unknown = ({"amount_cents": 7}, {"fee": 1}, {"value": "EUR 100"}, {"total": None}, {"full": False})
    wrong = [*(needed | each for each in unknown), needed | {"amount": None}]
    for body in wrong:
        answer = mine.http.post(f"/lab/v1/bank/{path}", json=body, headers=mine.headers)
        assert (answer.status_code, answer.json()["code"] in (3000, 3180)) == (400, True), answer.text
    assert everything() == before


def test_what_is_not_needed_goes_back_only_as_far_as_was_said(mine: Api, everything: Everything) -> None:
    before = everything()
    for action in ("PCI_X/unassignPayment", "PCI_X/returnPayment", "me/returnTransfer/BKL_X"):
        for body in ({"amount": None}, {"amount": "EUR 100"}, {"amount": True}):
            assert mine.refused("POST", f"Payment/Transactions/{action}", body)[::2] == (400, 3001)
    assert everything() == before


@pytest.mark.parametrize("field", ["executionDate", "payout_date", "when", "Datum", "dueDate", "execute_at"])
def test_a_day_by_another_name_is_no_day_of_a_payout(field: str) -> None:
    said = {"amount": 5, "currency": "EUR", "purpose": "2026", "execution_date": "2027-01-01"}
    clarity.require_clear(said | {"updated": "x", "note": "today"}, {}, payout_orders.PayoutRequest, frozenset())
    for body in (said | {field: "soon"}, said | {"note": "2027-01-01"}, said | {"note": "1.1.2027"}):
        with pytest.raises(clarity.Unclear):
            clarity.require_clear(body, {}, payout_orders.PayoutRequest, frozenset())
    clarity.require_clear({"reason": "x", field: "2027-01-01"}, {}, None, frozenset())


@pytest.mark.parametrize(
    "body",
    [
        {"reduce_amount": None, "reason": "damage"},
        {"sum": None, "reason": "damage"},
        {"contract": {"reduce_amount_by": 100}},
        {"customer": {"amount": 100}, "reason": "x"},
        {"container": [{"reduce_amount_by": 100}]},
        {"object": {"amount": 100}},
        {"purpose": 100},
        {"reason": "x", "Reduce_Amount_By": "all"},
        *(
            {"reason": "x", "note": text}
            for text in ("100 EUR", "100.", "100,-", "1 000", "100€", "１００", "euro 5")
        ),
        {"reason": "x", "items": [{"price": "1.00 EUR"}]},
    ],
    ids=str,
)
def test_whatever_may_be_an_amount_by_another_name_refunds_nothing(mine: Api, body: Json) -> None:
    payment = payment_of(mine, bought(mine))["id"]
    answer = mine.request("POST", f"Payment/Transactions/{payment}/cancel", json=body)
    assert answer.status_code == 400, answer.text
    assert mine.get(f"Payment/Transactions/{payment}")["amount"] == 500


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "damage"},
        {"contract": {"id": "GCR_MINE"}, "reason": "damage"},
        {"reason": "damage", "shop": "Laden 24", "date": "2026-11-30", "note": "see order A-100"},
        {"reason": "damage", "order_id": 4711},
    ],
    ids=str,
)
def test_what_is_no_amount_is_passed_over_as_ever(mine: Api, body: Json) -> None:
    payment = payment_of(mine, bought(mine))["id"]
    assert mine.request("POST", f"Payment/Transactions/{payment}/cancel", json=body).status_code == 200
