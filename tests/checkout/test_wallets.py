"""The wallets' buttons in the twin, and the sheets behind them."""

import re

import httpx
import pytest

from tests.api.recurring import ordered, plan
from tests.checkout.conftest import Payer
from tests.conftest import Api, Json

SHOP = "https://shop.example.test"
WALLETS = {"googlepay": "Google Pay", "applepay": "Apple Pay"}
NO_BREAK = "\u00a0"
each_wallet = pytest.mark.parametrize("wallet", WALLETS)


def buttons(payer: Payer) -> dict[str, str]:
    """The wallets on a page, with where they lead."""
    found = re.findall(r'id="wallet-(\w+)" href="([^"]+)"', payer.page)
    return {name: url.replace("&amp;", "&") for name, url in found}


def sheet(payer: Payer, case: Json, wallet: str) -> Payer:
    """The sheet of a wallet, reached by its button."""
    payer.open(case["payment_links"]["general"])
    return payer.open(buttons(payer)[wallet])


@pytest.mark.parametrize("link", ["general", "creditcard"])
def test_the_choice_and_the_card_form_show_the_contracts_wallets_and_say_that_they_are_simulated(
    mine: Api, payer: Payer, link: str
) -> None:
    payer.open(mine.buy()["payment_links"][link])
    assert list(buttons(payer)) == list(WALLETS)
    for name in WALLETS.values():
        assert f"<span>{name.replace(' ', NO_BREAK)} (Simulation)</span>" in payer.page


@pytest.mark.parametrize("link", ["general", "creditcard"])
def test_no_wallet_whose_tokens_pay_once_is_offered_for_a_subscription(mine: Api, payer: Payer, link: str) -> None:
    payer.open(ordered(mine, plan(mine))["payment_links"][link])
    assert list(buttons(payer)) == ["googlepay"]


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"contract": {"id": "GCR_AUTO"}}, "general"),
        ({"payment_context": {"payment_methods": ["debit", "prepaid"]}}, "general"),
    ],
)
def test_elsewhere_there_are_no_wallets(mine: Api, payer: Payer, fields: Json, link: str) -> None:
    payer.open(mine.buy(**fields)["payment_links"][link])
    assert payer.status == 200
    assert buttons(payer) == {}


@each_wallet
def test_a_confirmed_sheet_pays_and_leads_to_the_shop(mine: Api, payer: Payer, wallet: str) -> None:
    case = mine.buy()
    sheet(payer, case, wallet)
    assert WALLETS[wallet] in payer.page
    assert "5,00" in payer.page
    assert payer.send(choice="succeed").sent_to == f"{SHOP}/success?order=7"
    paid = mine.get(f"Smart/Transactions/{case['id']}")
    assert (paid["status"], paid["payment_method"], paid["container"]["type"]) == ("approved", "creditcard", wallet)


@each_wallet
def test_a_refused_sheet_fails_with_a_reason_and_a_way_on(mine: Api, payer: Payer, wallet: str) -> None:
    case = mine.buy()
    sheet(payer, case, wallet).send(choice="fail")
    assert "Ihre Bank konnte nicht bestätigen" in payer.page
    assert 'id="retry"' in payer.page
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "failed"
    assert sheet(payer, case, wallet).send(choice="succeed").sent_to == f"{SHOP}/success?order=7"


@each_wallet
def test_a_closed_sheet_leads_back_and_has_done_nothing(mine: Api, payer: Payer, wallet: str) -> None:
    case = mine.buy()
    sheet(payer, case, wallet).send(choice="cancel")
    assert 'id="methods"' in payer.page
    after = mine.get(f"Smart/Transactions/{case['id']}")
    assert (after["status"], after["transactions"]) == ("created", [])


def test_a_sheet_that_is_sent_twice_pays_once(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    form = sheet(payer, case, "googlepay").answer
    for _ in range(2):
        payer.answer = form
        assert payer.send(choice="succeed").sent_to == f"{SHOP}/success?order=7"
    assert len(mine.get("Payment/Transactions")["data"]) == 1


def test_a_sheet_is_for_open_payments_only(mine: Api, payer: Payer) -> None:
    case = mine.buy()
    mine.post(f"Smart/Transactions/{case['id']}/abort")
    payer.open(f"/sim/googlepay?stx={case['id']}")
    assert payer.sent_to.startswith("/pay/result")


def test_who_is_not_known_yet_says_first_who_he_is(mine: Api, payer: Payer) -> None:
    payer.open(f"/sim/googlepay?stx={mine.buy(customer={})['id']}")
    assert 'id="creditcard-forename"' in payer.page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sim/googlepay?stx=STX_NOTHING", 404),
        ("/sim/wero?stx={id}", 404),
        ("/sim/googlepay?stx={other}", 403),
    ],
)
def test_a_sheet_that_is_not_there_gets_a_page_that_says_so(mine: Api, payer: Payer, path: str, status: int) -> None:
    other = mine.buy(contract={"id": "GCR_AUTO"})["id"]
    payer.open(path.format(id=mine.buy()["id"], other=other))
    assert payer.status == status
    assert "<h1>" in payer.page


@pytest.mark.parametrize("forged", [{"token": "0" * 64}, {"choice": "gold"}])
def test_a_sheet_that_was_tampered_with_pays_nothing(mine: Api, payer: Payer, forged: dict[str, str]) -> None:
    case = mine.buy()
    sheet(payer, case, "applepay").send(**{"choice": "succeed"} | forged)
    assert payer.status == 403
    assert mine.get(f"Smart/Transactions/{case['id']}")["transactions"] == []


def test_the_sheet_of_one_wallet_is_not_that_of_another(mine: Api, payer: Payer, http: httpx.Client) -> None:
    case = mine.buy()
    sheet(payer, case, "applepay")
    there = payer.answer.request.url
    key = re.findall(r"key=(KEY_\w+)", payer.page)[0]
    data = {"token": payer.fields["token"], "choice": "succeed"}
    assert http.post(f"/sim/googlepay?stx={case['id']}&key={key}", data=data).status_code == 403
    assert http.post(f"{there.path}?stx={case['id']}&key={key}", data=data).status_code == 303
