"""A row is enough: a method that exists only here is sold, paid, told of and given back like the others."""

from datetime import date

import msgspec
import pytest

from pfennig.domain import crowd, onboarding
from pfennig.domain.methods import METHODS
from pfennig.domain.methods.method import Checkout, Course, Limits, Mails, Method, Outside, Product, Products, Wire
from pfennig.domain.onboarding import Price
from pfennig.domain.payment_states import State
from pfennig.money import Money
from pfennig.operations.checks import reconciliation
from pfennig.operations.worlds import world
from pfennig.resources.general.contracts import Wanted
from pfennig.storage.database import Database
from scripts import docs
from tests import described
from tests.api.conftest import payment_of
from tests.api.test_outcomes import lab
from tests.checkout.conftest import Payer
from tests.checkout.conftest import payer as payer
from tests.conftest import Api, Change, Json
from tests.mails.conftest import seen

ROW = Method(
    word="bizum",
    wire=Wire(name="Bizum", crowd="bizum"),
    products=Products(
        authorised=Product(990, "Bizum"), collected=Product(991, "Bizum"), refunded=Product(992, "Refund")
    ),
    course=Course(states=frozenset(State) - {State.ORDERED}),
    limits=Limits(
        currencies=frozenset({"EUR"}),
        least=Money(1_00, "EUR"),
        most=Money(1_000_00, "EUR"),
        countries=frozenset({"ES", "PT"}),
        last_day=date(2030, 12, 31),
    ),
    checkout=Checkout(
        title="Pay by phone",
        hint="You confirm with your phone",
        submit="Send {amount}",
        outside=Outside.ALWAYS,
        institution="Bizum",
        refusal="Refuse payment",
    ),
    mails=Mails(heading="Your phone has paid", shop_sentences=("A phone has paid {amount} for {payer}.",)),
)
NOT_AVAILABLE = (403, "ProductNotAllowedException", 4002)
ENGLISH = {"application_context": {"language": "en"}}


@pytest.fixture(autouse=True)
def bizum(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row beside the others, before there is a platform. Its link is described as a deviation would be."""
    monkeypatch.setitem(METHODS, ROW.word, ROW)
    monkeypatch.setitem(
        described.models()["SmartTransactionsPaymentLinks"]["properties"], ROW.word, {"type": "string"}
    )


@pytest.fixture(autouse=True)
def agreed(bizum: None, contract: Change) -> None:
    """My contract has it, as a world file says."""
    contract(methods=["creditcard", "debit", "prepaid", "invoice", ROW.word], fees={ROW.word: world.NewFee(fixed=10)})


def names(api: Api, path: str = "", currency: str = "EUR") -> list[str]:
    """What a contract calls its methods."""
    wanted = msgspec.to_builtins(Wanted(currency, is_demo=True))
    answer = api.request("POST", f"General/Contracts/GCR_MINE/getAvailablePaymentMethods{path}", json=wanted)
    found: list[str] = answer.json()
    return found


def at_the_phone(payer: Payer, case: Json) -> Payer:
    """The payer, on the page of somebody else."""
    payer.open(case["payment_links"][ROW.word]).send()
    assert f"/sim/{ROW.word}/" in payer.sent_to
    return payer


def test_the_api_sells_it_and_the_books_agree(mine: Api, payer: Payer, database: Database) -> None:
    case = mine.buy(payment_context={"auto_capture": False, "payment_methods": ["Bizum"]})
    path = f"Smart/Transactions/{case['id']}"
    assert {*case["payment_links"]} == {"general", "bizum"}
    assert mine.request("GET", "Payment/Contracts/GCR_MINE/paymentMethods").json()[-1] == "bizum"
    assert names(mine)[4:] == ["Bizum", "Applepay", "Googlepay"]
    assert names(mine, f"/{case['id']}") == ["Bizum"]
    assert "Bizum" not in names(mine, currency="CHF")
    prepared = mine.post(f"{path}/prepare/bizum")
    assert "/sim/bizum/" in prepared["iframe_url"]
    payer.open(prepared["iframe_url"]).send(choice="succeed")
    assert payment_of(mine, mine.get(path))["product_id"] == 990
    paid = mine.post(f"{path}/start")
    payment = payment_of(mine, paid)
    assert (paid["status"], paid["payment_method"]) == ("ok", "bizum")
    assert (payment["product_id"], payment["details"]["status_simple"]) == (991, 1)
    refund = mine.request(
        "POST", f"Payment/Transactions/{payment['id']}/cancel", json={"reduce_amount_by": 100}
    ).json()
    assert mine.get(f"Payment/Transactions/{refund[1]['id']}")["product_id"] == 992
    assert [item["id"] for item in mine.get("Payment/Transactions", q="details.status_simple:1")["data"]]
    with database.view() as view:
        assert reconciliation.check_all(view)[1] == []
        assert [posting.amount for posting in view.postings.all(why="fee") if posting.amount > 0] == [10]


@pytest.mark.parametrize(
    ("sum", "currency", "country"),
    [(99, "EUR", "ES"), (1_000_01, "EUR", "ES"), (500, "CHF", "ES"), (500, "EUR", "DE")],
)
def test_it_keeps_its_limits(mine: Api, sum: int, currency: str, country: str) -> None:
    contact = {"forename": "Max", "surname": "Muster", "email": "m@example.net", "address": {"country": country}}
    case = mine.buy(basket_info={"sum": sum, "currency": currency}, customer={"contact": contact})
    assert "Bizum" not in names(mine, f"/{case['id']}")
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/bizum") == NOT_AVAILABLE


def test_it_ends_with_its_last_day_where_the_contract_lets_it(mine: Api, contract: Change) -> None:
    contract(methods=["creditcard", ROW.word], ends_retired_methods=True)
    assert "bizum" in mine.buy()["payment_links"]
    lab(mine, "clock/set", now="2031-01-01T00:00:00+01:00")
    assert "bizum" not in mine.buy()["payment_links"]


def test_the_checkout_offers_it_leads_outside_and_says_how_it_went(mine: Api, payer: Payer) -> None:
    case = mine.buy(**ENGLISH)
    payer.open(case["payment_links"]["general"])
    assert payer.page.index('id="method-invoice"') < payer.page.index('id="bizum-pay"')
    assert "Pay by phone" in payer.page
    assert "You confirm with your phone" in payer.page
    assert "Send €5.00" in payer.choose("bizum").page
    payer.send()
    assert "This page only simulates Bizum." in payer.page
    assert "Refuse payment" in payer.page
    payer.send(choice="fail")
    assert "The payment service refused the payment." in payer.page
    at_the_phone(payer, case).send(choice="succeed")
    assert "Thank you, your payment is confirmed" in payer.page
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert "Thank you, your payment is complete" in payer.open(f"/pay/result?stx={case['id']}").page


def test_mails_say_what_its_row_says(mine: Api, payer: Payer) -> None:
    case = mine.buy(payment_context={"auto_capture": True}, **ENGLISH)
    at_the_phone(payer, case).send(choice="succeed")
    to_payer, to_merchant = seen(mine)
    assert "Your phone has paid" in to_payer["text"]
    assert "Bizum" in to_payer["text"]
    assert "A phone has paid €5.00 for Max Mustermann." in to_merchant["text"]


def test_outcomes_prices_and_sums_know_it(mine: Api) -> None:
    lab(mine, "outcomes", outcome="approved", method="bizum")
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/bizum")
    assert case["status"] == "ok"
    assert onboarding.fees([Price(991, fix="0.10")]) == {"bizum": {"basis_points": 0, "fixed": 10, "minimum": 0}}
    assert crowd.names()["bizum"] == "bizum"


def test_the_docs_draw_its_life() -> None:
    assert "## bizum\n\nProducts: 990 Bizum, 991 Bizum; refunds 992." in docs.lives()
