"""A contract as General.Contracts finds and shows it. Source: docs/wire/12-contracts.md."""

from typing import Any

from msgspec import to_builtins

from pfennig.domain.parties import Contract
from pfennig.operations.core import access
from pfennig.operations.core.call import Call
from pfennig.resources import references
from pfennig.resources.resource import Json
from pfennig.storage.unit import Unit


def find(call: Call, unit: Unit, text: str) -> Contract:
    """A contract by its id; `me` is the caller's own. Raises UnknownId."""
    return access.require_contract(call, unit, text)


def show(call: Call, contract: Contract) -> Json:
    """The contract as it is after a change."""
    with call.view() as view:
        return shows(call, view, [contract])[0]


def shows(call: Call, unit: Unit, page: list[Contract]) -> list[Json]:
    """A page of contracts."""
    merchants = unit.merchants.by_id(contract.merchant_id for contract in page)
    return [render(contract, references.merchant(merchants[contract.merchant_id])) for contract in page]


def render(contract: Contract, merchant: Json) -> Json:
    """One contract as JSON."""
    item: dict[str, Any] = {
        **references.contract(contract.id),
        "id_old": contract.id_old,
        "description": contract.project or merchant["companyname"],
        "merchant": merchant,
        "checkout_configuration": {
            "notifications": {
                "merchant_order_mail": contract.has_merchant_mails,
                "customer_order_mail": contract.has_customer_mails,
            }
        },
        "payment_link_options": {"background": to_builtins(contract.branding.background)},
        "approved": contract.is_active,
    }
    elsewhere = third_parties(contract)
    more = {
        "parent": references.contract(contract.parent_id) if contract.parent_id else None,
        "pay_in_advance_account": contract.bank_account,
        "paypal_configuration": elsewhere.get("paypal"),
        "easycredit_configuration": elsewhere.get("easycredit"),
        "event_details": (contract.details or {}).get("event_details"),
    }
    return item | {name: value for name, value in more.items() if value}


def third_parties(contract: Contract) -> Json:
    """The contract's accounts at other payment services, without their credentials."""
    return {
        service: {name: {"client_id": each["client_id"]} for name, each in environments.items()}
        for service, environments in (contract.third_parties or {}).items()
    }
