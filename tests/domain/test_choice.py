"""Which methods can pay for something, and what of a plan can be paid."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from pfennig.domain.approval import Approval
from pfennig.domain.choice import (
    NoMethodLeft,
    agreed_methods,
    current,
    has_currency,
    pays_again,
    require_choice,
    suits,
    wanted_methods,
)
from pfennig.domain.methods.method import Limits
from pfennig.domain.parties import Contract, by_name
from pfennig.domain.plan import BadPlan, Interval, Phase, Plan, PlanStatus, Unit, in_order
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.money import Money
from tests.conftest import MORNING
from tests.storage.facts import a_case

LAST_EVENING = datetime(2024, 6, 30, 21, 59, tzinfo=UTC)
MIDNIGHT = datetime(2024, 6, 30, 22, 0, tzinfo=UTC)
WORDS = ["debit", "giropay", "twint", "nonsense"]


def a_contract(**fields: Any) -> Contract:
    """What a shop agreed."""
    usual: dict[str, Any] = {"id": "GCR_MINE", "merchant_id": "MRC_MINE", "methods": WORDS, "created": MORNING}
    return Contract(**(usual | fields))


def a_wish(*methods: str, **fields: Any) -> SmartTransaction:
    """A case that shall be paid by these methods, or by any."""
    context = {"payment_methods": [*methods]} if methods else {}
    return a_case(**({"data": {"payment_context": context}} | fields))


def test_a_method_that_has_ended_in_the_world_ends_where_the_contract_lets_it() -> None:
    assert current(a_contract(), MIDNIGHT) == ["debit", "giropay", "twint"]
    strict = a_contract(ends_retired_methods=True)
    assert current(strict, LAST_EVENING) == ["debit", "giropay", "twint"]
    assert current(strict, MIDNIGHT) == ["debit", "twint"]
    assert current(a_contract(state=Approval.REJECTED), MORNING) == []


def test_the_shops_wish_and_the_currency_choose_among_them() -> None:
    assert agreed_methods(a_contract(), a_wish(), MORNING, False) == ["debit", "giropay"]
    assert agreed_methods(a_contract(), a_wish("GIROPAY", "debit", "other"), MORNING, False) == ["debit", "giropay"]
    assert agreed_methods(a_contract(), a_wish(currency="CHF"), MORNING, False) == ["twint"]
    assert agreed_methods(a_contract(), a_wish(subscription_id="SUB"), MORNING, False) == ["debit"]
    assert wanted_methods(a_wish("twint"), WORDS) == ["twint"]
    assert has_currency(a_contract(), "debit", "EUR")
    assert not has_currency(a_contract(), "twint", "EUR")


def test_a_transfer_has_the_currencies_of_the_account() -> None:
    german, swiss = ({"iban": iban} for iban in ("DE81850400611005523759", "CH9300762011623852957"))
    for account, currencies in ((german, {"EUR"}), (swiss, {"EUR", "CHF"}), ({}, {"EUR"})):
        contract = a_contract(bank_account=account)
        for word in ("invoice", "prepaid"):
            assert {each for each in ("EUR", "CHF", "JPY", "KWD") if has_currency(contract, word, each)} == currencies


@pytest.mark.parametrize(
    ("context", "is_again"),
    [
        ({}, False),
        ({"mit_instructions": {}}, False),
        ({"mit_instructions": {"type": "cit"}}, True),
        ({"mit_instructions": {"standing_instruction": "ucof"}}, True),
        ({"merchant_initiated": True}, True),
    ],
)
def test_only_what_has_series_pays_again_and_only_where_the_shop_says_so(
    context: dict[str, Any], is_again: bool
) -> None:
    stx = a_case(data={"payment_context": context})
    assert pays_again(stx, "creditcard") is is_again
    assert not pays_again(stx, "giropay")
    assert pays_again(a_case(subscription_id="SUB"), "giropay")


def test_a_wish_that_leaves_nothing_is_refused() -> None:
    require_choice(a_contract(), a_wish(), MORNING, is_shared=False)
    require_choice(a_contract(methods=[]), a_wish("paypal"), MORNING, is_shared=False)
    with pytest.raises(NoMethodLeft, match="none of those that fit: debit, giropay"):
        require_choice(a_contract(), a_wish("twint"), MORNING, is_shared=False)


def test_only_a_sum_that_is_known_is_too_small() -> None:
    contract = a_contract(methods=["easycredit", "debit"])
    assert not suits(contract, a_wish(), "easycredit", Money(1, "EUR"), is_shared=False)
    require_choice(contract, a_wish("easycredit", amount=0), MORNING, is_shared=False)
    with pytest.raises(NoMethodLeft, match="that fit: debit"):
        require_choice(contract, a_wish("easycredit", amount=1), MORNING, is_shared=False)


FEW = Limits(
    currencies=frozenset({"EUR"}),
    least=Money(100, "EUR"),
    most=Money(500, "EUR"),
    countries=frozenset({"DE"}),
    is_for_consumers=True,
    is_for_one_owner=True,
    last_day=date(2024, 6, 30),
)


@pytest.mark.parametrize(
    ("amount", "currency", "contact", "is_shared", "fits"),
    [
        (100, "EUR", {}, False, True),
        (500, "EUR", {"address": {"country": "DE"}}, False, True),
        (300, "EUR", {"address": None}, False, True),
        (99, "EUR", {}, False, False),
        (501, "EUR", {}, False, False),
        (300, "CHF", {}, False, False),
        (300, "EUR", {"companyname": "Muster GmbH"}, False, False),
        (300, "EUR", {}, True, False),
        (300, "EUR", {"address": {"country": "FR"}}, False, False),
    ],
)
def test_a_method_has_limits(
    amount: int, currency: str, contact: dict[str, Any], is_shared: bool, fits: bool
) -> None:
    assert FEW.fits(Money(amount, currency), contact, is_shared) is fits
    everything = {"companyname": "x", "address": {"country": "FR"}}
    assert Limits().fits(Money(amount, currency), everything, is_shared=True)
    assert Limits(most=Money(500, "EUR")).has_sum(Money(1, "EUR"))
    assert Limits(least=Money(100, "EUR")).has_sum(Money(10_000, "EUR"))


def test_contracts_have_a_legacy_name() -> None:
    assert by_name("PCR_ABC") == "GCR_ABC"
    assert by_name("GCR_ABC") == "GCR_ABC"
    assert by_name(None) == ""


RAILS = {"hosted": {"methods": ["creditcard"], "credentials": {"user": "x"}}}


def test_a_contract_says_who_serves_it_and_as_whom() -> None:
    contract = a_contract(rails=RAILS, seq=7)
    assert (contract.rail_of("creditcard"), contract.rail_of("debit")) == ("hosted", None)
    assert (contract.credentials_at("hosted"), contract.credentials_at("other")) == ({"user": "x"}, {})
    assert a_contract().rail_of("creditcard") is None
    assert a_contract().credentials_at("hosted") == {}
    assert (contract.id_old, contract.is_active, contract.logo_path) == (1_000_007, True, None)
    assert not a_contract(state=Approval.REJECTED).is_active
    logo = a_contract(checkout={"project_logo": "data:image/svg+xml;base64,PHN2Zy8+"}).logo_path
    assert logo
    assert logo.startswith("/pay/logo/GCR_MINE/")


def a_phase(sequence: int = 0, cycles: int = 0, **fields: Any) -> Phase:
    """A phase that costs five euros each month."""
    usual: dict[str, Any] = {"interval": Interval(Unit.MONTH), "price": 500}
    return Phase(**(usual | {"sequence": sequence, "total_cycles": cycles} | fields))


def test_the_phases_of_a_plan_come_in_their_order() -> None:
    trial = a_phase(1, 1, price=0, tenure_type="trial")
    assert in_order([a_phase(2), trial]) == [trial, a_phase(2)]
    assert in_order([a_phase(0, 3)]) == [a_phase(0, 3)]
    assert len(in_order([a_phase(each, 1) for each in range(12)])) == 12
    assert in_order([a_phase(interval=Interval(Unit.DAY, 730))])
    assert [Interval(unit, 2).length for unit in Unit] == [(0, 2), (0, 14), (2, 0), (24, 0)]


@pytest.mark.parametrize(
    ("phases", "why"),
    [
        ([], "from 1 to 12"),
        ([a_phase(each, 1) for each in range(13)], "from 1 to 12"),
        ([a_phase(1, 1), a_phase(1, 1)], "each sequence"),
        ([a_phase(1, 0), a_phase(2, 1)], "only the last phase"),
        ([a_phase(tenure_type="trial")], "the last phase must be regular"),
        ([a_phase(price=0)], "the last phase must be regular"),
        ([a_phase(interval=Interval(Unit.MONTH, 25))], "at most 24 for month"),
    ],
    ids=["none", "many", "twice", "endless", "trial", "free", "rare"],
)
def test_a_plan_that_is_not_possible_says_why(phases: list[Phase], why: str) -> None:
    with pytest.raises(BadPlan, match=why):
        in_order(phases)


def test_a_plan_can_be_paid_by_what_we_collect() -> None:
    data = {"payment_methods": ["debit", "paypal"], "billing_cycles": [msgspec.to_builtins(a_phase())]}
    whose: dict[str, Any] = {"id": "PLN_ONE", "merchant_id": "x", "contract_id": "x", "created": MORNING}
    plan = Plan(**whose, status=PlanStatus.ACTIVE, description="", currency="EUR", data=data)
    assert plan.methods == {"debit"}
    assert plan.phases == [a_phase()]
