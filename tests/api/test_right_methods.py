"""A method that is not for this sum, or for this payer, is neither named nor linked, and refused by every door."""

import httpx
import pytest

from pfennig.domain.methods import METHODS
from tests.api.recurring import TEMPLATE, advance, billed, item, ordered, phase, plan, subscribed
from tests.checkout.conftest import Payer, payer
from tests.conftest import Api, Change, Json

__all__ = ["payer"]

ALL = {"contract": {"id": "GCR_ALL"}}
NOT_AVAILABLE = (403, "ProductNotAllowedException", 4002)
SWISS = {"owner": "Laden AG", "iban": "CH9300762011623852957", "bic": "", "bankname": ""}
TURKISH = {"container": {"private": {"owner": "Max Muster", "iban": "TR330006100519786457841326"}}}
GERMAN = {"container": {"private": {"owner": "Max Muster", "iban": "DE35500105175418493188"}}}
WRONG: tuple[tuple[str, int, str, str | None], ...] = (
    *(
        (word, 500_00, "CHF", None)
        for word in ("debit", "easycredit", "eps", "giropay", "invoice", "prepaid", "sofort")
    ),
    ("debit", 500_00, "JPY", None),
    ("invoice", 500_000, "KWD", None),
    ("debit", 999_999_999_99 + 1, "EUR", None),
    ("easycredit", 199_99, "EUR", None),
    ("easycredit", 500_00, "EUR", "AT"),
    ("wero", 500_00, "EUR", "AT"),
    ("twint", 500_00, "EUR", None),
)
"""A method, and a sum or a payer's country that it is not for."""


def order(amount: int, currency: str, country: str | None) -> Json:
    """An order over a sum by somebody from a country."""
    person = {"forename": "Max", "surname": "Muster", "email": "max@example.net"}
    address = {"address": {"country": country}} if country else {}
    return {"basket_info": {"sum": amount, "currency": currency}, "customer": {"contact": person | address}}


def named(mine: Api, id: str) -> set[str]:
    """The names of the methods that the contract says can pay a transaction."""
    wanted = {"currency": "EUR", "is_demo": True}
    path = f"General/Contracts/GCR_ALL/getAvailablePaymentMethods/{id}"
    return set(mine.request("POST", path, json=wanted).json())


def test_what_cannot_pay_is_neither_offered_nor_taken_by_any_door(mine: Api, subtests: pytest.Subtests) -> None:
    for word, amount, currency, country in WRONG:
        with subtests.test(word, amount=amount, currency=currency, country=country):
            wish = order(amount, currency, country)
            case = mine.buy(**ALL, **wish)
            path = f"Smart/Transactions/{case['id']}"
            assert word not in case["payment_links"]
            assert METHODS[word].wire.name not in named(mine, case["id"])
            for verb in ("prepare", "start"):
                assert mine.refused("POST", f"{path}/{verb}/{word}") == NOT_AVAILABLE
            only = wish | ALL | {"payment_context": {"payment_methods": [word]}}
            assert mine.refused("POST", "Smart/Transactions", only)[2] == 3043
            assert mine.refused("PUT", path, {"payment_context": {"payment_methods": [word]}})[2] == 3043
            if endpoint := METHODS[word].wire.endpoint:
                legacy = {"contract": "GCR_ALL", "amount": amount, "currency": currency}
                assert mine.refused("POST", f"Payment/{endpoint}", legacy) == NOT_AVAILABLE


def test_the_page_offers_what_can_pay(mine: Api, http: httpx.Client) -> None:
    case = mine.buy(**ALL, **order(500_00, "CHF", "AT"))
    page = http.get(case["payment_links"]["general"]).text
    offered = {word for word in METHODS if f'"{word}"' in page or f"/pay/{word}?" in page}
    assert offered == {"creditcard", "paypal", "twint"}


@pytest.mark.parametrize("word", ["easycredit", "debit"])
def test_the_sums_at_the_edges_are_paid(mine: Api, word: str) -> None:
    limits = METHODS[word].limits
    for edge in filter(None, (limits.least, limits.most)):
        case = mine.buy(**ALL, **order(edge.amount, edge.currency, "DE"))
        assert word in case["payment_links"]
        assert METHODS[word].wire.name in named(mine, case["id"])


def test_a_transfer_reaches_a_swiss_account_in_francs_too(mine: Api, contract: Change) -> None:
    contract(bank_account=SWISS)
    for currency, is_offered in (("CHF", True), ("EUR", True), ("USD", False)):
        case = mine.buy(basket_info={"sum": 500, "currency": currency})
        assert ("prepaid" in case["payment_links"]) is is_offered
    asked = mine.request("GET", "General/Contracts/GCR_MINE/AvailableCurrencies").json()
    assert asked == ["EUR", "CHF", "GBP", "USD"]
    contract(bank_account=SWISS, methods=["debit", "prepaid"])
    assert mine.request("GET", "General/Contracts/GCR_MINE/AvailableCurrencies").json() == ["EUR", "CHF"]


def test_an_account_outside_of_sepa_is_not_debited_by_any_door(mine: Api) -> None:
    stored = mine.post("Payment/Containers", {"type": "bank_account", **TURKISH["container"]})
    for container in (TURKISH, {"container": {"id": stored["id"]}}):
        case = mine.buy()
        for verb in ("prepare", "start"):
            refused = mine.refused("POST", f"Smart/Transactions/{case['id']}/{verb}/debit", container)
            assert refused == (403, "ProductNotAllowedException", 4200)
    legacy = {
        "amount": 500,
        "currency": "EUR",
        "container": stored["id"],
        "opt_data": {"has_accepted_disclaimer": True},
    }
    assert mine.refused("POST", "Payment/secupaydebits", legacy)[2] == 4200


def test_the_page_says_beside_the_iban_that_it_cannot_be_debited(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy()["payment_links"]["debit"]).send(**TURKISH["container"]["private"])
    assert payer.status == 422
    assert "SEPA" in payer.page


def test_an_amount_is_not_raised_above_what_the_method_pays(mine: Api) -> None:
    case = mine.buy(payment_context={"auto_capture": False})
    case = mine.post(f"Smart/Transactions/{case['id']}/prepare/debit", GERMAN)
    path = f"Payment/Transactions/{case['transactions'][0]['id']}/IncreaseAmount"
    assert mine.refused("POST", path, {"amount": 999_999_999_99 + 1})[::2] == (403, 4201)
    assert mine.post(path, {"amount": 999_999_999_99})["amount"] == 999_999_999_99


def test_a_changed_sum_or_payer_takes_the_method_away(mine: Api) -> None:
    case = mine.buy(**ALL, **order(200_00, "EUR", "DE"))
    path = f"Smart/Transactions/{case['id']}"
    assert mine.post(f"{path}/prepare/easycredit")["iframe_url"]
    assert "easycredit" not in mine.put(path, {"basket_info": {"sum": 199_99, "currency": "EUR"}})["payment_links"]
    assert mine.refused("POST", f"{path}/prepare/easycredit") == NOT_AVAILABLE
    assert mine.refused("POST", f"{path}/start") == (403, "ProductNotAllowedException", 1003)


def test_a_plan_names_a_method_that_has_its_currency(mine: Api) -> None:
    body = {"currency": "CHF", "billing_cycles": [phase(1000)]}
    refused = mine.refused("POST", "Payment/Plans", body | {"payment_methods": ["debit"]})
    assert refused == (400, "ProductFormatException", 3120)
    francs = plan(mine, currency="CHF", payment_methods=["debit", "creditcard"])
    case = mine.buy(
        basket={"products": [item(francs)]},
        basket_info={"sum": 500, "currency": "CHF"},
        application_context=TEMPLATE,
    )
    assert {*case["payment_links"]} == {"creditcard", "general"}


def test_a_subscription_is_not_begun_nor_renewed_above_what_its_method_pays(mine: Api) -> None:
    much = METHODS["debit"].limits.most.amount + 1  # type: ignore[union-attr]
    begun = ordered(mine, plan(mine, phase(much)))
    assert mine.refused("POST", f"Smart/Transactions/{begun['id']}/start/debit", GERMAN) == NOT_AVAILABLE
    later = plan(mine, phase(1000, total_cycles=1), phase(much, sequence=2))
    id = subscribed(mine, later, GERMAN, "debit")
    advance(mine, days=32)
    assert [each[1:] for each in billed(mine, id)][:2] == [(1500, "accepted"), (much, "denied")]
