"""Baskets that belong to several parties: who must be named, how much there is to share, what a refund takes back.

Source: docs/wire/4-smart-transactions.md#44-basket.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from pfennig.domain.basket import NESTED, SHARED_OUT, Item, SumMismatch, total
from pfennig.errors import Malformed
from pfennig.money import LARGEST_AMOUNT


class PartsAndItems(Malformed):
    """Beside parts of other merchants a basket cannot have items of its own."""

    code = 3085


class ContractMissing(Malformed):
    """A part of a basket does not say which contract it is for."""

    code = 3082


class NothingShared(Malformed):
    """A part of a basket that is for somebody must be worth something."""

    code = 3083


class SharesAboveSum(Malformed):
    """The shares are more than there is to share."""

    code = 3084


def require_sound(items: list[Item], amount: int | None, adds_up: bool) -> None:
    """Checks a basket; every door's baskets come through here.

    amount: what the payer owes; None for what the items come to. adds_up: whether they must come to the amount; those
    of several merchants always must.

    Raises PartsAndItems, ContractMissing, NothingShared, SharesAboveSum, SumMismatch, and what `total` raises.
    """
    worth = total(items)
    parts = [item for item in items if item.item_type == NESTED]
    if parts and len(parts) < len(items):
        raise PartsAndItems("basket.products has a sub_transaction, so it must have nothing else")
    for item in items_with_owner(items):
        if not item.contract_id:
            raise ContractMissing(f"a {item.item_type} has no contract_id")
        if not item.sum:
            raise NothingShared(f"sum of a {item.item_type} must be above 0")
    for part in parts:
        require_enough(part.sub_basket or [], part.sum or 0)
    is_exact = adds_up or bool(parts)
    owed = worth if amount is None else amount
    require_enough(items, worth if is_exact else owed)
    if is_exact and not 0 <= worth == owed <= LARGEST_AMOUNT:
        said = "basket_info.sum" if adds_up else "amount"
        raise SumMismatch(f"{said} is {owed}, the basket adds up to {worth}")


def items_with_owner(items: list[Item]) -> Iterator[Item]:
    """Every part and every share, on both levels."""
    for item in items:
        if item.item_type in (NESTED, SHARED_OUT):
            yield item
        yield from items_with_owner(item.sub_basket or [])


def require_enough(items: list[Item], worth: int) -> None:
    """Raises SharesAboveSum where more is shared out than the items are worth."""
    shared = sum(item.sum or 0 for item in items if item.item_type == SHARED_OUT)
    if shared > max(worth, 0):  # a negative sum is refused where the sum is checked
        raise SharesAboveSum(f"the stakeholder payments add up to {shared}, there is {worth}")


def cuts(shares: Sequence[int], amount: int, left: int, shares_first: bool) -> list[int]:
    """The cuts of shares when an amount goes back of a payment of which this much is left.

    In proportion, or shares_first: all that goes back, as far as the shares reach. They never become more than what
    is left of the payment, and of all that is left they give all.
    """
    whole = sum(shares)
    if shares_first:
        amount, left = min(amount, whole), whole
    if not whole:
        return [0] * len(shares)
    ends = [so_far * amount // left for so_far in accumulate(shares)]
    return [end - start for start, end in pairwise([0, *ends])]
