"""Ask for a contract below one's own: for somebody new, or for oneself. The operator decides (contracts.py).

Source: docs/wire/12-contracts.md#122-onboarding
"""

from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct

from pfennig import ids
from pfennig.clock import german_day
from pfennig.domain import onboarding
from pfennig.domain.approval import Approval
from pfennig.domain.contact import normal_contact
from pfennig.domain.contexts import Address
from pfennig.domain.email_address import is_address
from pfennig.domain.methods import by_transfer
from pfennig.domain.onboarding import (
    AccountDetails,
    Details,
    DetailsMissing,
    IframeOpts,
    Maybe,
    Person,
    Reference,
    Short,
)
from pfennig.domain.parties import Contract, Merchant
from pfennig.domain.printable import require_printable
from pfennig.domain.stores import Store
from pfennig.errors import Duplicate, Malformed
from pfennig.operations.core import access, audit, contracts
from pfennig.operations.core.call import Call
from pfennig.operations.parties import stores
from pfennig.storage.queries import lookups
from pfennig.storage.shelf import UnknownId
from pfennig.storage.unit import Unit

Project = Annotated[str, Meta(min_length=1, max_length=255)]


class ProjectTaken(Duplicate):
    """There is a contract for a project of this name already."""

    code = 4101


class BadEmail(Malformed):
    """The e-mail address is not valid."""

    code = 3104


class Request(Details, kw_only=True):
    """A request for a contract: the merchant, the account of their money, and the look of their payment page."""

    project: Project
    contact: Person | Reference | Maybe = UNSET
    payout_account: AccountDetails | Maybe = UNSET
    payment_data: AccountDetails | Maybe = UNSET
    iframe_opts: IframeOpts | Maybe = UNSET
    url_push: Address | Maybe = UNSET
    contract_id: Reference | Maybe = UNSET
    create_first_store: bool = False
    store_name: Short | Maybe = UNSET
    merchant_id: Reference | Maybe = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        require_printable(project=self.project, store_name=self.store_name)
        onboarding.require_address(self.url_push, "url_push")


class Clone(Struct):
    """A request for one more contract for oneself."""

    project: Project
    payment_data: AccountDetails | Maybe = UNSET
    payout_account: AccountDetails | Maybe = UNSET
    contract_id: Reference | Maybe = UNSET
    payin_account: bool = False
    url_push: Address | Maybe = UNSET

    def __post_init__(self) -> None:
        require_printable(project=self.project)
        onboarding.require_address(self.url_push, "url_push")


@dataclass(frozen=True)
class Requested:
    """The contract that a request made, with its merchant and user."""

    contract: Contract
    merchant: Merchant
    store: Store | None


def request(call: Call, contract_id: str, request: Request) -> Requested:
    """A contract for somebody else, who is made, too, unless they are there already. It waits for the operator.

    Raises DetailsMissing, ProjectTaken, BadEmail, BadDateOfBirth, BadIban, BadBic, UnknownProduct, BadLook,
    ContractNotActive, NotYours, UnknownId.
    """
    with call.unit() as unit:
        above = platform(call, unit, contract_id, request.contract_id)
        merchant = known_merchant(call, unit, request) if request.merchant_id else add_merchant(unit, request)
        look = onboarding.inherited_look(above.checkout)
        prices = {} if request.pricing is UNSET else onboarding.fees(request.pricing)
        contract = replace(
            below(unit, above, merchant, request.project, request.payin_account, request.url_push),
            fees=above.fees | prices,
            checkout=onboarding.branding(look or {}, request.iframe_opts) if request.iframe_opts else look,
            details=onboarding.stored_details(request),
            payout_account=payout_account(request, merchant),
        )
        contract = add(call, unit, contract)
        store = None
        if request.create_first_store:
            store = stores.open_store(unit, contract, request.store_name or request.project, {}, is_default=True)
        return Requested(contract, merchant, store)


def clone(call: Call, contract_id: str, request: Clone) -> Contract:
    """Adds one more contract for the same merchant. It waits for the operator.

    Raises ProjectTaken, DetailsMissing, BadIban, BadBic, ContractNotActive, NotYours, UnknownId.
    """
    with call.unit() as unit:
        above = platform(call, unit, contract_id, request.contract_id)
        merchant = unit.merchants.get(above.merchant_id)
        contract = replace(
            below(unit, above, merchant, request.project, request.payin_account, request.url_push),
            fees=above.fees,
            checkout=above.checkout,
            payout_account=payout_account(request, merchant),
        )
        return add(call, unit, contract)


def platform(call: Call, unit: Unit, contract_id: str, other: str | Maybe) -> Contract:
    """The contract below which another one is asked for. Raises ContractNotActive, NotYours, UnknownId."""
    above = access.require_own_contract(call, unit, contract_id)
    if other:
        above = access.require_own_contract(call, unit, other)
    contracts.require_active(above)
    return above


def known_merchant(call: Call, unit: Unit, request: Request) -> Merchant:
    """The merchant who sells already and gets a contract for an event. Raises DetailsMissing, UnknownId."""
    if not request.event_details:
        raise DetailsMissing("event_details is missing; with merchant_id a contract is for an event")
    return unit.merchants.get(access.require_merchant(call, unit, str(request.merchant_id)).merchant_id)


def add_merchant(unit: Unit, request: Request) -> Merchant:
    """Adds a merchant. Raises DetailsMissing, BadEmail, BadDateOfBirth, UnknownId."""
    if isinstance(request.contact, str):
        raise UnknownId(f"There is nothing with the id {request.contact!r}")
    contact = normal_contact(request.contact or Person(), german_day(unit.now))
    onboarding.require_complete(contact)
    require_printable(companyname=contact.companyname, name=contact.name)  # the operator decides by it
    if contact.email and not is_address(str(contact.email)):
        raise BadEmail("contact.email is not an e-mail address")
    return unit.merchants.add(
        Merchant(
            id=ids.new("MRC"),
            companyname=str(contact.companyname or contact.name),
            email=str(contact.email) if contact.email else None,
            contact=msgspec.to_builtins(contact),
            created=unit.now,
        )
    )


def payout_account(request: Request | Clone, merchant: Merchant) -> dict[str, str]:
    """The account that the merchant's money shall go to. Raises DetailsMissing, BadIban, BadBic."""
    account = request.payout_account or request.payment_data
    if not account:
        raise DetailsMissing("payout_account is missing")
    return account.stored_fields(merchant.companyname)


def below(
    unit: Unit, above: Contract, merchant: Merchant, project: str, has_account: bool, url_push: str | Maybe
) -> Contract:
    """A contract like the one above. Without an incoming account nobody can transfer money to it."""
    return Contract(
        id=ids.new("GCR"),
        merchant_id=merchant.id,
        parent_id=above.id,
        methods=[method for method in above.methods if has_account or method not in by_transfer()],
        wallets=above.wallets,
        payment_context=above.payment_context,
        ends_retired_methods=above.ends_retired_methods,
        has_recurring=above.has_recurring,
        bank_account=above.bank_account if has_account else {},
        url_push=url_push or above.url_push,
        state=Approval.REQUESTED,
        project=project,
        created=unit.now,
    )


def add(call: Call, unit: Unit, contract: Contract) -> Contract:
    """The contract as it is kept. Raises ProjectTaken."""
    added = lookups.if_unique(unit, lambda: unit.contracts.add(contract))
    if added is None:
        raise ProjectTaken("project is the name of another contract of this platform")
    audit.note(unit, call, "request", "contract", added.id, added.merchant_id)
    return added
