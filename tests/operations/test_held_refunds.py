"""Refunds are held back with what they give back, never by themselves."""

import pytest

from pfennig.operations.core.call import Call
from pfennig.operations.core.shares import OnlyAShare
from pfennig.operations.pay import accruals
from pfennig.storage.database import Database
from tests.api.conftest import bought, payment_path
from tests.conftest import Api
from tests.operations.test_marks import operator

__all__ = ["operator"]


def test_a_refund_is_not_held_back_by_itself(mine: Api, operator: Call, database: Database) -> None:
    stx = bought(mine)
    mine.request("POST", payment_path(stx, "/cancel"), json={"reduce_amount_by": 100})
    with database.view() as view:
        [refund] = [each for each in view.payments.all() if each.kind == "refund"]
    with pytest.raises(OnlyAShare):
        accruals.hold_back(operator, refund.id, is_held=True)
