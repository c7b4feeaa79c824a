"""The rails: which serves what, and the requests that it gets.

Source: docs/add-a-rail.md
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from traceback import format_exception

import msgspec
import structlog

from pfennig import ids
from pfennig.domain.attempt import FINAL, Attempt, Failure, Outcome, Reason, Result, Verb, flaw
from pfennig.domain.choice import pays_again
from pfennig.domain.methods import METHODS, MethodNotAvailable
from pfennig.domain.parties import Contract
from pfennig.domain.redaction import MASK
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.gateways import CredentialsRefused, Gateway, Order, Preparer, RailAccount, RailFailed, Request, run
from pfennig.operations.acquiring import creditors
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import is_hold_up
from pfennig.storage.integrity import marking
from pfennig.storage.unit import Unit

log = structlog.get_logger()


class RailBroke(RailFailed):
    """A bug in a rail's code; the text is its traceback, without credentials."""


@dataclass(frozen=True)
class UnpreparedRequest(Request):
    """A request that its rail has failed to prepare, and so cannot be asked. failure: what was wrong."""

    failure: RailFailed = field(default_factory=RailFailed)


SILENCE = Outcome(Result.UNSURE, is_silence=True)
"""What we make of it if a rail does not answer."""

RETURN = "/rails/return/{}"
"""The path to which the pages of rails lead payers back, by the attempt."""


WAITED_AT_MOST = timedelta(seconds=5)
"""For a rail there is time enough left then, until an attempt counts as left behind."""


def rail_for(platform: Platform, contract: Contract, method: str) -> str | None:
    """The rail that serves a method of a contract, by name: the one that it has named, else the server's only one.

    None where there is no such rail, or it does not know the method.
    """
    only = next(iter(platform.rails)) if len(platform.rails) == 1 else None
    name = contract.rail_of(method) or only
    rail = platform.rails.get(name) if name else None
    return name if rail and method in rail.methods else None


def methods_with_rail(platform: Platform, contract: Contract, methods: Iterable[str]) -> list[str]:
    """Methods for which there is a rail, and somebody who may ask the payer for what it needs."""
    return [method for method in methods if serves(platform, contract, method)]


def serves(platform: Platform, contract: Contract, method: str) -> bool:
    """True where a rail can be asked for it: with an instrument of ours, or as it asks the payer for one itself."""
    if not METHODS[method].instruments:
        return rail_for(platform, contract, method) is not None
    return takes_instrument(platform, contract, method) or asks_payer(platform, contract, method)


def takes_instrument(platform: Platform, contract: Contract, method: str) -> bool:
    """True where we may ask the payer for their card or account: the rail takes it, and for debits we may collect."""
    name = rail_for(platform, contract, method)
    is_taken = name is not None and method in platform.rails[name].takes_instruments_for
    return is_taken and creditors.can_grant(platform, contract, method)


def asks_payer(platform: Platform, contract: Contract, method: str) -> bool:
    """True where the rail asks the payer for card or account itself, on a page of its own; so a debit's mandate."""
    name = rail_for(platform, contract, method)
    is_needed = bool(METHODS[method].instruments)
    return name is not None and is_needed and method in platform.rails[name].asks_payers_for


def methods_to_link(platform: Platform, contract: Contract, methods: Collection[str]) -> list[str]:
    """The methods in the order of the wire, without those whose mandate nobody can grant, to us or at the rail."""
    return [
        method
        for method in METHODS
        if method in methods
        and (creditors.can_grant(platform, contract, method) or asks_payer(platform, contract, method))
    ]


def can_keep(platform: Platform, contract: Contract, method: str) -> bool:
    """False where nothing is known afterwards that could pay again: the rail alone knows card or account."""
    return not METHODS[method].instruments or takes_instrument(platform, contract, method)


def asks_payer_of(platform: Platform, contract: Contract, stx: SmartTransaction, method: str) -> bool:
    """Whether the rail asks who pays this. For what shall pay again we ask ourselves."""
    return asks_payer(platform, contract, method) and not pays_again(stx, method)


def rail_of_start(platform: Platform, unit: Unit, contract_id: str, method: str) -> str:
    """The rail for a new payment, by name; what none serves was not offered. Raises MethodNotAvailable."""
    if len(platform.rails) == 1:
        return next(iter(platform.rails))
    name = rail_for(platform, unit.contracts.get(contract_id), method)
    if name is None:
        raise MethodNotAvailable
    return name


def gateway(platform: Platform, attempt: Attempt) -> Gateway:
    """The rail that an attempt is for. Raises RailFailed if the server has it no longer: then nobody can say."""
    try:
        return platform.rails[attempt.rail]
    except KeyError:
        raise RailFailed("this server has no such rail") from None


def origin(unit: Unit, payment_id: str) -> Attempt | None:
    """The last attempt that has reserved or collected something for a leading payment; else the last of all."""
    every = unit.attempts.all(payment_id=payment_id)
    taken = [each for each in every if each.has_taken]
    return next(reversed(taken or every), None)


def begin_asking(call: Call, attempt: Attempt) -> bool:
    """Notes that a question which had to wait is asked, or asked about, only now.

    False if it is over, or somebody else has begun to ask about it since: then it is theirs, and must not be asked.
    """
    if call.platform.database.clock() - attempt.updated < WAITED_AT_MOST:
        return True
    with call.unit() as unit:
        current = unit.attempts.hold(attempt.id)
        is_ours = current.is_open and current.updated == attempt.updated
        if is_ours:
            unit.attempts.change(current, replace(current, updated=unit.real_now))
    return is_ours


def is_believed(outcome: Outcome, attempt: Attempt, is_young: bool) -> bool:
    """False for a no to a question that may still be on its way to a rail, which then has not heard of it."""
    return outcome.result is not Result.DENIED or not (is_young and attempt.is_unheard)


def answer(call: Call, request: Request, is_repeated: bool) -> Outcome:
    """The rail's answer. A rail that fails has not answered; one that does not know us has not even begun."""
    attempt = request.attempt
    facts = {"attempt": attempt.id, "rail": attempt.rail, "merchant": attempt.merchant_id}
    try:
        return ask(call.platform, request, is_repeated)
    except CredentialsRefused as error:
        log.error("rail refuses credentials", **facts, error=str(error))
        call.platform.count_failure(attempt.rail, Failure.CREDENTIALS)
        if attempt.verb is Verb.START and not is_repeated:
            return Outcome(Result.DENIED, Reason.SERVICE_REFUSED)
    except RailBroke as error:
        log.error("bug in rail", **facts, support_id=ids.new_support(), exception=str(error))
        call.platform.count_failure(attempt.rail, Failure.BUG)
    except RailFailed as error:
        log.warning("rail failed", **facts, error=str(error))
        call.platform.count_failure(attempt.rail, Failure.SILENCE)
    return SILENCE


def ask(platform: Platform, request: Request, is_repeated: bool) -> Outcome:
    """The answer of a request's rail, outside any transaction.

    Raises RailFailed, CredentialsRefused, RailBroke.
    """
    if isinstance(request, UnpreparedRequest):
        raise request.failure
    rail = gateway(platform, request.attempt)
    with failures(request.account):
        outcome = rail.ask(request) if is_repeated else run(rail, request)
        why = flaw(outcome, request.attempt.verb)
    if why:
        raise RailFailed(why)
    return outcome


@contextmanager
def failures(account: RailAccount, is_others: Callable[[Exception], bool] = lambda error: False) -> Iterator[None]:
    """Says whatever a rail's code raises in our words, without credentials; what is others' fault as it is.

    Raises RailFailed, CredentialsRefused, RailBroke.
    """
    try:
        yield
    except CredentialsRefused as error:
        raise CredentialsRefused(without_secrets(str(error), account)) from None
    except RailFailed as error:
        raise RailFailed(without_secrets(str(error), account)) from None
    except Exception as error:  # whatever the error is, nobody knows what the rail has done
        if is_others(error):
            raise
        raise RailBroke(without_secrets("".join(format_exception(error)), account)) from None


def report_contradiction(attempt: Attempt, outcome: Outcome) -> None:
    """Logs that a rail says another end of an attempt that is over: money may be where no book says."""
    if outcome.result in FINAL and outcome.result is not attempt.result:
        facts = {"attempt": attempt.id, "rail": attempt.rail, "merchant": attempt.merchant_id}
        log.error("rail contradicts itself", **facts, first=attempt.result, now=outcome.result)


def without_secrets(text: str, *accounts: RailAccount) -> str:
    """A text about a rail for the log, without the credentials that its errors may repeat."""
    for secret in (secret for account in accounts for secret in account.credentials.values() if secret):
        text = text.replace(secret, MASK)
    return text


def requests(call: Call, unit: Unit, attempts: Iterable[Attempt]) -> list[Request]:
    """Requests to the rails about new attempts, made at the end of the transaction that writes these down."""
    return [first_request(call, unit, attempt) for attempt in attempts]


def first_request(call: Call, unit: Unit, attempt: Attempt) -> Request:
    """The first request to a rail about an attempt. The rail may store something about it."""
    request, rail = request_for(call, unit, attempt), call.platform.rails.get(attempt.rail)
    return prepare(unit, request, rail.begin) if isinstance(rail, Preparer) else request


def repeated_request(call: Call, view: Unit, attempt: Attempt) -> Request:
    """The request to a rail that asks what became of an attempt."""
    request, rail = request_for(call, view, attempt), call.platform.rails.get(attempt.rail)
    return prepare(view, request, rail.recall) if isinstance(rail, Preparer) else request


def prepare(unit: Unit, request: Request, make: Callable[[Unit, Request], Request]) -> Request:
    """A request as its rail makes it. Where that fails nothing of it is kept, and whoever asks finds silence.

    Raises what the database says when it cannot go on: that undoes the whole unit.
    """
    if isinstance(request, UnpreparedRequest):
        return request
    try:
        with failures(request.account, is_others=is_hold_up), unit.savepoint():
            return require_request(make(unit, request), request.attempt)
    except RailFailed as failure:
        return UnpreparedRequest(**vars(request), failure=failure)


def require_request(made: object, attempt: Attempt) -> Request:
    """What a rail has made of a request. Raises TypeError where it is none about that attempt."""
    if not isinstance(made, Request) or made.attempt is not attempt:
        raise TypeError(f"{type(made).__name__} is no request about {attempt.id}")
    return made


def request_for(call: Call, unit: Unit, attempt: Attempt) -> Request:
    """A request to a rail about an attempt, with no more than the rail needs to know."""
    instrument = unit.containers.find(attempt.container_id) if attempt.container_id else None
    rail = call.platform.rails.get(attempt.rail)
    if rail is None or not rail.needs_order:
        return Request(attempt, instrument, unit.now)
    stx = unit.smart_transactions.get(attempt.smart_transaction_id)
    contract = unit.contracts.get(stx.contract_id)
    request = Request(
        attempt=attempt,
        instrument=instrument,
        now=unit.now,
        origin=unit.attempts.get(attempt.origin_id) if attempt.origin_id else None,
        order=order(call, stx, contract, attempt),
    )
    try:
        return replace(request, account=account(unit, contract, attempt.rail))
    except CredentialsRefused as failure:
        return UnpreparedRequest(**vars(request), failure=failure)


def order(call: Call, stx: SmartTransaction, contract: Contract, attempt: Attempt) -> Order:
    """The order behind an attempt: what is paid for, by whom, and how they come back."""
    descriptor: Mapping[str, str] = msgspec.to_builtins(stx.payment_context.dynamic_descriptor or {})
    reference = stx.merchant_ref or stx.transaction_ref or ""
    return Order(
        text=reference or stx.id,
        reference=reference,
        descriptor=descriptor,
        card_schemes=tuple(stx.payment_context.creditcard_schemes or ()),
        payer=stx.data.get("customer", {}).get("contact", {}),
        return_url=call.platform.url(RETURN.format(attempt.id)),
        language=stx.language,
    )


def account(unit: Unit, contract: Contract, rail: str) -> RailAccount:
    """Who a contract is at a rail. Raises CredentialsRefused where somebody else has written that."""
    if not marking.is_genuine(unit, "contracts", contract):
        raise CredentialsRefused(f"{contract.id} does not bear our mark, see pfennig ledger check")
    return RailAccount(contract.credentials_at(rail))
