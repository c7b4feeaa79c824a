"""The sum of a basket, by its rule and by its properties."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.basket import Item, NestedTooDeep, SumMismatch, UnknownItemType, kind, total

prices = st.integers(0, 10**6)
quantities = st.integers(0, 100)


def item(**fields: Any) -> Item:
    """An item as the wire brings it."""
    return msgspec.convert(fields, Item)


def lines(*types: str) -> st.SearchStrategy[Item]:
    """Items of these types with any price and quantity."""
    return st.builds(
        lambda type, price, quantity: item(item_type=type, priceOne=price, quantity=quantity),
        st.sampled_from(types),
        prices,
        quantities,
    )


def part(items: list[Item], sum: int) -> Item:
    """A part of another merchant."""
    return msgspec.structs.replace(item(item_type="sub_transaction", sum=sum), sub_basket=items)


added = lines("article", "shipping", "subscription")
deducted = lines("coupon")
plain = st.lists(st.one_of(added, deducted), max_size=6)
shares = st.builds(lambda sum: item(item_type="stakeholder_payment", sum=sum), prices)
parts = st.lists(added, max_size=4).map(lambda items: part(items, total(items)))
baskets = st.lists(st.one_of(added, deducted, shares, parts), max_size=8)


def test_the_documented_example_adds_up() -> None:
    items = [
        item(item_type="article", priceOne=49800, quantity=1),
        item(item_type="coupon", priceOne=2000, quantity=1),
        item(item_type="shipping", priceOne=3500, quantity=1),
    ]
    assert total(items) == 51300


def test_an_item_is_one_article_for_nothing_unless_it_says_more() -> None:
    assert total([item()]) == 0
    assert total([item(priceOne=700)]) == 700
    assert total([item(quantity=3)]) == 0
    assert total([item(priceOne=700, quantity=0)]) == 0
    assert total([item(priceOne=700, sum=9)]) == 700


@given(st.lists(st.tuples(prices, quantities)))
def test_articles_are_price_times_quantity(pairs: list[tuple[int, int]]) -> None:
    items = [item(item_type="article", priceOne=price, quantity=quantity) for price, quantity in pairs]
    assert total(items) == sum(price * quantity for price, quantity in pairs)


@given(baskets, baskets)
def test_two_baskets_are_worth_what_they_are_worth_together(one: list[Item], other: list[Item]) -> None:
    assert total(one + other) == total(one) + total(other)


@given(baskets, st.randoms())
def test_the_order_of_items_does_not_matter(items: list[Item], random: Any) -> None:
    shuffled = random.sample(items, len(items))
    assert total(shuffled) == total(items)


@given(baskets, deducted)
def test_a_coupon_takes_off_what_an_article_would_add(items: list[Item], coupon: Item) -> None:
    article = msgspec.structs.replace(coupon, item_type="article")
    assert total([*items, coupon, article]) == total(items)
    assert total([*items, coupon]) <= total(items) <= total([*items, article])


@given(baskets, shares)
def test_a_share_changes_nothing_for_the_payer(items: list[Item], share: Item) -> None:
    assert total([*items, share]) == total(items)


@given(plain)
def test_a_part_is_worth_what_its_own_basket_is(items: list[Item]) -> None:
    worth = total(items)
    if worth >= 0:
        assert total([part(items, worth)]) == worth


@given(plain, st.integers(0, 10**9))
def test_a_part_whose_sum_is_wrong_is_refused(items: list[Item], sum: int) -> None:
    if sum != total(items):
        with pytest.raises(SumMismatch):
            total([part(items, sum)])


def test_a_part_without_a_basket_or_a_sum_must_be_nothing() -> None:
    assert total([item(item_type="sub_transaction")]) == 0
    with pytest.raises(SumMismatch):
        total([item(item_type="sub_transaction", sum=1)])


def test_a_part_in_a_part_is_refused() -> None:
    with pytest.raises(NestedTooDeep):
        total([part([part([], 0)], 0)])


@given(st.text(min_size=1, max_size=60))
def test_an_item_of_an_unknown_type_is_refused(type: str) -> None:
    known = ["article", "shipping", "subscription", "coupon", "sub_transaction", "stakeholder_payment"]
    if type not in known:
        with pytest.raises(UnknownItemType):
            total([item(item_type=type)])
        with pytest.raises(UnknownItemType):
            total([part([item(item_type=type)], 0)])


@given(baskets)
def test_a_basket_is_mixed_if_a_part_is_in_it(items: list[Item]) -> None:
    assert kind(items) == ("mixed" if any(i.item_type == "sub_transaction" for i in items) else "default")


def test_of_an_unknown_type_only_its_beginning_is_repeated() -> None:
    with pytest.raises(UnknownItemType) as refusal:
        total([item(item_type="x" * 41)])
    assert refusal.value.details == f"item_type '{'x' * 40}' is not known"


def test_contracts_may_be_called_by_their_older_names() -> None:
    assert item(contract_id="PCR_ABC").contract_id == "GCR_ABC"
    assert item().contract_id is msgspec.UNSET
