"""Baskets in the words of the legacy endpoints: what they are worth, and who gets what."""

from collections.abc import Mapping

import msgspec
import pytest

from pfennig.domain import legacy_basket
from pfennig.domain.basket import UnknownItemType
from pfennig.domain.legacy_basket import Item


def items(*lines: Mapping[str, object]) -> list[Item]:
    """Positions as they come."""
    return msgspec.convert(list(lines), list[Item])


@pytest.mark.parametrize(
    ("line", "worth"),
    [
        ({"price": 250}, 250),
        ({"price": 250, "quantity": 3}, 750),
        ({"price": 250, "quantity": 3, "total": 700}, 700),  # the total says what the line costs
        ({"total": 700}, 700),
        ({}, 0),
        ({"item_type": "article", "total": -50}, -50),
        ({"item_type": "coupon", "total": 500}, -500),
        ({"item_type": "coupon", "total": -500}, -500),
        ({"item_type": "coupon", "price": 250, "quantity": 2}, -500),
        ({"item_type": "shipping", "total": 490}, 490),
        ({"item_type": "donation", "total": 100}, 100),
        ({"item_type": "stakeholder_payment", "total": 300}, 0),  # comes out of the merchant's own
    ],
)
def test_a_line_is_worth_what_it_says(line: dict[str, object], worth: int) -> None:
    assert legacy_basket.total(items(line)) == worth


def test_a_part_is_worth_its_lines_unless_it_says_so_itself() -> None:
    inner = [{"price": 100, "quantity": 2}, {"item_type": "coupon", "total": 50}]
    assert legacy_basket.total(items({"item_type": "sub_transaction", "sub_basket": inner})) == 150
    assert legacy_basket.total(items({"item_type": "sub_transaction", "total": 140, "sub_basket": inner})) == 140


def test_what_is_of_no_known_kind_is_refused_with_its_name() -> None:
    with pytest.raises(UnknownItemType) as refusal:
        legacy_basket.total(items({"item_type": "gift", "total": 100}))
    assert "gift" in str(refusal.value.details)


def test_parts_and_shares_are_found_on_every_level() -> None:
    share = {"item_type": "stakeholder_payment", "total": 30, "contract_id": "GCR_B"}
    part = {"item_type": "sub_transaction", "contract_id": "GCR_A", "sub_basket": [{"total": 100}, share]}
    found = [(item.type, item.contract_id) for item in legacy_basket.items_with_owner(items({"total": 5}, part))]
    assert found == [("sub_transaction", "GCR_A"), ("stakeholder_payment", "GCR_B")]


def test_a_translated_basket_costs_the_same() -> None:
    lines = items({"total": 900}, {"item_type": "article", "total": -100}, {"item_type": "coupon", "total": 50})
    translated = legacy_basket.as_transaction_items(lines)
    assert [(item.item_type, item.price_one) for item in translated] == [
        ("article", 900),
        ("article", -100),
        ("coupon", 50),
    ]


def test_of_an_unknown_type_only_its_beginning_is_repeated() -> None:
    with pytest.raises(UnknownItemType) as refusal:
        legacy_basket.total([msgspec.convert({"item_type": "x" * 41}, Item)])
    assert refusal.value.details == f"item_type '{'x' * 40}' is not known"
