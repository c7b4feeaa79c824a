"""Prepare, start, abort, cancel: how a Smart Transaction gets and gives back its money.

Source: docs/wire/4-smart-transactions.md#49-prepare-and-start
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pfennig import ids
from pfennig.domain.attempt import Attempt, Result, Verb
from pfennig.domain.choice import agreed_methods, current, pays_again
from pfennig.domain.container import Container
from pfennig.domain.methods import METHODS, MethodNotAvailable
from pfennig.domain.parties import Contract
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.smart_transaction import AFTER_START, OPEN, SmartTransaction, StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed
from pfennig.gateways import Request
from pfennig.money import Money
from pfennig.operations.acquiring import rails
from pfennig.operations.core import contracts, payment_tree, shares, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.eligibility import merchant_initiated, subscription_orders
from pfennig.operations.instruments import containers
from pfennig.operations.instruments.containers import Instrument
from pfennig.operations.pay import accruals, attempts, captures, endings, smart_transactions
from pfennig.operations.pay.smart_transactions import Person
from pfennig.storage.unit import Unit


class NothingToPay(Malformed):
    """There is nothing to pay."""

    code = 3017


class SumChanged(NotAllowed):
    """The amount has changed in the meantime."""

    code = 4064


@dataclass(frozen=True)
class PaymentRequest:
    """A request to pay: with what, and how.

    instrument: a stored one by id or a new one; None where the method needs none, or its rail asks for it.
    customer: who pays, if the shop says so only now.
    return_urls: success_url and failure_url of a shop's own checkout.
    form_key: a checkout form's key; the same form sent twice finds its first attempt.
    agreed: the sum that the payer saw; None where a shop pays for them.
    payer_is_away: whether nobody can be asked to confirm it.
    context: what else is said of how the payment shall run, in the fields of payment_context.
    """

    instrument: Instrument | None = None
    customer: Person | None = None
    return_urls: Mapping[str, str] = field(default_factory=dict)
    form_key: str | None = None
    agreed: Money | None = None
    payer_is_away: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)


def prepare(call: Call, id: str, method: str, payment_request: PaymentRequest) -> SmartTransaction:
    """Authorise by a method; with auto capture, or where the method knows no other way, also collect.

    An earlier attempt is abandoned. Answers the Smart Transaction as it is afterwards, `failed` if it was refused.
    Raises WrongState, MethodNotAvailable, NotRepeatable, NothingToPay, UnknownId, BadIban.
    """
    with call.unit() as unit:
        todo, again = begin(call, unit, transactions.lock(call, unit, id), method, payment_request, captures=False)
        requests = rails.requests(call, unit, todo)
    return carry_out_and_get(call, id, requests, again)


def start(call: Call, id: str, method: str | None, payment_request: PaymentRequest) -> SmartTransaction:
    """Collect what was authorised; without an authorisation, and with a method, pay at once.

    Raises CaptureNotAllowed and what `prepare` raises.
    """
    with call.unit() as unit:
        stx = transactions.lock(call, unit, id)
        if stx.status is StxStatus.APPROVED and method in (None, stx.method):
            todo, again = [captures.add_capture_of_transaction(unit, stx)], None
        elif method is None or stx.status not in OPEN - {StxStatus.APPROVED}:
            raise captures.CaptureNotAllowed
        else:
            todo, again = begin(call, unit, stx, method, payment_request, captures=True)
        requests = rails.requests(call, unit, todo)
    return carry_out_and_get(call, id, requests, again)


def begin(
    call: Call, unit: Unit, stx: SmartTransaction, method: str, payment_request: PaymentRequest, captures: bool
) -> tuple[list[Attempt], Attempt | None]:
    """Abandons what was, and writes down a new payment: what to ask the rails, or what the same form asked before."""
    if again := same_form(unit, stx, payment_request.form_key):
        return [], again
    require_payable(call, unit, stx, method)
    if payment_request.agreed not in (None, due := subscription_orders.due_today(unit, stx)):
        raise SumChanged(f"{due.amount} is asked by now")
    if payment_request.customer:
        stx = smart_transactions.store_customer(call, unit, stx, payment_request.customer)
        require_payable(call, unit, stx, method)  # the method may not be for this payer
    if payment_request.context:
        stx = smart_transactions.store_context(unit, stx, dict(payment_request.context))
    if call.caller and stx.is_merchant_initiated and METHODS[method].repetition.has_series:
        payment_request = replace(payment_request, payer_is_away=True)
    if call.caller is None:  # the payer is here, on a page in their language
        spoken = replace(stx, language=call.language[:2], has_own_language=True)
        stx = unit.smart_transactions.change(stx, spoken)
    todo = [] if lock_untouched(unit, stx, method) else list(attempts.abandon(call, unit, stx))
    if stx.status is StxStatus.APPROVED:  # its reservation is given up just now
        stx = transactions.move(call, unit, stx, StxStatus.CREATED, "new attempt")
    return [*todo, open_first_attempt(call, unit, stx, method, payment_request, captures)], None


def carry_out_and_get(call: Call, id: str, requests: Sequence[Request], again: Attempt | None) -> SmartTransaction:
    """The transaction after its rails were asked, or asked once more what became of the same form."""
    if again and again.is_open and again.result is not Result.REDIRECT:
        attempts.resume_early(call, again)
    attempts.carry_out(call, requests)
    return reread(call, id)


def same_form(unit: Unit, stx: SmartTransaction, form_key: str | None) -> Attempt | None:
    """The attempt that this very form has already made, if there is one."""
    if form_key is None:
        return None
    return unit.attempts.one(smart_transaction_id=stx.id, form_key=form_key)


def require_payable(call: Call, unit: Unit, stx: SmartTransaction, method: str) -> None:
    """Requires that a transaction can be paid by a method.

    Raises WrongState, NothingToPay, ContractNotActive, MethodNotAvailable, NotRepeatable, and what
    `require_sound` raises.
    """
    if stx.status not in OPEN:
        raise WrongState(f"The current status {stx.status.value!r} does not allow a payment")
    if not stx.is_payable:
        raise NothingToPay("basket_info.sum must be above 0")
    if method not in offered_methods(call, unit, stx):
        contract = unit.contracts.get(stx.contract_id)
        contracts.require_active(contract)
        if pays_again(stx, method) and rails.asks_payer(call.platform, contract, method):
            raise subscription_orders.NotRepeatable(
                f"who collects {method} asks the payer itself and keeps nothing that pays again"
            )
        raise MethodNotAvailable
    shares.require_divisible(unit, stx)


def offered_methods(call: Call, unit: Unit, stx: SmartTransaction) -> list[str]:
    """The methods by which this transaction can be paid: agreed, wanted by the shop, fit for it, and with a rail."""
    contract = unit.contracts.get(stx.contract_id)
    is_shared, due = shares.is_shared(shares.products(stx)), subscription_orders.due_today(unit, stx)
    agreed = agreed_methods(contract, stx, unit.now, is_shared, due)
    possible = rails.methods_with_rail(call.platform, contract, agreed)
    if (repeatable := subscription_orders.possible(unit, stx)) is not None:
        possible = [method for method in possible if method in repeatable]
    return [
        method
        for method in possible
        if rails.can_keep(call.platform, contract, method) or not pays_again(stx, method)
    ]


def contracted_methods(call: Call, unit: Unit, contract: Contract) -> list[str]:
    """The methods of a contract for which there is a rail."""
    return rails.methods_with_rail(call.platform, contract, current(contract, unit.now))


def open_first_attempt(
    call: Call, unit: Unit, stx: SmartTransaction, method: str, payment_request: PaymentRequest, captures: bool
) -> Attempt:
    """The first question about the leading payment: about one that was made in advance, or about a new one."""
    container = containers.obtain_instrument(call, unit, stx, method, payment_request.instrument)
    subscription_orders.require_repeatable(stx, container)
    if payment_request.payer_is_away:
        is_stored = payment_request.instrument is not None and bool(payment_request.instrument.id)
        merchant_initiated.require_stored(unit, stx, is_stored, container)
    payment = lock_untouched(unit, stx, method)
    if payment is None:
        payment = add_leading_payment(call, unit, stx, method, container)
    elif container:
        payment = unit.payments.change(payment, replace(payment, container_id=container.id, updated=unit.now))
    return add_first_attempt(call, unit, stx, payment, payment_request, captures)


def lock_untouched(unit: Unit, stx: SmartTransaction, method: str) -> Payment | None:
    """Lock the leading payment if it was made for this method in advance, and no rail was asked for it yet."""
    if stx.origin is None or stx.payment_id is None:
        return None
    payment = unit.payments.hold(stx.payment_id)
    is_fresh = payment.state is State.CREATED and payment.method == method and not payment.is_abandoned
    return payment if is_fresh and unit.attempts.one(payment_id=payment.id) is None else None


def add_leading_payment(
    call: Call,
    unit: Unit,
    stx: SmartTransaction,
    method: str,
    container: Container | None,
    given_hash: str | None = None,
) -> Payment:
    """A new payment, which the transaction follows from now on, with the parts and shares of its basket."""
    earlier = unit.payments.find(stx.payment_id) if stx.payment_id else None
    items, first = shares.products(stx), subscription_orders.first_price(unit, stx)
    payment = Payment(
        id=ids.new("PCI"),
        merchant_id=stx.merchant_id,
        contract_id=stx.contract_id,
        smart_transaction_id=stx.id,
        kind=Kind.MIXED if shares.is_mixed(items) else Kind.PAYMENT,
        method=method,
        amount=stx.amount + first,
        currency=stx.currency,
        hash_word=ids.new_hash_word(),
        given_hash=given_hash,
        container_id=container.id if container else None,
        is_demo=stx.is_demo,
        # What the merchant said of an earlier try is still what they want.
        is_held=earlier.is_held if earlier else bool(stx.payment_context.accrual),
        is_split=shares.is_shared(items),
        created=unit.now,
        updated=unit.now,
    )
    # Its number is in the names of its shares, and in the answer of a legacy endpoint.
    needs_number = payment.is_split or stx.is_legacy
    payment = unit.payments.add(payment) if needs_number else unit.payments.add_later(payment)
    shares.divide(unit, payment, payment, items)
    accruals.note_held(call, unit, payment)
    data = subscription_orders.data_with_agreement(unit, stx)
    after = replace(stx, payment_id=payment.id, method=method, data=data, updated=unit.now)
    unit.smart_transactions.change(stx, after)
    return payment


def add_first_attempt(
    call: Call, unit: Unit, stx: SmartTransaction, payment: Payment, payment_request: PaymentRequest, captures: bool
) -> Attempt:
    """Adds the attempt that starts a payment: reserve it, or collect it at once. Raises MethodNotAvailable."""
    return attempts.add_attempt(
        payment,
        Verb.START,
        unit,
        rail=rails.rail_of_start(call.platform, unit, stx.contract_id, payment.method),
        captures=captures or stx.auto_capture or payment.course.is_immediate,
        return_urls=payment_request.return_urls,
        form_key=payment_request.form_key,
        payer_is_away=payment_request.payer_is_away,
    )


def abort(call: Call, id: str) -> SmartTransaction:
    """End a transaction that was not paid; a reservation is let go. Raises WrongState, UnknownId."""
    with call.unit() as unit:
        stx = transactions.lock(call, unit, id)
        requests = rails.requests(call, unit, endings.end(call, unit, stx, "abort"))
    attempts.carry_out(call, requests)
    return reread(call, id)


def cancel(call: Call, id: str) -> SmartTransaction:
    """Give back everything that was paid, or stop waiting for it. Raises WrongState, UnknownId."""
    with call.unit() as unit:
        stx = transactions.lock(call, unit, id)
        if stx.status not in AFTER_START:
            hint = "; what is not paid yet is ended by abort" if stx.status in OPEN else ""
            raise WrongState(f"The current status {stx.status.value!r} does not allow 'cancelled'{hint}")
        payment = transactions.lock_paid(unit, stx)
        payment_tree.require_idle(unit, payment)
        if payment.state is State.ISSUE:
            raise WrongState("The payer's bank has taken the money back")
        todo = attempts.release(call, unit, payment, ends=StxStatus.CANCELLED)
        if not todo:  # everything was given back before, payment by payment
            transactions.move(call, unit, stx, StxStatus.CANCELLED, "cancel")
        requests = rails.requests(call, unit, todo)
    attempts.carry_out(call, requests)
    return reread(call, id)


def reread(call: Call, id: str) -> SmartTransaction:
    """The Smart Transaction as it is now."""
    return call.glance(lambda unit: unit.smart_transactions.get(id))
