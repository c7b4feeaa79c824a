"""Every wrong way that a payer, a browser or somebody curious may take, and where it leads: nothing is paid twice."""

import re
from typing import Any

import httpx
import pytest

from tests.checkout.conftest import Payer
from tests.conftest import Api, Json

SHOP = "https://shop.example.test"
CARD = {"number": "4111111111111111", "expiry": "12/39", "cvv": "123", "owner": "Max"}
CHALLENGED = CARD | {"number": "4635440000002298"}
DEBIT = {"iban": "DE35500105175418493188", "owner": "Max"}
AUTO: Json = {"payment_context": {"auto_capture": True}}


def link(case: Json, method: str = "general") -> str:
    """The payment link of a method."""
    found: str = case["payment_links"][method]
    return found


def payments(api: Api) -> list[Any]:
    """Every payment so far, newest first."""
    found: list[Any] = api.get("Payment/Transactions")["data"]
    return found


def status(api: Api, case: Json) -> str:
    """Where it stands."""
    found: str = api.get(f"Smart/Transactions/{case['id']}")["status"]
    return found


def give_up(payer: Payer, case: Json) -> None:
    """Presses the button that leads back to the shop."""
    [token] = re.findall(r'class="abort".*?name="token" value="([^"]+)"', payer.page, re.DOTALL)
    payer.go("POST", f"/pay/abort?stx={case['id']}", data={"token": token})


@pytest.mark.parametrize("first", ["creditcard", "debit"])
@pytest.mark.parametrize("fields", [{}, AUTO], ids=["reserved", "collected"])
def test_two_tabs_with_two_forms_pay_once(mine: Api, http: httpx.Client, first: str, fields: Json) -> None:
    case = mine.buy(**fields)
    one, other = Payer(http), Payer(http)
    one.open(link(case, first))
    other.open(link(case, "debit"))
    one.send(**CARD, iban=DEBIT["iban"])
    done = status(mine, case)
    other.send(**DEBIT)
    assert other.sent_to == f"{SHOP}/success?order=7"
    assert len(payments(mine)) == 1
    assert status(mine, case) == done


def test_a_form_in_a_tab_pays_nothing_after_the_other_tab_gave_up(mine: Api, http: httpx.Client) -> None:
    case = mine.buy()
    one, other = Payer(http), Payer(http)
    one.open(link(case, "debit"))
    give_up(other.open(link(case)), case)
    assert other.sent_to == f"{SHOP}/abort?order=7"
    one.send(**DEBIT)
    assert (one.status, one.sent_to.partition("?")[0]) == (200, "/pay/result")
    assert payments(mine) == []
    assert status(mine, case) == "aborted"


def test_going_back_from_the_bank_and_sending_the_form_again_leads_to_the_same_bank(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    form = payer.open(link(case, "creditcard")).answer
    bank = payer.send(**CHALLENGED).sent_to
    payer.answer = form
    assert payer.send(**CHALLENGED).sent_to == bank
    assert len(payments(mine)) == 1


def test_going_back_from_the_bank_and_paying_in_another_way_pays_once(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    bank = payer.open(link(case, "creditcard")).send(**CHALLENGED).answer
    assert 'id="method-debit"' in payer.open(link(case)).page
    payer.open(link(case, "debit")).send(**DEBIT)
    assert status(mine, case) == "approved"
    payer.answer = bank
    payer.send(choice="succeed")
    assert payer.sent_to == f"{SHOP}/success?order=7"
    assert [each["details"]["status_simple"] for each in payments(mine)] == [2, 0]


@pytest.mark.parametrize(("method", "typed"), [("debit", DEBIT), ("creditcard", CARD), ("prepaid", {})])
def test_a_form_over_another_sum_is_out_of_date(mine: Api, payer: Payer, method: str, typed: dict[str, str]) -> None:
    case = mine.buy()
    payer.open(link(case, method))
    mine.put(f"Smart/Transactions/{case['id']}", {"basket_info": {"sum": 50_000, "currency": "EUR"}})
    payer.send(**typed)
    assert payer.status == 403
    assert 'id="again"' in payer.page
    assert "500,00" in payer.page
    assert (status(mine, case), payments(mine)) == ("created", [])


@pytest.mark.parametrize("end", ["abort", "start/prepaid", "cancel"])
def test_a_link_to_what_is_over_shows_how_it_ended(mine: Api, payer: Payer, end: str) -> None:
    case = mine.buy()
    path = f"Smart/Transactions/{case['id']}"
    if end == "cancel":
        mine.post(f"{path}/start/prepaid")
    done = mine.post(f"{path}/{end}")["status"]
    for method in ("general", "creditcard", "prepaid"):
        payer.open(link(case, method))
        assert (payer.status, payer.sent_to.partition("?")[0]) == (200, "/pay/result")
        assert 'id="pay"' not in payer.page
        assert 'id="abort"' not in payer.page
    assert status(mine, case) == done


def test_the_form_of_one_method_is_worth_nothing_for_another(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    form = payer.open(link(case, "creditcard")).form
    for method in ("debit", "prepaid", "invoice"):
        payer.go("POST", form.action.replace("/pay/creditcard", f"/pay/{method}"), data=form.fields | CARD)
        assert payer.status == 403
    assert (status(mine, case), payments(mine)) == ("created", [])


def test_the_form_of_one_payment_is_worth_nothing_for_another(mine: Api, stranger: Api, payer: Payer) -> None:
    case, other = mine.buy(), stranger.buy(contract={"id": "GCR_STRANGER"})
    form = payer.open(link(case, "creditcard")).fields
    for path in ("creditcard", "abort", "debit"):
        payer.go("POST", f"/pay/{path}?stx={other['id']}", data=form | CARD)
        assert payer.status == 403
    assert (status(stranger, other), status(mine, case)) == ("created", "created")


@pytest.mark.parametrize("path", ["/pay", "/pay/result", "/pay/onward", "/qr/epc"])
@pytest.mark.parametrize(
    "query",
    [
        "stx=",
        "stx=STX_%00",
        "stx=" + "A" * 3000,
        "stx={id}&stx=STX_OTHER",
        "stx={id}'--",
        "stx={id}&contract=",
        "stx={id}&contract=GCR_STRANGER",
        "stx=PCI_{id}",
        "stx={id}&" + "a=1&" * 200,
    ],
)
def test_an_address_that_was_tampered_with_leads_to_a_page_that_says_nothing(
    mine: Api, payer: Payer, path: str, query: str
) -> None:
    payer.open(f"{path}?{query.format(id=mine.buy()['id'])}")
    assert payer.status in (400, 404)
    assert "<h1>" in payer.page
    assert "Mein Laden" not in payer.page
    assert "5,00" not in payer.page


@pytest.mark.parametrize(
    "more",
    [
        "lang=xx",
        "lang=",
        "lang=de%00",
        "frame=javascript:1",
        "payment-method=%00",
        "payment-method=../abort",
        "server=x",
    ],
)
def test_a_parameter_that_says_nothing_is_passed_over(mine: Api, payer: Payer, more: str) -> None:
    payer.open(f"/pay?stx={mine.buy()['id']}&{more}")
    assert payer.status == 200
    assert 'id="methods"' in payer.page


@pytest.mark.parametrize("path", ["/sim/3ds/ATT_NONE", "/sim/easycredit/ATT_%00", "/sim/nowhere", "/sim/nowhere/x"])
def test_a_page_of_somebody_else_that_nobody_asked_for_is_not_there(payer: Payer, path: str) -> None:
    assert payer.open(path).status == 404
    assert payer.go("POST", path, data={"choice": "succeed"}).status == 404


def test_the_answer_at_the_bank_counts_once(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    bank = payer.open(link(case, "creditcard")).send(**CHALLENGED).answer
    payer.send(choice="succeed")
    done = mine.get(f"Smart/Transactions/{case['id']}")
    for choice in ("fail", "cancel", "succeed"):
        payer.answer = bank
        assert payer.send(choice=choice).sent_to == f"{SHOP}/success?order=7"
    payer.answer = bank
    assert payer.send(choice="steal").status == 403
    assert mine.get(f"Smart/Transactions/{case['id']}") == done
