"""Take money that belongs to no order off its payment, or send it back to where it came from.

Whoever does so holds the payment, then its bank lines in their order; so nothing is given away twice.
Source: docs/decisions/0025-surplus.md
"""

from dataclasses import dataclass, replace

from pfennig import ids
from pfennig.domain.bank import Allocation, Receipt, Return, net
from pfennig.domain.container import BankAccount, account_of_iban
from pfennig.domain.ledger import SENT_BACK, UNASSIGNED_WHY, LedgerAccount, taken_off
from pfennig.domain.payment import Kind, Payment
from pfennig.domain.sepa import LONGEST_OWNER, LONGEST_PURPOSE, MOST, bank_text
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed, NotAllowed
from pfennig.money import Money
from pfennig.operations.books import bank, remittances
from pfennig.operations.core import access, audit, ledger
from pfennig.operations.core.call import Call
from pfennig.operations.pay import surplus
from pfennig.storage.integrity import marking
from pfennig.storage.unit import Unit


class NothingOver(NotAllowed):
    """This payment has no more money than it needs."""

    code = 4171


class MoreThanOver(Malformed):
    """This is more than there is."""

    code = 3186


class NoWayBack(NotAllowed):
    """Nobody knows the account that this money came from, so it cannot be sent back by itself."""

    code = 4172


@dataclass(frozen=True)
class MovedPart:
    """The part of a bank line that was taken off a payment or goes back, and what is unassigned of the line now."""

    line: Receipt
    amount: int
    rest: int


@dataclass(frozen=True)
class TakenPart:
    """The parts of bank lines that were taken off a payment, newest first."""

    stx: SmartTransaction
    payment: Payment
    lines: list[MovedPart]


def unassign(call: Call, payment_id: str, amount: int | None = None) -> list[MovedPart]:
    """Takes what a payment does not need off it, so that it can be given to another one.

    amount: in minor units; None for all that is too much. Raises NothingOver, MoreThanOver, NoTransfer, UnknownId,
    and WrongState while the rail is asked about the payment.
    """
    with call.unit() as unit:
        return take_off(call, unit, payment_id, amount).lines


def send_back(call: Call, payment_id: str, amount: int | None = None) -> list[MovedPart]:
    """Sends what a payment does not need back to where it came from, all of it or nothing.

    Raises NoWayBack, and the same as `unassign`.
    """
    with call.unit() as unit:
        taken = take_off(call, unit, payment_id, amount)
        for each in taken.lines:
            order(call, unit, each.line, each.amount, taken)
        return [replace(each, rest=each.rest - each.amount) for each in taken.lines]


def send_line_back(call: Call, line_id: str, amount: int | None = None) -> MovedPart:
    """Sends what is unassigned of a bank line back to where it came from.

    line_id: BKL_…, or its running number. Raises NothingUnassigned, MoreThanOver, NoWayBack, UnknownId.
    """
    with call.unit() as unit:
        line = bank.lock_credit(call, unit, line_id)
        if not line.rest:
            raise bank.NothingUnassigned(f"nothing is left of {line.receipt.id}")
        wanted = line.rest if amount is None else amount
        if not 0 < wanted <= line.rest:
            raise MoreThanOver(
                f"{line.receipt.id} has {Money(line.rest, line.receipt.currency).plain} that belongs to nobody"
            )
        order(call, unit, line.receipt, wanted)
        return MovedPart(line.receipt, wanted, line.rest - wanted)


def take_off(call: Call, unit: Unit, payment_id: str, amount: int | None) -> TakenPart:
    """Takes off a payment what it does not need, the newest transfers first; it belongs to nobody then."""
    payment = access.get(call, unit, unit.payments, payment_id)
    [(stx, payment)] = bank.lock_payments(unit, [payment])
    bank.require_by_transfer(unit, payment)
    free = surplus.of(unit, payment)
    missing = free if amount is None else amount
    if not free:
        raise NothingOver(f"{payment.id} has nothing that it does not need")
    if not 0 < missing <= free:
        raise MoreThanOver(f"{payment.id} has {Money(free, payment.currency).plain} more than it needs")
    given = net(unit.allocations.all(payment_id=payment.id))
    held = {id: bank.lock_credit(call, unit, id) for id in in_order(unit, given)}
    moved = []
    for id, part in reversed(given.items()):
        if taken := min(part, missing):
            take_part(unit, stx, payment, held[id].receipt, taken)
            moved.append(MovedPart(held[id].receipt, taken, held[id].rest + taken))
            missing -= taken
    audit.note(unit, call, "take transfer off", "payment", payment.id, payment.merchant_id)
    if payment.kind is not Kind.PAYOUT:
        surplus.notify(call, unit, stx, payment, free)
    return TakenPart(stx, payment, moved)


def in_order(unit: Unit, ids_of_lines: dict[str, int]) -> list[str]:
    """Bank lines in the order in which everybody holds them."""
    return [line.id for line in sorted(unit.receipts.by_id(ids_of_lines).values(), key=lambda line: line.seq)]


def take_part(unit: Unit, stx: SmartTransaction, payment: Payment, line: Receipt, amount: int) -> None:
    """Takes a part of a bank line off a payment, and posts that."""
    unit.allocations.add(allocation(unit, stx.id, payment.merchant_id, line, payment.id, -amount))
    ledger.post(unit, payment, taken_off(payment), amount, UNASSIGNED_WHY, {LedgerAccount.UNASSIGNED: line})


def allocation(unit: Unit, stx_id: str, merchant_id: str, line: Receipt, about_id: str, amount: int) -> Allocation:
    """The allocation of a part of a bank line to something, from now on."""
    return Allocation(
        id=ids.new("BKA"),
        merchant_id=merchant_id,
        receipt_id=line.id,
        payment_id=about_id,
        smart_transaction_id=stx_id,
        amount=amount,
        created=unit.now,
    )


def order(call: Call, unit: Unit, line: Receipt, amount: int, taken: TakenPart | None = None) -> Return:
    """A transfer of a part of a bank line, back to its account. Raises NoWayBack."""
    if not marking.is_proven(unit, "receipts", line):
        raise NoWayBack(f"the account of {line.id} is not the one that was written down")
    account = account_of(line, amount)
    stx_id = taken.stx.id if taken else ""
    one = unit.returns.add(
        Return(
            id=ids.new("BKR"),
            merchant_id=line.merchant_id,
            contract_id=line.contract_id,
            receipt_id=line.id,
            payment_id=taken.payment.id if taken else "",
            smart_transaction_id=stx_id,
            amount=amount,
            currency=line.currency,
            created=unit.now,
        )
    )
    unit.allocations.add(allocation(unit, stx_id, line.merchant_id, line, one.id, amount))
    ledger.post(unit, one, SENT_BACK, amount, "sent back")
    purpose = f"RETURN {taken.payment.purpose if taken else line.purpose}"[:LONGEST_PURPOSE]
    remittances.order(call, unit, remittances.plan(unit, one, vars(account), purpose), one)
    audit.note(unit, call, "send back", "bank line", line.id, line.merchant_id)
    return one


def account_of(line: Receipt, amount: int) -> BankAccount:
    """The account that a bank line came from. Raises NoWayBack, which does not repeat the number."""
    account = account_of_iban(line.iban, line.owner) if line.iban else None
    if account is None:
        raise NoWayBack(f"the bank did not say a valid IBAN for {line.id}")
    if not bank_text(line.owner, LONGEST_OWNER):
        raise NoWayBack(f"the bank did not say who owns the account of {line.id}, in letters that a bank can write")
    if line.currency == remittances.SEPA_CURRENCY and amount > MOST:
        raise NoWayBack(f"{Money(amount, line.currency).plain} of {line.id} is more than one transfer can be")
    return account
