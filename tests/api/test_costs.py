"""What the operations that a shop waits for ask of the database: nobody makes one of them dearer unawares."""

from collections.abc import Callable, Sequence

import pytest

from tests.api.conftest import card, prepared
from tests.conftest import Api, Json, order

Step = Callable[[Api], object]


def paid(mine: Api) -> Json:
    """A payment by card that was collected."""
    return mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", card())


def first(case: Json) -> str:
    """The address of the leading payment."""
    return f"Payment/Transactions/{case['transactions'][0]['id']}"


def create(mine: Api) -> Step:
    """A new Smart Transaction."""
    return lambda api: api.post("Smart/Transactions", order())


def prepare(mine: Api) -> Step:
    """A reservation on a card."""
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard"
    return lambda api: api.post(path, card())


def capture(mine: Api) -> Step:
    """Collects it."""
    path = f"{first(prepared(mine))}/capture"
    return lambda api: api.post(path, {})


def refund(mine: Api) -> Step:
    """Gives a part back."""
    path = f"{first(paid(mine))}/cancel"
    return lambda api: api.request("POST", path, json={"reduce_amount_by": 100})


def read(mine: Api) -> Step:
    """Reads one."""
    path = f"Smart/Transactions/{paid(mine)['id']}"
    return lambda api: api.get(path)


COSTS: dict[Callable[[Api], Step], tuple[int, int]] = {
    create: (2, 7),
    prepare: (5, 37),
    capture: (4, 44),
    refund: (5, 47),
    read: (2, 8),
}
"""How many transactions, and how many statements in them; one that is read by itself is a transaction, too."""


def cost(questions: Sequence[str]) -> tuple[int, int]:
    """Of what was asked, the transactions and the statements."""
    transactions, statements, is_open = 0, 0, False
    for text in questions:
        if text.startswith(("COMMIT", "ROLLBACK")):
            is_open = False
        elif text.startswith("BEGIN"):
            is_open, transactions = True, transactions + 1
        else:
            statements += 1
            transactions += not is_open
    return transactions, statements


@pytest.mark.parametrize("operation", COSTS)
def test_an_operation_asks_the_database_so_much(
    mine: Api, questions: list[str], operation: Callable[[Api], Step]
) -> None:
    operation(mine)(mine)  # what is known of statements, keys and tokens is found out once
    step = operation(mine)
    questions.clear()
    step(mine)
    assert cost(questions) == COSTS[operation]
