"""What a crowd project has brought in, and the empty lists of terminals."""

from dataclasses import replace

import pytest

from pfennig.operations.books import settlement
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.database import Database
from tests import marketplace
from tests.api.conftest import bought, transfer, waiting
from tests.conftest import Api, StoppedClock

AT = "Payment/Transactions/me/CrowdFundingData"


def test_a_project_sees_what_came_in_and_what_may_still_be_withdrawn(
    mine: Api, stranger: Api, database: Database, platform: Platform, clock: StoppedClock
) -> None:
    assert mine.get(f"{AT}/MRC_MINE") == {"result": False}
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_MINE")
        fees = {"debit": {"fixed": 20}}
        context = contract.payment_context | {"accrual": True}
        after = replace(contract, payment_context=context, fees=fees, payout_account=marketplace.ACCOUNT)
        unit.contracts.change(contract, after)
    transfer(mine, 500, f"TA {waiting(mine)['trans_id']}")
    clock.advance(days=15)
    mine = Api(mine.http, mine.credentials)
    bought(mine, "debit")
    found = mine.get(f"{AT}/MRC_MINE")
    assert found["project"]["debit"] == found["project"]["prepay"] == {"count": 1, "amount": 500}
    assert (found["deposited_amount"], found["deducted_amount"], found["paid_out"]) == (1000, 20, 0)
    opened = found["open"]
    assert (opened["total"], opened["outside_cancellation_period"]) == (980, {"total": 480})
    assert (opened["inside_cancellation_period"]["total"], opened["inside_cancellation_period"]["debit"]) == (
        500,
        500,
    )
    mine.request("POST", "General/Contracts/me/revokeAccrual")
    settlement.run(Call(platform, None, "de", role="operator"))
    found = mine.get(f"{AT}/me")
    assert (found["paid_out"], found["open"]["total"], found["deducted_amount"]) == (980, 0, 20)
    assert Api(stranger.http, stranger.credentials).refused("GET", f"{AT}/MRC_MINE")[::2] == (404, 3002)


@pytest.mark.parametrize("noun", ["Transactions", "Invoices"])
def test_there_are_no_terminals(mine: Api, noun: str) -> None:
    assert mine.get(f"Cardprocessing/{noun}") == {"count": 0, "data": []}
    assert mine.refused("GET", f"Cardprocessing/{noun}/CPT_NONE") == (404, "ProductNotFoundException", 3002)
