"""Accruals: money that is not paid out until the merchant lets it go."""

from typing import Any

import pytest

from tests.api.conftest import Everything, bought, payment_of
from tests.conftest import Api, Json

DEBITS = "Payment/Secupaydebits"


def held(mine: Api, method: str = "creditcard", **fields: Any) -> Json:
    """A payment of five euros that is held back."""
    return payment_of(mine, bought(mine, method, payment_context={"accrual": True}, **fields))


def cancelled(mine: Api, payment: Json, **body: int) -> Json:
    """The refund of a part, or of all."""
    answer = mine.request("POST", f"Payment/Transactions/{payment['id']}/cancel", json=body)
    refund: Json = answer.json()[1]
    return refund


def is_held(mine: Api, payment: Json) -> bool:
    """What the payment says now."""
    return bool(mine.get(f"Payment/Transactions/{payment['id']}")["accrual"])


def test_nothing_is_held_back_unless_somebody_says_so(mine: Api) -> None:
    assert is_held(mine, payment_of(mine, bought(mine))) is False


def test_revoking_lets_a_payment_and_its_refunds_go(mine: Api) -> None:
    payment = held(mine)
    refund = cancelled(mine, payment, reduce_amount_by=200)
    assert (is_held(mine, payment), is_held(mine, refund)) == (True, True)
    answer = mine.post(f"Payment/Transactions/{payment['transaction_hash']}/revokeAccrual")
    assert answer == mine.get(f"Payment/Transactions/{payment['id']}")
    assert (is_held(mine, payment), is_held(mine, refund)) == (False, False)
    assert is_held(mine, cancelled(mine, payment)) is False


def test_revoking_twice_is_fine_and_changes_nothing(mine: Api, everything: Everything) -> None:
    payment = held(mine)
    mine.post(f"Payment/Transactions/{payment['id']}/revokeAccrual")
    before = everything()
    mine.post(f"Payment/Transactions/{payment['id']}/revokeAccrual")
    assert everything() == before


def test_the_legacy_form_takes_both_answers(mine: Api) -> None:
    sale = mine.post(DEBITS, {"amount": 500, "accrual": True})
    assert sale["accrual"] is True
    for body, answer in (({"accrual": False}, False), ({"accrual": "true"}, True), ({}, False)):
        assert mine.put(f"{DEBITS}/{sale['id']}/accrual", body)["accrual"] is answer
    mine.put(f"{DEBITS}/{sale['id']}/accrual", {"accrual": True})
    unclear: list[Json] = [{"accrual": "maybe"}, {"accrual": None}, {"reason": "x"}, {"hold": True, "reason": "x"}]
    assert {mine.refused("PUT", f"{DEBITS}/{sale['id']}/accrual", body)[0] for body in unclear} == {400}
    assert is_held(mine, sale) is True


@pytest.mark.parametrize("method", ["creditcard", "prepaid"])
def test_where_no_money_is_left_nothing_can_be_held_back(mine: Api, everything: Everything, method: str) -> None:
    payment = held(mine, method)
    mine.request("POST", f"Payment/Transactions/{payment['id']}/cancel")
    mine.put(f"{DEBITS}/{payment['id']}/accrual", {"accrual": False})
    before = everything()
    refusal = mine.refused("PUT", f"{DEBITS}/{payment['id']}/accrual", {"accrual": True})
    assert refusal == (403, "ProductNotAllowedException", 4001)
    assert everything() == before
