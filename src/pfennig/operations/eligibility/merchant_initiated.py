"""Merchant-initiated payments (MIT), while the payer is away: what a shop says about them, and what they need.

Source: docs/wire/16-recurring.md#161-first-and-later-payments
"""

from datetime import date

from pfennig.clock import GERMAN_TIME, read_moment
from pfennig.domain.container import Container
from pfennig.domain.contexts import MitInstructions
from pfennig.domain.methods import METHODS
from pfennig.domain.parties import Contract
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Malformed, NotAllowed
from pfennig.storage.unit import Unit

NEVER_PAID = frozenset({State.CREATED, State.PENDING, State.DENIED})


class RecurringNotEnabled(NotAllowed):
    """Recurring payments are not enabled for this contract."""

    code = 4121


class BadInstructions(Malformed):
    """What was said about payments that are repeated later is incomplete or not possible."""

    code = 3122


class BadReference(Malformed):
    """The first payment that was named cannot be used for this one."""

    code = 3123


class StoredDetailsNeeded(Malformed):
    """A payment without the payer needs payment details that were stored before."""

    code = 3124


class SeriesOver(NotAllowed):
    """The time for which the payer agreed to further payments is over."""

    code = 4123


class OtherDetails(NotAllowed):
    """The first payment was paid with other payment details."""

    code = 4124


def require_instructions(unit: Unit, contract: Contract, stx: SmartTransaction) -> None:
    """Checks what a shop says about a series of payments.

    Raises BadInstructions, BadReference, SeriesOver, RecurringNotEnabled.
    """
    said = stx.payment_context.mit_instructions
    if not said or said == MitInstructions():
        return
    for name in ("type", "standing_instruction"):
        if not getattr(said, name):
            raise BadInstructions(f"payment_context.mit_instructions.{name} is missing")
    if said.standing_instruction == "recurring" and not said.recurring_frequency:
        raise BadInstructions("payment_context.mit_instructions.recurring_frequency is missing")
    if (last := last_day(said)) and last < today(unit):
        raise BadInstructions("payment_context.mit_instructions.recurring_expiry is over")
    if said.type == "mit":
        require_enabled(contract)
        first_payment(unit, stx, said)


def require_enabled(contract: Contract) -> None:
    """Raises RecurringNotEnabled where a contract may not ask for money while the payer is away."""
    if not contract.has_recurring:
        raise RecurringNotEnabled(f"{contract.id} is not enabled for recurring payments")


def last_day(said: MitInstructions) -> date | None:
    """The last day of a series, None if it has no end. Raises BadInstructions."""
    if not (text := said.recurring_expiry):
        return None
    try:
        return read_moment(text).date()
    except ValueError:
        raise BadInstructions(
            "payment_context.mit_instructions.recurring_expiry must be a date such as 2028-12-31"
        ) from None


def today(unit: Unit) -> date:
    """The day in Germany."""
    return unit.now.astimezone(GERMAN_TIME).date()


def first_payment(unit: Unit, stx: SmartTransaction, said: MitInstructions) -> Payment:
    """The payment with which a series began: of the same merchant, by card, and successful.

    Raises BadReference, SeriesOver.
    """
    if not (id := said.cit_reference):
        raise BadReference("payment_context.mit_instructions.cit_reference is missing")
    first = unit.payments.find(id)
    if first is None or first.merchant_id != stx.merchant_id:  # the message does not say whose it is
        raise BadReference("payment_context.mit_instructions.cit_reference is no payment of this merchant")
    is_card = first.kind is Kind.PAYMENT and METHODS[first.method].repetition.has_series
    if not is_card or first.state in NEVER_PAID or first.currency != stx.currency:
        raise BadReference(f"{first.id} is no successful card payment in {stx.currency}")
    agreed = unit.smart_transactions.get(first.smart_transaction_id).payment_context.mit_instructions
    if agreed and (last := last_day(agreed)) and last < today(unit):
        raise SeriesOver(f"the series that {first.id} began has ended")
    return first


def require_stored(unit: Unit, stx: SmartTransaction, is_stored: bool, container: Container | None) -> None:
    """Checks what a payment without the payer is paid with.

    Raises StoredDetailsNeeded, OtherDetails, RecurringNotEnabled, BadReference, SeriesOver.
    """
    require_enabled(unit.contracts.get(stx.contract_id))
    if not is_stored or container is None:
        raise StoredDetailsNeeded("container.id is missing; a payment without the payer needs a stored container")
    said = stx.payment_context.mit_instructions
    if said and said.type == "mit" and first_payment(unit, stx, said).container_id != container.id:
        raise OtherDetails(f"{said.cit_reference} was not paid with {container.id}")
