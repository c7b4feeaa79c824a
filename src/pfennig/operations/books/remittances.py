"""Transfers that the operator's bank is to make: ordered once, put into one bank file each, noted once as made.

All money that leaves does so here, and none while the books differ.
Source: docs/operators.md#settle
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from pfennig import ids
from pfennig.clock import read_moment
from pfennig.domain.calendar import Later, Occasion
from pfennig.domain.history import Type
from pfennig.domain.ledger import SENT, About
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.search_values import midnight
from pfennig.domain.sepa import flaw
from pfennig.domain.settlement import Remittance, mark_of
from pfennig.errors import NotAllowed
from pfennig.operations.checks import reconciliation
from pfennig.operations.core import appointments, audit, history, ledger
from pfennig.operations.core.call import Call
from pfennig.operations.pay import attempts
from pfennig.storage import tolerant
from pfennig.storage.integrity import marking
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit

SEPA_CURRENCY = "EUR"
"""The currency of a SEPA credit transfer."""

PAYOUTS = "payment.payouts"

PASSED_ON_AFTER = timedelta(minutes=15)
"""The pause before another look at a payout transaction that waits until the books agree."""

EXECUTION_DATE = "execution_date"
"""The field of a payout's transaction for the day on which its merchant wants it to go out."""


class NotOpen(NotAllowed):
    """This transfer is not waiting for the bank."""

    code = 4140


class NothingToSend(NotAllowed):
    """There is no transfer for a bank file."""

    code = 4141


class Overtaken(NotAllowed):
    """Another bank file has taken some of these transfers. Make the file again."""

    code = 4170


@dataclass(frozen=True)
class Batch:
    """The transfers of a bank file, and those that fit into none, with the reason.

    id: what the bank knows the file by, and takes once. made: when it was made first; the file says so.
    """

    id: str
    made: datetime
    transfers: Sequence[Remittance]
    left_out: Mapping[str, str] = field(default_factory=dict)

    def without(self, flaws: Mapping[str, str]) -> "Batch":
        """The batch without transfers that have a flaw, by id. Raises NothingToSend, naming them, if none is left."""
        left = [each for each in self.transfers if each.id not in flaws]
        left_out = {**self.left_out, **flaws}
        if not left:
            raise NothingToSend("; ".join(f"{id}: {why}" for id, why in left_out.items()))
        return replace(self, transfers=left, left_out=left_out)


class PaidOut(About, Protocol):
    """The things that a transfer can be for: a payout, a line of a payout transaction, or a return."""

    @property
    def amount(self) -> int: ...


def plan(unit: Unit, about: PaidOut, account: Mapping[str, str], purpose: str) -> Remittance:
    """A transfer for what will be paid out, as soon as it is ordered."""
    salt = secrets.token_hex(16)
    return unit.remittances.add(
        Remittance(
            id=ids.new("RMT"),
            merchant_id=about.merchant_id,
            contract_id=about.contract_id,
            about_id=about.id,
            amount=about.amount,
            currency=about.currency,
            account=account,
            account_mark=mark_of(account, salt),
            salt=salt,
            purpose=purpose,
            is_open=False,
            created=unit.now,
        )
    )


def order(call: Call, unit: Unit, remittance: Remittance, about: About) -> Remittance:
    """The transfer, which the bank is to make now. Some do so at once. Raises BooksDiffer."""
    reconciliation.require_sound(unit)
    remittance = unit.remittances.change(remittance, replace(remittance, is_open=True))
    return mark_made(unit, remittance, about) if call.platform.can.outgoing.takes(remittance) else remittance


def pass_on(call: Call, unit: Unit, payout: Payment) -> None:
    """Has the transfers of a payout transaction made, as soon as its day has come and all the money is there.

    While the books differ it is looked at again later.
    """
    if payout.state is not State.PENDING or attempts.received_amount(unit, payout) < payout.amount:
        return
    stx = unit.smart_transactions.get(payout.smart_transaction_id)
    if day_ahead(stx.data.get(EXECUTION_DATE), unit.now):
        return
    if not reconciliation.are_sound(unit):  # money that has come is booked all the same
        appointments.appoint(unit, payout, Later(Occasion.EXECUTION, PASSED_ON_AFTER))
        return
    history.move_payment(call, unit, payout, State.ACCEPTED, "transfer")
    for line in unit.payments.all(parent_id=payout.id, kind=Kind.TRANSFER):
        order(call, unit, require_known(unit.remittances.one(about_id=line.id), line.id), line)


def day_ahead(wanted: str | None, now: datetime) -> datetime | None:
    """The moment when a wanted day begins, None if it has come. Raises ValueError for what is no day."""
    if not wanted:
        return None
    start = midnight(read_moment(wanted[:10]).date())
    return start if start > now else None


def mark_made(unit: Unit, remittance: Remittance, about: About) -> Remittance:
    """Mark a transfer as made by the bank, and post it."""
    ledger.post(unit, about, SENT, remittance.amount, "paid out")
    return unit.remittances.change(remittance, replace(remittance, is_open=False, paid=unit.now))


def confirm(call: Call, id: str) -> None:
    """Notes that the bank has made a transfer, and notifies about it. Raises NotOpen, BooksDiffer, UnknownId."""
    with call.view() as view:
        merchant_id = view.remittances.get(id).merchant_id
    call = call.about(merchant_id)
    with call.unit() as unit:
        reconciliation.require_sound(unit)
        remittance = unit.remittances.hold(id)
        if not remittance.is_open:
            raise NotOpen(f"{id} was made already, or is not to be made yet")
        payout, back = unit.payouts.find(remittance.about_id), unit.returns.find(remittance.about_id)
        mark_made(unit, remittance, payout or back or unit.payments.get(remittance.about_id))
        audit.note(unit, call, "confirm", "transfer", id, merchant_id)
        if payout:
            emit_payout(call, unit, remittance, Type.CHANGED)


def emit_payout(call: Call, unit: Unit, remittance: Remittance, type: Type) -> None:
    """Emit an event about a payout to the contract's push address, if it has one."""
    url = unit.contracts.get(remittance.contract_id).url_push
    if url:
        history.emit_to(call, unit, remittance, url, PAYOUTS, remittance.about_id, type)


def confirm_all(call: Call, id: str) -> int:
    """Notes that the bank has made a transfer, RMT_…, or those of a bank file, BAT_…. Answers how many were open.

    Raises NotOpen, NothingToSend, BooksDiffer, UnknownId.
    """
    if not id.startswith("BAT_"):
        confirm(call, id)
        return 1
    still_open = [each for each in in_batch(call, id) if each.is_open]
    for each in still_open:
        confirm(call, each.id)
    return len(still_open)


def in_batch(call: Call, id: str) -> list[Remittance]:
    """The transfers of a bank file that was made before. Raises NothingToSend."""
    with call.view() as view:
        found = view.remittances.all(batch_id=id)
    if not found:
        raise NothingToSend(f"there is no transfer in {id}")
    return found


def earlier_batch(call: Call, id: str) -> Batch:
    """A bank file that was made before, to be written anew with the same content.

    Raises NothingToSend, BooksDiffer.
    """
    with call.view() as view:
        books = tolerant.books(view)
        found = books.remittances.all(batch_id=id)
        left_out = {each.id: str(each) for each in books.unreadable}
        if not found and not left_out:
            raise NothingToSend(f"there is no transfer in {id}")
        made = next((each.batched for each in found if each.batched), None)
        made = made or max((each.created for each in found), default=view.now)
        return fitting(view, Batch(id, made, found, left_out))


def new_batch(call: Call) -> Batch:
    """A bank file of every transfer in euros that is in none yet. Nothing is written.

    Raises NothingToSend, BooksDiffer.
    """
    with call.view() as view:
        books = tolerant.books(view)
        found = books.remittances.all(is_open=True, batch_id=None, currency=SEPA_CURRENCY)
        left_out = {each.id: str(each) for each in books.unreadable}
        if not found and not left_out:
            waiting = view.remittances.all(is_open=True, currency=SEPA_CURRENCY)
            files = sorted({each.batch_id for each in waiting if each.batch_id})
            earlier = f"; not noted as made: {', '.join(files)}" if files else ""
            at_once = "" if call.platform.can.moves_money else "; a twin makes its transfers at once, without a file"
            raise NothingToSend(f"there is no open transfer in EUR outside of a bank file{earlier}{at_once}")
        return fitting(view, Batch(ids.new("BAT"), view.now.replace(microsecond=0), found, left_out))


def fitting(unit: Unit, batch: Batch) -> Batch:
    """The batch without the transfers that no bank file can hold, or that are not those that were planned.

    Raises NothingToSend, BooksDiffer.
    """
    reconciliation.require_sound(unit)
    flaws = {each.id: why for each in batch.transfers if (why := flaw(each))}
    forged = [each.id for each in batch.transfers if not marking.is_proven(unit, "remittances", each)]
    return batch.without(flaws | dict.fromkeys(forged, "its account is not the one that was written down"))


def book(call: Call, batch: Batch) -> None:
    """Notes that these transfers are in a bank file: all of them, or none.

    Raises Overtaken, BooksDiffer, UnknownId.
    """
    with call.unit() as unit:
        reconciliation.require_sound(unit)
        for each in batch.transfers:
            held = unit.remittances.hold(each.id)
            if not held.is_open or held.batch_id:
                raise Overtaken(f"{each.id} is in {held.batch_id or 'no file, and was made'}")
            if (held.account, held.amount) != (each.account, each.amount):
                raise Overtaken(f"{each.id} was changed meanwhile")
            unit.remittances.change(held, replace(held, batch_id=batch.id, batched=batch.made))
        audit.note(unit, call, "write", "bank file", batch.id)


def is_booked(call: Call, batch_id: str) -> bool:
    """Whether any transfer is in this bank file."""
    with call.view() as view:
        return view.remittances.one(batch_id=batch_id) is not None
