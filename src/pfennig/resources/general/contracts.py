"""General.Contracts on the wire. Source: docs/wire/12-contracts.md."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.domain.choice import has_currency
from pfennig.domain.methods import CARD, METHODS
from pfennig.domain.parties import Contract
from pfennig.money import is_currency
from pfennig.operations.books import bank
from pfennig.operations.core import access
from pfennig.operations.core import contracts as operations
from pfennig.operations.core.call import Call
from pfennig.operations.core.contracts import NewAccount
from pfennig.operations.notifications import mails
from pfennig.operations.pay import accruals, payments
from pfennig.operations.pay.smart_transactions import UnknownCurrency
from pfennig.resources import plain
from pfennig.resources.general import appearance, shown, third_parties
from pfennig.resources.general.shown import find, shows
from pfennig.resources.resource import Asked, Get, Json, Post, Resource, moving
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit

WALLETS = {"applepay": "Applepay", "googlepay": "Googlepay"}
"""The provider's names of the wallets, which pay by card."""

CURRENCIES = ("EUR", "CHF", "GBP", "USD")
"""The currencies that the provider names. Others that ISO 4217 lists are accepted, too."""


class Wanted(Struct):
    """The payments for which the methods are asked; apiv2_products asks for the names of a legacy API."""

    currency: Annotated[str, Meta(max_length=3)]
    is_demo: bool
    apiv2_products: bool = False


def currencies(call: Call, asked: Asked) -> Json:
    """GET General/Contracts/{id}/AvailableCurrencies: codes of ISO 4217 in which some method can be paid."""
    with call.view() as view:
        contract = find(call, view, asked.id)
        words = payments.contracted_methods(call, view, contract)
    return [each for each in CURRENCIES if any(has_currency(contract, word, each) for word in words)]


def methods(call: Call, asked: Asked) -> Json:
    """POST General/Contracts/{id}/getAvailablePaymentMethods: the names of the methods that can be used."""
    wanted = checked_body(asked)
    with call.view() as view:
        contract = find(call, view, asked.id)
        contracted = payments.contracted_methods(call, view, contract)
        return contract_names(
            contract, [word for word in contracted if has_currency(contract, word, wanted.currency)], wanted
        )


def methods_of_transaction(call: Call, asked: Asked) -> Json:
    """POST General/Contracts/{id}/getAvailablePaymentMethods/{transaction}: those for one Smart Transaction."""
    wanted = checked_body(asked)
    with call.view() as view:
        contract = find(call, view, asked.id)
        stx = access.get(call, view, view.smart_transactions, asked.words["transaction"])
        return contract_names(contract, payments.offered_methods(call, view, stx), wanted)


def checked_body(asked: Asked) -> Wanted:
    """The body. Raises BadBody, UnknownCurrency."""
    wanted = asked.body_as(Wanted)
    if not is_currency(wanted.currency):
        raise UnknownCurrency("currency is not a currency of ISO 4217")
    return wanted


def contract_names(contract: Contract, words: list[str], wanted: Wanted) -> list[str]:
    """Methods, and the wallets that pay by card, by the names of contracts."""
    names = [row.wire.name for word, row in METHODS.items() if word in words]
    if CARD in words:
        names += [name for wallet, name in WALLETS.items() if wallet in (contract.wallets or ())]
    return [name.lower() for name in names] if wanted.apiv2_products else names


def revoke_accrual(call: Call, asked: Asked) -> Json:
    """POST General/Contracts/{id}/revokeAccrual: nothing; all that was held back is let go."""
    with call.view() as view:
        contract = find(call, view, asked.id)
    accruals.release_all(call, contract)


def terminate(call: Call, asked: Asked) -> Json:
    """POST General/Contracts/{id}/terminate: {"result": true}; nobody can pay under it any more."""
    operations.terminate(call, asked.id)
    return {"result": True}


def transfer_balance(call: Call, asked: Asked) -> Json:
    """GET General/Contracts/{id}/transferBalance: what has arrived and belongs to nobody yet, by currency."""
    with call.view() as view:
        contract = find(call, view, asked.id)
    return {"id": contract.id, "balances": bank.transfer_balance(call, contract.id)}


def update_bank_account(call: Call, asked: Asked) -> Json:
    """POST …/{id}/updateBankAccount: {"result": true}; the operator looks at it first."""
    operations.ask_account(call, asked.id, asked.body_as(NewAccount))
    return {"result": True}


class Notifications(Struct):
    """Settings for mails about payments; absent ones stay."""

    merchant_order_mail: bool | UnsetType = UNSET
    customer_order_mail: bool | UnsetType = UNSET


class CheckoutConfiguration(Struct):
    """Settings of the checkout that a shop may change by this address."""

    notifications: Notifications = msgspec.field(default_factory=Notifications)


class Changes(Struct):
    """The body of an update. The rest of a contract is not the shop's to change, and may be sent back as it is."""

    checkout_configuration: CheckoutConfiguration | None = None


def update(call: Call, asked: Asked) -> Json:
    """PUT or PATCH General/Contracts/{id}: who gets mails about payments."""
    request = (asked.body_as(Changes).checkout_configuration or CheckoutConfiguration()).notifications
    contract = mails.set_wanted(call, asked.id, request.customer_order_mail, request.merchant_order_mail)
    return shown.show(call, contract)


ROWS = Rows(Unit.contracts, shows, names.CONTRACTS)

contracts = Resource(
    name="General.Contracts",
    prefix="GCR",
    body=Changes,
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.get(find, shows),
    update=update,
    patch=update,
    actions=(
        Get("AvailableCurrencies", currencies),
        Post("getAvailablePaymentMethods", methods, body=Wanted),
        Post("getAvailablePaymentMethods/{transaction}", methods_of_transaction, body=Wanted),
        moving(Post("revokeAccrual", revoke_accrual)),
        moving(Post("terminate", terminate)),
        Get("transferBalance", transfer_balance),
        Post("updateBankAccount", update_bank_account, body=NewAccount),
        *appearance.ACTIONS,
        *third_parties.ACTIONS,
    ),
)
