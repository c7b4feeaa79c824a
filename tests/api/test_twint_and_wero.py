"""Two methods that a Smart Transaction has by our own choice."""

import pytest

from pfennig.domain.methods import METHODS
from pfennig.operations.worlds import world
from tests.api.conftest import AtTheBank, payment_of
from tests.conftest import Api, Json

OURS = ("twint", "wero")
NOT_AVAILABLE = (403, "ProductNotAllowedException", 4002)


def buy(mine: Api, currency: str, country: str | None = None) -> Json:
    """A reservation, as far as the shop can say, over five of a currency."""
    contact = {"forename": "Max", "surname": "Muster", "email": "max@example.net"}
    if country:
        contact |= {"address": {"country": country}}  # type: ignore[dict-item]
    return mine.buy(
        contract={"id": "GCR_ALL"},
        basket_info={"sum": 500, "currency": currency},
        customer={"contact": contact},
        payment_context={"auto_capture": False},
    )


@pytest.mark.usefixtures("books")
def test_twint_reserves_francs_and_collects_them_later(mine: Api, at_the_bank: AtTheBank) -> None:
    case = buy(mine, "CHF")
    assert "payment-method=twint" in case["payment_links"]["twint"]
    case = mine.post(f"Smart/Transactions/{case['id']}/prepare/twint")
    assert "/sim/twint/" in case["iframe_url"]
    at_the_bank(case, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    assert mine.post(f"Smart/Transactions/{case['id']}/start")["status"] == "ok"
    assert payment_of(mine, case)["currency"] == "CHF"


def test_twint_knows_no_other_money(mine: Api) -> None:
    case = buy(mine, "EUR")
    assert "twint" not in case["payment_links"]
    for verb in ("prepare", "start"):
        assert mine.refused("POST", f"Smart/Transactions/{case['id']}/{verb}/twint") == NOT_AVAILABLE


@pytest.mark.usefixtures("books")
@pytest.mark.parametrize("country", [None, "DE", "NL"])
def test_wero_collects_euros_at_once(mine: Api, at_the_bank: AtTheBank, country: str | None) -> None:
    case = mine.post(f"Smart/Transactions/{buy(mine, 'EUR', country)['id']}/prepare/wero")
    assert "/sim/wero/" in case["iframe_url"]
    at_the_bank(case, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    assert payment_of(mine, case)["details"]["status_simple"] == 1


@pytest.mark.parametrize(("currency", "country"), [("CHF", "DE"), ("EUR", "AT")])
def test_wero_is_for_euros_and_for_where_banks_have_it(mine: Api, currency: str, country: str) -> None:
    case = buy(mine, currency, country)
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/wero") == NOT_AVAILABLE


@pytest.mark.parametrize(("currency", "name"), [("CHF", "Twint"), ("EUR", "Wero")])
def test_contracts_name_them(mine: Api, currency: str, name: str) -> None:
    wanted = {"currency": currency, "is_demo": True}
    answer = mine.request("POST", "General/Contracts/GCR_ALL/getAvailablePaymentMethods", json=wanted)
    assert {row.wire.name for word, row in METHODS.items() if word in OURS} & {*answer.json()} == {name}


def test_no_demo_contract_has_them() -> None:
    demo = world.read(world.DEMO)
    assert not [c.id for merchant in demo.merchants for c in merchant.contracts if {*OURS} & {*c.methods}]


@pytest.mark.parametrize(
    ("method", "more"),
    [("wero", {"address": {"country": "AT"}}), ("easycredit", {"companyname": "Muster GmbH"})],
)
def test_a_payer_who_is_named_last_must_suit_the_method_too(mine: Api, method: str, more: Json) -> None:
    case = mine.buy(contract={"id": "GCR_ALL"}, basket_info={"sum": 500_00, "currency": "EUR"})
    path = f"Smart/Transactions/{case['id']}/prepare/{method}"
    contact = {"forename": "Max", "surname": "Muster", "email": "max@example.net"}
    assert mine.refused("POST", path, {"customer": {"contact": contact | more}}) == NOT_AVAILABLE
    assert mine.get(f"Smart/Transactions/{case['id']}") == case
    assert mine.post(path, {"customer": {"contact": contact}})["payment_method"] == method
