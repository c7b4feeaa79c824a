"""Shares: how much each gives when something goes back, and what everybody has after any refunds at all."""

from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.basket import Basket
from pfennig.domain.contexts import PaymentContext
from pfennig.domain.payment import Kind
from pfennig.domain.shares import cuts
from pfennig.operations.core.call import Call, Caller, Platform
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.instruments.fields import Private
from pfennig.operations.pay import payments, refunds, smart_transactions
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.pay.smart_transactions import StxRequest
from pfennig.storage.database import Database
from tests import marketplace
from tests.marketplace import ANNA, BERT, PLATFORM, basket, part, share

SHOP = Caller("client-mine", "MRC_MINE", PLATFORM)
CARD = PaymentRequest(Instrument(private=Private(owner="Max", pan="411111XXXXXX1111")))


@dataclass
class Part:
    """A seller's part as somebody would keep it by hand: what is left of it, and of each share."""

    seller: str
    left: int
    shares: list[tuple[str, int]]

    def give_back(self, amount: int, shares_first: bool) -> None:
        """Takes an amount off, and its part of it off each share, so that the shares so far are rounded down."""
        whole = sum(share for _, share in self.shares)
        given, of = (min(amount, whole), whole) if shares_first else (amount, self.left)
        so_far = taken = 0
        for place, (owner, left) in enumerate(self.shares):
            so_far += left
            cut = (so_far * given // of if of else 0) - taken
            taken += cut
            self.shares[place] = (owner, left - cut)
        self.left -= amount


owners = st.sampled_from([PLATFORM, ANNA, BERT])
sold = st.builds(
    Part,
    seller=owners,
    left=st.integers(1, 10_000),
    shares=st.lists(st.tuples(owners, st.integers(1, 100)), max_size=3),
).filter(lambda part: sum(share for _, share in part.shares) <= part.left)
given_back = st.tuples(st.integers(0, 3), st.integers(1, 10_000), st.booleans())


def money(parts: list[Part]) -> marketplace.Money:
    """What everybody must have."""
    found: dict[str, int] = {}
    for each in parts:
        found[each.seller] = found.get(each.seller, 0) + each.left
        for owner, amount in each.shares:
            found[each.seller] -= amount
            found[owner] = found.get(owner, 0) + amount
    return {owner: (amount, 0) for owner, amount in found.items() if amount}


@given(st.lists(st.integers(0, 10**6), max_size=6), st.integers(1, 10**7), st.integers(1, 10**7), st.booleans())
def test_shares_never_give_more_than_they_have_nor_stay_above_the_payment(
    shares: list[int], left: int, amount: int, shares_first: bool
) -> None:
    left = max(left, sum(shares))
    amount = min(amount, left)
    taken = cuts(shares, amount, left, shares_first)
    assert all(0 <= cut <= share for cut, share in zip(taken, shares, strict=True))
    assert 0 <= sum(taken) <= amount
    assert sum(shares) - sum(taken) <= left - amount
    assert cuts(shares, left, left, shares_first) == shares


@pytest.fixture
def shop(platform: Platform, database: Database) -> Call:
    """My shop, with Anna and Bert below it."""
    marketplace.open_second_shop(database)
    return Call(platform, SHOP, "de")


@given(
    parts=st.lists(sold, min_size=1, max_size=4),
    before=st.lists(given_back, max_size=1),
    after=st.lists(given_back, max_size=4),
    all_of_it=st.booleans(),
)
def test_whatever_is_sold_and_given_back_everybody_has_what_a_hand_calculation_says(
    shop: Call,
    database: Database,
    parts: list[Part],
    before: list[tuple[int, int, bool]],
    after: list[tuple[int, int, bool]],
    all_of_it: bool,
) -> None:
    earlier = marketplace.balances(database)
    items = [part(each.seller, each.left, *(share(sum, owner) for owner, sum in each.shares)) for each in parts]
    products = msgspec.convert(basket(*items)["basket"], Basket)
    with shop.unit() as unit:
        context = PaymentContext(auto_capture=False)
        case = smart_transactions.open_transaction(shop, unit, StxRequest(basket=products, payment_context=context))
    payments.prepare(shop, case.id, "creditcard", CARD)
    with database.view() as view:
        made = [each.id for each in view.payments.all(smart_transaction_id=case.id, kind=Kind.PART)]
    give_back(shop, parts, made, before)
    payments.start(shop, case.id, None, PaymentRequest())
    give_back(shop, parts, made, after)
    if all_of_it and any(each.left for each in parts):
        with database.view() as view:
            leading = view.smart_transactions.get(case.id).payment_id or ""
        refunds.cancel(shop, leading, refunds.RefundRequest())
        parts = []
    assert difference(earlier, marketplace.balances(database)) == money(parts)
    assert marketplace.differences(database) == []


def give_back(shop: Call, parts: list[Part], made: list[str], wishes: list[tuple[int, int, bool]]) -> None:
    """Carries out those of the wishes that there is enough left for; never the whole case."""
    for nth, amount, shares_first in wishes:
        each = parts[nth % len(parts)]
        if amount < each.left:
            wish = refunds.RefundRequest(reduce_amount_by=amount, reduce_stakeholder_payment=shares_first)
            refunds.cancel(shop, made[nth % len(parts)], wish)
            each.give_back(amount, shares_first)


def difference(earlier: marketplace.Money, later: marketplace.Money) -> marketplace.Money:
    """What came to everybody in between."""
    changed = {id: later.get(id, (0, 0))[0] - earlier.get(id, (0, 0))[0] for id in earlier | later}
    return {id: (amount, 0) for id, amount in changed.items() if amount}
