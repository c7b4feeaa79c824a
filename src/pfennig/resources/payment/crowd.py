"""The income of a crowd project. Source: docs/wire/13-payouts.md#crowd-funding."""

from pfennig.domain import crowd
from pfennig.operations.core.call import Call
from pfennig.operations.parties import merchants
from pfennig.resources.resource import Asked, Get, Json
from pfennig.storage.queries import supports
from pfennig.storage.unit import Unit

CURRENCY = "EUR"


def funding(call: Call, asked: Asked) -> Json:
    """GET Payment/Transactions/me/CrowdFundingData/{merchant}: the sums of a project; else only that it is none."""
    with call.view() as view:
        merchant = merchants.find(call, view, asked.words["merchant"])
        if not is_project(view, merchant.id):
            return {"result": False}
        found = supports.by_method(view, merchant.id, CURRENCY, view.now - crowd.CANCELLATION_PERIOD)
        owed, paid_out = supports.owed_and_paid_out(view, merchant.id, CURRENCY)
    each = {name: crowd.of(found, method) for name, method in crowd.names().items()}
    deposited, young = (sum(getattr(one, part) for one in found) for part in ("amount", "young"))
    return {
        "project": {"currency": CURRENCY}
        | {name: {"count": one.count, "amount": one.amount} for name, one in each.items()},
        "deposited_amount": deposited,
        "paid_out": paid_out,
        "deducted_amount": deposited - owed - paid_out,
        "open": {
            "total": owed,
            "outside_cancellation_period": {"total": max(owed - young, 0)},
            "inside_cancellation_period": {"total": young} | {name: one.young for name, one in each.items()},
        },
    }


def is_project(unit: Unit, merchant_id: str) -> bool:
    """True for a merchant with a contract that holds back by itself what is paid."""
    contracts = unit.contracts.all(merchant_id=merchant_id)
    return any(contract.payment_context.get("accrual") for contract in contracts)


ACTIONS = (Get("CrowdFundingData/{merchant}", funding),)
