"""Parts and shares of a payment: who gets what of it, merchants and stakeholders.

Source: docs/decisions/0016-parts-and-shares.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from pfennig import ids
from pfennig.domain.basket import NESTED, SHARED_OUT, Item
from pfennig.domain.ledger import SHARED, UNSHARED, LedgerAccount
from pfennig.domain.parties import Contract
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.shares import cuts, items_with_owner, require_sound
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import NotAllowed
from pfennig.operations.core import access, contracts, history, ledger, payment_tree
from pfennig.operations.core.call import Call
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit

Json = Mapping[str, Any]


class OnlyAShare(NotAllowed):
    """This is a share of another payment and goes with it."""

    code = 4081


def require_owners(call: Call, unit: Unit, contract: Contract, items: list[Item]) -> None:
    """Checks for whom the parts and shares of a basket may be.

    Parts are for the contract's merchant and those below it; shares also for those above it and whomever else the
    caller may act for. Raises NotYours for a contract that the caller sees and that is neither, UnknownId.
    """
    named = list(items_with_owner(items))
    if not named:
        return
    below, above = access.contracts_below(unit, contract), access.contracts_above(unit, contract)
    for item in named:
        id = item.contract_id or ""
        owner = unit.contracts.find_stored(id)
        is_seen = id in above or id in below or access.reaches(unit, call.client, owner)
        owner = require_known(owner if is_seen else None, id)
        if owner.merchant_id == contract.merchant_id or owner.id in below:
            continue
        if item.item_type == NESTED:
            raise access.NotYours(f"{owner.id} does not stand below {contract.id}")


def require_divisible(unit: Unit, stx: SmartTransaction) -> None:
    """Checks a basket that may be from before its rules, and whose contracts may have ended.

    Raises ContractNotActive and what `require_sound` raises.
    """
    if is_shared(products(stx)):
        items = msgspec.convert(products(stx), list[Item])
        require_sound(items, stx.amount, adds_up=stx.origin is None)
        contracts.require_active(
            *unit.contracts.by_id(item.contract_id or None for item in items_with_owner(items)).values()
        )


def products(stx: SmartTransaction) -> list[Json]:
    """The items of a transaction's basket."""
    items: list[Json] = stx.data.get("basket", {}).get("products", [])
    return items


def items(data: Json) -> list[Item]:
    """The items of a basket, as they are judged."""
    return msgspec.convert(data.get("basket", {}).get("products", []), list[Item])


def is_mixed(items: Iterable[Json]) -> bool:
    """True where parts of several merchants are bought."""
    return any(item["item_type"] == NESTED for item in items)


def is_shared(items: Iterable[Json]) -> bool:
    """True where somebody gets a share, or a part."""
    return any(item["item_type"] in (NESTED, SHARED_OUT) for item in items)


def divide(unit: Unit, payment: Payment, leading: Payment, items: Iterable[Json]) -> None:
    """Writes down who will get what of a new payment."""
    for item in items:
        if item["item_type"] == NESTED:
            inside = item.get("sub_basket", [])
            part = add_child(unit, payment, leading, Kind.PART, item, is_split=is_shared(inside))
            divide(unit, part, leading, inside)
        elif item["item_type"] == SHARED_OUT:
            add_child(unit, payment, leading, Kind.SHARE, item)


def add_child(
    unit: Unit, parent: Payment, leading: Payment, kind: Kind, item: Json, is_split: bool = False
) -> Payment:
    """Add a part or a share of a new payment."""
    contract = unit.contracts.get(item["contract_id"])
    reference = item.get("reference_id")
    return unit.payments.add_later(
        replace(
            parent,
            id=ids.new("PCI"),
            merchant_id=contract.merchant_id,
            contract_id=contract.id,
            parent_id=parent.id,
            reference_id=None if reference is None else str(reference),
            kind=kind,
            amount=item["sum"],
            hash_word=f"{leading.transaction_hash}_",
            given_hash=None,
            is_split=is_split,
            seq=0,
        )
    )


def take_back(unit: Unit, payment: Payment, refund: Payment, shares_first: bool) -> None:
    """Takes from the shares of a payment what a refund takes, from the moment it is promised.

    payment: as it was before.
    """
    shared = payment_tree.shares(unit, payment)
    lefts = [share.effective.amount for share in shared]
    taken = cuts(lefts, -refund.amount, payment.effective.amount, shares_first)
    for share, amount in zip(shared, taken, strict=True):
        if amount:
            recall = unit.payments.add_later(recalled_share(unit, share, refund, amount))
            unit.payments.change(share, replace(share, refunded=share.refunded + amount, updated=unit.now))
            ledger.post(unit, recall, UNSHARED, amount, "share taken back", {LedgerAccount.SHARES: payment})


def recalled_share(unit: Unit, share: Payment, refund: Payment, amount: int) -> Payment:
    """A part of a share on its way back to whom it was taken from."""
    return replace(
        share,
        id=ids.new("PCI"),
        parent_id=share.id,
        refund_id=refund.id,
        kind=Kind.REFUND,
        state=State.CREATED,
        amount=-amount,
        refunded=0,
        created=unit.now,
        updated=unit.now,
        seq=0,
    )


def end_refund(call: Call, unit: Unit, payment: Payment, refund: Payment) -> None:
    """End a refund after the rail's answer: what it took from shares stays taken, or is given again."""
    if not payment.is_split:
        return
    for recall in unit.payments.all(smart_transaction_id=refund.smart_transaction_id, refund_id=refund.id):
        history.move_payment(call, unit, recall, refund.state, f"refund {refund.state}")
        if refund.state is State.DENIED:
            ledger.post(unit, recall, SHARED, -recall.amount, "refund denied", {LedgerAccount.SHARES: payment})
            share = unit.payments.hold(recall.parent_id or "")
            unit.payments.change(share, replace(share, refunded=share.refunded + recall.amount, updated=unit.now))
