"""Smart.Transactions through the door."""

from tests.conftest import Api


def test_a_new_transaction_is_created_and_read_back_the_same(mine: Api) -> None:
    case = mine.buy()
    assert case["status"] == "created"
    assert mine.get(f"Smart/Transactions/{case['id']}") == case


def test_a_card_without_a_challenge_is_approved_and_then_captured(mine: Api) -> None:
    case = mine.buy()
    card = {"type": "credit_card", "private": {"owner": "Max", "pan": "411111XXXXXX1111"}}
    case = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", {"container": card})
    assert case["status"] == "approved"
    case = mine.post(f"Smart/Transactions/{case['id']}/start")
    assert case["status"] == "ok"
    payment = mine.get(f"Payment/Transactions/{case['transactions'][0]['id']}")
    assert payment["details"]["status_simple"] == 1
    case = mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert case["status"] == "cancelled"
    payment = mine.get(f"Payment/Transactions/{case['transactions'][0]['id']}")
    assert payment["details"]["status_simple"] == 5
