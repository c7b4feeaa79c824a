"""Payment.Contracts on the wire: contracts below one's own, asked for.

Source: docs/wire/12-contracts.md#122-onboarding
"""

from collections.abc import Sequence
from dataclasses import replace

from pfennig.clock import wire_time
from pfennig.domain.methods import METHODS
from pfennig.domain.parties import Contract
from pfennig.operations.core.call import Call
from pfennig.operations.core.contracts import NewAccount
from pfennig.operations.parties import apikeys, onboarding
from pfennig.operations.parties.onboarding import Clone, Request, Requested
from pfennig.operations.pay import payments
from pfennig.resources import plain, references
from pfennig.resources.general.contracts import revoke_accrual, update_bank_account
from pfennig.resources.general.shown import find
from pfennig.resources.resource import Asked, Get, Json, Post, Resource, moving
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit


def methods(call: Call, asked: Asked) -> Json:
    """GET Payment/Contracts/{id}/paymentMethods: the words of the methods, as Smart Transactions know them."""
    with call.view() as view:
        words = payments.contracted_methods(call, view, find(call, view, asked.id))
    return [word for word in METHODS if word in words]


def request_id(call: Call, asked: Asked) -> Json:
    """POST Payment/Contracts/{id}/requestId: the contract that waits for its activation, its merchant and store."""
    return created_json(call, onboarding.request(call, asked.id, without_nulls(asked).body_as(Request)))


def created_json(call: Call, made: Requested) -> Json:
    """The new contract, and beside it a reference to it, as clients of both ages look for it."""
    shown = render(call, made.contract)
    flat = ("object", "id", "id_old", "parent", "merchant", "approved", "created")
    return {
        **{name: shown[name] for name in flat},
        "contract": references.contract(made.contract.id),
        **({"store": references.reference("general.stores", made.store.id)} if made.store else {}),
        "apikey": apikeys.apikey(call, made.contract.id),
        **({"payin_account": made.contract.bank_account} if made.contract.bank_account else {}),
    }


def requested_again(call: Call, asked: Asked, made: Sequence[str]) -> Json:
    """The contract that a request made before."""
    with call.view() as view:
        [contract] = view.contracts.by_id(made).values()
        store = next(iter(view.stores.by_id(made).values()), None)
        return created_json(call, Requested(contract, view.merchants.get(contract.merchant_id), store))


def clone(call: Call, asked: Asked) -> Json:
    """POST Payment/Contracts/{id}/clone: the new contract, which waits for its activation."""
    return ROWS.show(call, onboarding.clone(call, asked.id, without_nulls(asked).body_as(Clone)))


def without_nulls(asked: Asked) -> Asked:
    """The request without nulls, which say nothing."""
    return replace(asked, body={name: value for name, value in (asked.body or {}).items() if value is not None})


def shows(call: Call, unit: Unit, page: list[Contract]) -> list[Json]:
    """A page of contracts."""
    return [render(call, contract) for contract in page]


def render(call: Call, contract: Contract) -> Json:
    """One contract as JSON. Whatever happens in a twin is a demo."""
    more = {
        "updated": wire_time(contract.updated) if contract.updated else None,
        "parent": references.contract(contract.parent_id) if contract.parent_id else None,
        "pay_in_account": contract.bank_account,
    }
    return {
        **references.contract(contract.id),
        "id_old": contract.id_old,
        "merchant": references.reference("general.merchants", contract.merchant_id),
        "created": wire_time(contract.created),
        **{name: value for name, value in more.items() if value},
        "demo": not call.platform.can.moves_money,
        "approved": contract.is_active,
    }


ROWS = Rows(Unit.contracts, shows, names.PAYMENT_CONTRACTS)

contracts = Resource(
    name="Payment.Contracts",
    prefix="GCR",
    rows=ROWS,
    list=plain.list_of(ROWS),
    get=plain.get(find, shows),
    actions=(
        Get("paymentMethods", methods),
        Post("requestId", request_id, body=Request, again=requested_again),
        Post("clone", clone, body=Clone),
        moving(Post("revokeAccrual", revoke_accrual)),
        Post("updateBankAccount", update_bank_account, body=NewAccount),
    ),
)
