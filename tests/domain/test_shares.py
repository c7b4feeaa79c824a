"""Baskets of several parties: what must be said, what there is to share, and what a refund takes back."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain import basket, legacy_basket
from pfennig.domain.basket import BasketTooLarge, Item, SumMismatch
from pfennig.domain.shares import (
    ContractMissing,
    NothingShared,
    PartsAndItems,
    SharesAboveSum,
    cuts,
    items_with_owner,
    require_enough,
    require_sound,
)
from pfennig.money import LARGEST_AMOUNT


def an_item(price: int, **fields: Any) -> Item:
    """One article."""
    usual: dict[str, Any] = {"item_type": "article", "desc": "Mug", "quantity": 1, "price_one": price}
    return Item(**(usual | fields))


def a_share(sum: int | None, **fields: Any) -> Item:
    """What a stakeholder gets."""
    usual: dict[str, Any] = {"item_type": "stakeholder_payment", "sum": sum, "contract_id": "GCR_HERS", "desc": "Fee"}
    return Item(**(usual | fields))


def a_part(sum: int, *items: Item, **fields: Any) -> Item:
    """What belongs to another merchant."""
    usual: dict[str, Any] = {"item_type": "sub_transaction", "sum": sum, "contract_id": "GCR_HERS", "desc": "Hers"}
    return Item(**(usual | {"sub_basket": [*items]} | fields))


def test_sound_baskets_pass() -> None:
    require_sound([an_item(500), a_share(500)], 500, adds_up=True)
    require_sound([an_item(500)], None, adds_up=True)
    require_sound([an_item(500), a_share(700)], 700, adds_up=False)
    require_sound([a_part(300, an_item(300), a_share(300)), a_part(200, an_item(200))], 500, adds_up=False)
    require_sound([an_item(LARGEST_AMOUNT)], LARGEST_AMOUNT, adds_up=True)
    require_sound([], 0, adds_up=True)


@pytest.mark.parametrize(
    ("items", "amount", "refusal"),
    [
        ([a_part(300, an_item(300)), an_item(200)], 500, PartsAndItems),
        ([a_part(300, an_item(300), contract_id=None)], 300, ContractMissing),
        ([an_item(500), a_share(100, contract_id=None)], 500, ContractMissing),
        ([a_part(300, an_item(300), a_share(100, contract_id=None))], 300, ContractMissing),
        ([an_item(500), a_share(0)], 500, NothingShared),
        ([an_item(500), a_share(501)], 500, SharesAboveSum),
        ([a_part(300, an_item(300), a_share(301))], 300, SharesAboveSum),
        ([an_item(500)], 501, SumMismatch),
        ([an_item(500)], 499, SumMismatch),
    ],
    ids=["beside", "part", "share", "inner", "nothing", "more", "inner-more", "above", "below"],
)
def test_what_is_wrong_with_a_basket_is_said(items: list[Item], amount: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        require_sound(items, amount, adds_up=True)


def test_parts_add_up_to_the_amount_also_where_items_need_not() -> None:
    require_sound([an_item(400)], 500, adds_up=False)
    with pytest.raises(SumMismatch, match=r"^amount is 500, the basket adds up to 300"):
        require_sound([a_part(300, an_item(300))], 500, adds_up=False)
    with pytest.raises(SumMismatch, match=r"basket_info\.sum is 500"):
        require_sound([an_item(300)], 500, adds_up=True)


def test_where_items_need_not_add_up_what_is_owed_is_shared() -> None:
    with pytest.raises(SharesAboveSum):
        require_sound([an_item(900), a_share(501)], 500, adds_up=False)


def test_every_part_and_share_is_somebodys() -> None:
    inner, outer = a_share(1), a_share(2)
    part = a_part(3, an_item(3), inner)
    assert [*items_with_owner([an_item(5), part, outer])] == [part, inner, outer]


def test_nothing_is_shared_of_less_than_nothing() -> None:
    require_enough([an_item(5)], -100)
    require_enough([a_share(None)], 0)
    with pytest.raises(SharesAboveSum, match="add up to 1, there is -100"):
        require_enough([a_share(1)], -100)


@pytest.mark.parametrize(
    ("shares", "amount", "left", "shares_first", "given"),
    [
        ([100, 200], 500, 1000, False, [50, 100]),
        ([100, 200], 1000, 1000, False, [100, 200]),
        ([1, 1, 1], 500, 1000, False, [0, 1, 0]),
        ([100, 200], 150, 1000, True, [50, 100]),
        ([100, 200], 900, 1000, True, [100, 200]),
        ([0, 0], 500, 1000, False, [0, 0]),
        ([], 500, 1000, True, []),
    ],
)
def test_shares_give_their_part_of_what_goes_back(
    shares: list[int], amount: int, left: int, shares_first: bool, given: list[int]
) -> None:
    assert cuts(shares, amount, left, shares_first) == given


@given(st.lists(st.integers(0, 1000), max_size=5), st.integers(0, 5000), st.integers(0, 5000), st.booleans())
def test_no_share_gives_more_than_it_has(shares: list[int], amount: int, beside: int, shares_first: bool) -> None:
    left = sum(shares) + beside
    given_back = cuts(shares, min(amount, left), left, shares_first)
    assert all(0 <= each <= share for each, share in zip(given_back, shares, strict=True))
    assert cuts(shares, left, left, shares_first) == shares


def test_a_basket_has_so_many_lines_shares_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(basket, "MOST_LINES", 3)
    monkeypatch.setattr(basket, "MOST_SHARES", 2)
    nested = [a_part(300, an_item(300), a_share(1))]
    basket.Basket(nested)
    for items, why in (([*nested, an_item(1)], "has 4 lines"), ([a_share(1)] * 3, "has 3 parts and shares")):
        with pytest.raises(BasketTooLarge, match=why):
            basket.Basket(items)
    size = len(msgspec.json.encode(nested))
    monkeypatch.setattr(basket, "LARGEST_BASKET", size)
    basket.Basket(nested)
    monkeypatch.setattr(basket, "LARGEST_BASKET", size - 1)
    with pytest.raises(BasketTooLarge, match=f"has {size} bytes"):
        basket.Basket(nested)


def legacy(type: str, **fields: Any) -> legacy_basket.Item:
    """A line in the words of the legacy endpoints."""
    return legacy_basket.Item(item_type=type, name="Tea", **fields)


def test_a_legacy_basket_says_the_same_in_todays_words() -> None:
    share = legacy("stakeholder_payment", total=-50, contract_id="GCR_HERS")
    part = legacy("sub_transaction", total=300, contract_id="GCR_HERS", sub_basket=[legacy("article", total=300)])
    [shared, parted, sold, coupon] = legacy_basket.as_transaction_items(
        [share, part, legacy("article", price=250, quantity=2, tax=19), legacy("coupon", total=-100)]
    )
    assert (shared.sum, shared.contract_id, shared.sub_basket) == (50, "GCR_HERS", msgspec.UNSET)
    assert (parted.sum, [each.price_one for each in parted.sub_basket or []]) == (300, [300])
    assert (sold.desc, sold.price_one, sold.tax, sold.sum) == ("Tea", 500, 19, msgspec.UNSET)
    assert (coupon.item_type, coupon.price_one) == ("coupon", 100)
    assert basket.total([sold, coupon]) == 400
