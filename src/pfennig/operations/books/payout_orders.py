"""Pay out to others: interest, repayments, whatever a merchant owes many. The money for it has to arrive first.

Source: docs/wire/13-payouts.md#payout-transactions
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct

from pfennig import ids
from pfennig.domain.calendar import Later, Occasion
from pfennig.domain.container import BankAccount, Type, bank_account
from pfennig.domain.contexts import ApplicationContext, ReturnUrls
from pfennig.domain.payment import FIRST_TRANS_ID, PAYOUT, Kind, Payment, State
from pfennig.domain.sepa import LONGEST_OWNER, LONGEST_PURPOSE, MOST, require_bank_text
from pfennig.domain.smart_transaction import SmartTransaction, StxStatus
from pfennig.domain.states import WrongState
from pfennig.errors import Malformed, NotAllowed, Refusal
from pfennig.money import LARGEST_AMOUNT, is_currency
from pfennig.operations.books import remittances
from pfennig.operations.core import access, appointments, audit, history, transactions
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import containers
from pfennig.operations.legacy.payments import Options, RedirectUrls
from pfennig.operations.pay import attempts, refunds, smart_transactions
from pfennig.operations.pay.smart_transactions import BasketInfo, Id, Person, Reference, UnknownCurrency
from pfennig.storage.shelf import require_known
from pfennig.storage.unit import Unit

ORIGIN = "secupaypayout"
MOST_LINES = 200

Amount = Annotated[int, Meta(ge=1, le=LARGEST_AMOUNT)]
Purpose = Annotated[str, Meta(min_length=1, max_length=140, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=70, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Mark = Annotated[str, Meta(max_length=80)]


NAMED = "names_account"
"""The note on a line that names the account itself."""


class OneList(Malformed):
    """A payout names either transaction_list or payout_list."""

    code = 3141


class LineRefused(Malformed):
    """A line of this payout cannot be paid out."""

    code = 3142


class WrongSum(Malformed):
    """The lines of this payout do not add up to its amount."""

    code = 3143


class HasMoney(NotAllowed):
    """Money for this payout has arrived already."""

    code = 4145


class Item(Struct):
    """One line of transaction_list, whose recipient is known from a transaction or an instrument."""

    name: Name
    total: Amount
    item_type: Mark | None = None
    reference_id: Mark | None = None
    transaction_hash: Mark | None = None
    transaction_id: Mark | None = None
    container_id: Mark | None = None


class RecipientAccount(Struct):
    """A bank account; what follows from the IBAN is looked up."""

    owner: Name
    iban: Annotated[str, Meta(max_length=40)]


class Entry(Struct):
    """One line of payout_list: it names the account, or an earlier transaction whose payer gets the money."""

    amount: Amount
    purpose: Purpose
    reference: Mark
    recipient: Mark | None = None
    bank_account: RecipientAccount | None = None
    origin_transaction: Annotated[int, Meta(ge=1, le=2**53)] | None = None


class PayoutRequest(Struct):
    """A merchant's order of a payout, in either of two ways."""

    amount: Amount
    currency: Annotated[str, Meta(max_length=3)]
    purpose: Purpose
    transaction_list: Annotated[list[Item], Meta(max_length=MOST_LINES)] | None = None
    payout_list: Annotated[list[Entry], Meta(max_length=MOST_LINES)] | None = None
    customer: Reference | Person | None = None
    contract: Reference | Id | None = None
    contract_id: Reference | None = None
    order_id: Annotated[int, Meta(ge=-(2**53), le=2**53)] | Mark | None = None
    opt_data: Options | None = None
    redirect_url: RedirectUrls | None = None
    execution_date: Mark | None = None


@dataclass(frozen=True)
class PayoutLine:
    """One line of a payout: how much goes where. said: the merchant's words about it, without account and names."""

    amount: int
    account: BankAccount
    purpose: str
    reference: str | None
    said: dict[str, Any]


def create(call: Call, request: PayoutRequest) -> Payment:
    """A new payout with its lines. It waits until all the money for it has arrived.

    Raises OneList, WrongSum, LineRefused, which names the line, UnknownCurrency, and what creating a Smart
    Transaction may raise. Then nothing is written.
    """
    require_sound(request)
    with call.unit() as unit:
        day = day_of(request, unit.now)
        stx = smart_transactions.open_transaction(call, unit, stx_request(request), ORIGIN)
        lines = [*resolve_lines(call, unit, request)]
        payout = unit.payments.add(payment(unit, stx, Kind.PAYOUT, request.amount))
        for line in lines:
            child = payment(unit, stx, Kind.TRANSFER, line.amount)
            child = unit.payments.add(replace(child, parent_id=payout.id, reference_id=line.reference))
            remittances.plan(unit, child, vars(line.account), line.purpose)
        if day:
            appointments.appoint(unit, payout, Later(Occasion.EXECUTION, day - unit.now))
        data = stx.data | {ORIGIN: [line.said for line in lines], remittances.EXECUTION_DATE: request.execution_date}
        # Nobody can pay it in the checkout: it is under way from the beginning.
        followed = replace(stx, payment_id=payout.id, method=PAYOUT, data=data)
        transactions.move(call, unit, stx, StxStatus.PENDING, "created", followed)
        audit.note(unit, call, "create", PAYOUT, payout.id, payout.merchant_id)
        return history.move_payment(call, unit, payout, State.PENDING, "created")


def require_sound(request: PayoutRequest) -> None:
    """Raises OneList, UnknownCurrency, WrongSum, LineRefused for a reference that comes twice."""
    if bool(request.transaction_list) == bool(request.payout_list):
        raise OneList("there must be one of transaction_list and payout_list, with at least one line")
    if not is_currency(request.currency):
        raise UnknownCurrency("currency is not a currency of ISO 4217")
    amounts = [item.total for item in request.transaction_list or ()] + [
        one.amount for one in request.payout_list or ()
    ]
    if sum(amounts) != request.amount:
        raise WrongSum(f"amount is {request.amount}, the lines add up to {sum(amounts)}")
    seen: set[str] = set()
    for place, mark in marks(request):
        if mark in seen:
            raise LineRefused(f"{place}: its reference is there twice")
        seen.add(mark)


def marks(request: PayoutRequest) -> Iterable[tuple[str, str]]:
    """The references of the lines, where they have one, with their place."""
    for place, item in enumerate(request.transaction_list or ()):
        if item.reference_id:
            yield f"transaction_list[{place}]", item.reference_id
    for place, entry in enumerate(request.payout_list or ()):
        yield f"payout_list[{place}]", entry.reference


def day_of(request: PayoutRequest, now: datetime) -> datetime | None:
    """The day on which it shall go out, as a moment; None if it has come. Raises LineRefused for what is no day."""
    try:
        return remittances.day_ahead(request.execution_date, now)
    except (ValueError, OverflowError):
        raise LineRefused("execution_date is not a date") from None


def stx_request(request: PayoutRequest) -> smart_transactions.StxRequest:
    """The hidden Smart Transaction of a payout."""
    urls = request.redirect_url or RedirectUrls()
    contract = request.contract or request.contract_id
    return smart_transactions.StxRequest(
        contract=Id(contract) if isinstance(contract, str) else contract,
        customer=Person(id=request.customer) if isinstance(request.customer, str) else request.customer,
        basket_info=BasketInfo(sum=request.amount, currency=request.currency),
        transaction_ref=request.purpose,
        merchant_ref=None if request.order_id is None else str(request.order_id),
        application_context=ApplicationContext(
            return_urls=ReturnUrls(url_success=urls.url_success, url_error=urls.url_failure, url_push=urls.url_push),
            language=request.opt_data.language if request.opt_data else UNSET,
        ),
    )


def payment(unit: Unit, stx: SmartTransaction, kind: Kind, amount: int) -> Payment:
    """A payout, or a line of one."""
    return Payment(
        id=ids.new("PCI"),
        merchant_id=stx.merchant_id,
        contract_id=stx.contract_id,
        smart_transaction_id=stx.id,
        kind=kind,
        method=PAYOUT,
        amount=amount,
        currency=stx.currency,
        hash_word=ids.new_hash_word(),
        is_demo=stx.is_demo,
        is_split=kind is Kind.PAYOUT,
        created=unit.now,
        updated=unit.now,
    )


def resolve_lines(call: Call, unit: Unit, request: PayoutRequest) -> Iterable[PayoutLine]:
    """The lines with the accounts that they go to. Raises LineRefused, which names the line."""
    for place, item in enumerate(request.transaction_list or ()):
        try:
            account = replace(resolve_account(call, unit, item), owner=item.name)
            require_sendable(account, request.purpose, item.total, request.currency)
        except Refusal as error:
            raise LineRefused(f"transaction_list[{place}]: {error.details}") from None
        names = ("item_type", "transaction_hash", "transaction_id", "container_id")
        said = {name: value for name in names if (value := getattr(item, name))}
        yield PayoutLine(item.total, account, request.purpose, item.reference_id, said)
    for place, entry in enumerate(request.payout_list or ()):
        try:
            account = account_named(call, unit, entry)
            require_sendable(account, entry.purpose, entry.amount, request.currency)
        except Refusal as error:
            raise LineRefused(f"payout_list[{place}]: {error.details}") from None
        said = {name: value for name in ("recipient", "origin_transaction") if (value := getattr(entry, name))}
        said |= {NAMED: True} if entry.bank_account else {}
        yield PayoutLine(entry.amount, account, entry.purpose, entry.reference, said)


def require_sendable(account: BankAccount, purpose: str, amount: int, currency: str) -> None:
    """Raises NotForBanks, LineRefused for what fits into no bank file."""
    require_bank_text("the owner of the account", account.owner[:LONGEST_OWNER], LONGEST_OWNER)
    require_bank_text("purpose", purpose, LONGEST_PURPOSE)
    if currency == remittances.SEPA_CURRENCY and amount > MOST:
        raise LineRefused(f"{amount} is more than one transfer can be, {MOST}")


def resolve_account(call: Call, unit: Unit, item: Item) -> BankAccount:
    """The account behind an instrument, or of whoever paid a transaction. Raises what keeps it from being found."""
    named = [word for word in (item.transaction_hash, item.transaction_id, item.container_id) if word]
    if len(named) != 1:
        raise LineRefused("there must be one of transaction_hash, transaction_id and container_id")
    if item.container_id is None:
        return payer_account(unit, transactions.find_payment(call, unit, named[0]))
    container = containers.lock_usable(call, unit, item.container_id)
    if container.type is not Type.BANK_ACCOUNT:
        raise LineRefused("the container is no bank account")
    return bank_account(item.name, container.private["iban"])


def account_named(call: Call, unit: Unit, entry: Entry) -> BankAccount:
    """The account that a line names, else that of a transaction's payer. Raises what keeps it from being found."""
    if entry.bank_account is None and entry.origin_transaction is None:
        raise LineRefused("bank_account and origin_transaction are missing")
    if entry.bank_account:
        return bank_account(entry.bank_account.owner, entry.bank_account.iban)
    seq = (entry.origin_transaction or 0) - FIRST_TRANS_ID
    origin = require_known(access.visible(call, unit, unit.payments.one(seq=seq)), str(entry.origin_transaction))
    return payer_account(unit, origin)


def payer_account(unit: Unit, origin: Payment) -> BankAccount:
    """The account that a payment came from. Raises NoRefundAccount."""
    account = refunds.payer_account(unit, origin)
    if account is None:
        raise refunds.NoRefundAccount("no bank account is known for this transaction")
    return account


def find(call: Call, unit: Unit, text: str) -> Payment:
    """A payout by its hash or its id. Raises UnknownId."""
    payout = transactions.find_payment(call, unit, text)
    return require_known(payout if payout.kind is Kind.PAYOUT else None, text)


def cancel(call: Call, text: str) -> Payment:
    """Calls a payout off for which no money has come. Raises HasMoney, WrongState, UnknownId."""
    with call.unit() as unit:
        payout = find(call, unit, text)
        payout = transactions.lock_both(unit, payout.smart_transaction_id, payout.id).payment
        if payout.state is not State.PENDING:
            raise WrongState(f"The current status {payout.state.value!r} does not allow to cancel it")
        if attempts.received_amount(unit, payout):
            raise HasMoney(f"money for {payout.id} has arrived")
        audit.note(unit, call, "cancel", PAYOUT, payout.id, payout.merchant_id)
        return history.move_payment(call, unit, payout, State.VOID, "cancelled")
