"""Settlement: pay merchants what is theirs, accepted, not held back, and not paid out before.

Which payout a posting belongs to is written on the posting, by the database and once, so runs that are repeated, or
at work at the same time, pay nothing twice. Source: docs/operators.md#settle
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from pfennig import ids
from pfennig.clock import GERMAN_TIME
from pfennig.domain.calendar import Appointment, Occasion
from pfennig.domain.history import Type
from pfennig.domain.ledger import SETTLED_OUT, SHARED_BEFORE
from pfennig.domain.sepa import LONGEST_OWNER, bank_text
from pfennig.domain.settlement import Invoice, Payout, Sums, add_up, net_of
from pfennig.errors import Unavailable
from pfennig.operations.books import remittances
from pfennig.operations.checks import reconciliation
from pfennig.operations.core import audit, ledger
from pfennig.operations.core.call import Call
from pfennig.storage.integrity import marking
from pfennig.storage.queries import lookups, settling
from pfennig.storage.unit import Unit

log = structlog.get_logger()


class NotPaid(Exception):
    """The reasons why a contract is not paid out now; what it is owed waits for the next run."""


@dataclass(frozen=True)
class Result:
    """The result of a run for a contract. amount: what it was owed. payout: None where it got nothing, and why.

    has_failed: whether that was a fault of ours.
    """

    contract_id: str
    currency: str
    amount: int
    payout: Payout | None
    why: str = ""
    has_failed: bool = False


def run(call: Call) -> list[Result]:
    """Pays out every contract. Who owes us, or has no account, waits. One that fails does not hold up the others.

    All wait while the last look at the books has found a difference.
    """
    with call.view() as view:
        owed = settling.balances_owed(view)
    results = []
    for merchant_id, balance in owed:
        contract_id, currency, amount = balance.contract_id, balance.currency, balance.available
        if amount == 0:
            continue
        try:
            payout = settle(call.about(merchant_id), contract_id, currency)
            results.append(Result(contract_id, currency, payout.amount, payout))
        except NotPaid as reason:
            results.append(Result(contract_id, currency, amount, None, str(reason)))
        except Unavailable:
            raise
        except Exception:  # the others shall not wait for this one
            log.exception("settlement", contract=contract_id, currency=currency)
            results.append(Result(contract_id, currency, amount, None, "it failed, see the log", has_failed=True))
    return results


def settle(call: Call, contract_id: str, currency: str) -> Payout:
    """Pays a contract all that it is owed in a currency. Raises NotPaid, and then nothing was written."""
    with call.unit() as unit:
        contract = unit.contracts.hold(contract_id)
        if not contract.payout_account:
            raise NotPaid("it has no payout account")
        if not bank_text(contract.payout_account["owner"], LONGEST_OWNER):
            raise NotPaid("the owner of its payout account has no letter or digit that a bank can write")
        if not marking.is_proven(unit, "contracts", contract):
            raise NotPaid("its payout account is not the one that was written down, see pfennig ledger check")
        require_sound_books(unit, contract_id, currency)
        id = ids.new("PPO")
        sums = add_up(settling.settle(unit, id, contract_id, currency))
        if sums.to_pay_out <= 0:
            raise NotPaid("nothing is left to pay out")
        payout = unit.payouts.add(
            Payout(
                id=id,
                merchant_id=contract.merchant_id,
                contract_id=contract_id,
                number=settling.last_number(unit, contract_id, currency) + 1,
                currency=currency,
                **vars(sums),
                amount=sums.to_pay_out,
                created=unit.now,
            )
        )
        post(unit, payout, sums)
        add_invoice(call, unit, payout)
        planned = remittances.plan(unit, payout, contract.payout_account, payout.purpose)
        remittance = remittances.order(call, unit, planned, payout)
        audit.note(unit, call, "settle", "contract", contract_id, contract.merchant_id)
        remittances.emit_payout(call, unit, remittance, Type.ADDED)
        return payout


def require_sound_books(unit: Unit, contract_id: str, currency: str) -> None:
    """Raises NotPaid after a look at the books that found a difference, or where no payment is a reason to pay."""
    if why := reconciliation.doubt(unit):
        raise NotPaid(why)
    if settling.count_strange(unit, contract_id, currency):
        raise NotPaid("something is posted without a payment, see pfennig ledger check")


def post(unit: Unit, payout: Payout, sums: Sums) -> None:
    """Posts that what was owed is on its way to the bank; what was shared out of it is not."""
    ledger.post(unit, payout, SETTLED_OUT, sums.to_pay_out + sums.shares, "settled", payout_id=payout.id)
    if sums.shares:
        ledger.post(unit, payout, SHARED_BEFORE, sums.shares, "settled", payout_id=payout.id)


def add_invoice(call: Call, unit: Unit, payout: Payout) -> None:
    """An invoice for what we took, if we took anything."""
    if payout.fees > 0:
        percent = call.platform.fee_tax_percent
        net = net_of(payout.fees, percent)
        unit.invoices.add(
            Invoice(
                id=ids.new("PIV"),
                merchant_id=payout.merchant_id,
                contract_id=payout.contract_id,
                payout_id=payout.id,
                currency=payout.currency,
                amount=net,
                tax=payout.fees - net,
                tax_percent=percent,
                created=unit.now,
            )
        )


def plan(call: Call) -> None:
    """Plans when merchants are paid out next, if the platform does so by itself. Twice is fine."""
    if call.platform.settle_at is None:
        return
    with call.unit() as unit:
        due = next_time(call, unit.now)
        id = f"APT_SETTLEMENT_{due:%Y%m%d}"
        if unit.appointments.find(id) is None:
            day = Appointment(
                id=id,
                merchant_id="",
                smart_transaction_id="",
                payment_id="",
                what=Occasion.SETTLEMENT,
                due=due,
                created=unit.now,
            )
            lookups.if_unique(unit, lambda: unit.appointments.add(day))


def next_time(call: Call, now: datetime) -> datetime:
    """The next moment at which the platform pays out."""
    local = now.astimezone(GERMAN_TIME)
    today = datetime.combine(local, call.platform.settle_at, GERMAN_TIME)  # type: ignore[arg-type]
    return today if today > local else today + timedelta(days=1)


def keep(call: Call, appointment: Appointment) -> None:
    """Pays out on the day of an appointment, and plans the next one.

    It is over when that is done: whatever a crash leaves is paid out by whoever comes next.
    """
    if call.platform.settle_at is not None:
        run(call)
    with call.unit() as unit:
        current = unit.appointments.hold(appointment.id)
        unit.appointments.change(current, replace(current, is_open=False))
    plan(call)
