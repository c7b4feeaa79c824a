"""A year of a monthly subscription, by the clock: every payment, every push, and the books, worked out by hand."""

from typing import Any

import pytest

from pfennig.operations.worlds.world import NewFee
from pfennig.storage.database import Database
from tests.api.recurring import advance, billed, phase, plan, read, set_to, subscribed
from tests.api.test_outcomes import lab
from tests.conftest import Api, Change

DAYS = [
    "2026-03-31",
    "2026-04-30",
    "2026-05-31",
    "2026-06-30",
    "2026-07-31",
    "2026-08-31",
    "2026-09-30",
    "2026-10-31",
    "2026-11-30",
    "2026-12-31",
    "2027-01-31",
    "2027-02-28",
    "2027-03-31",
]
"""The last day of each month: what begins on a 31st comes back to it after every short month."""

MAY = 2
TRIES = [("2026-05-31", 1000, "denied"), ("2026-06-01", 1000, "denied"), ("2026-06-03", 1000, "accepted")]
"""The card is empty on the day and on the day after, and works again three days after."""


def payments() -> list[tuple[str, int, str]]:
    """What is collected: the initial fee, a month on trial, and twelve at the full price."""
    months = [(day, 1000, "accepted") for day in DAYS[1:]]
    trial = (DAYS[0], 100, "accepted")
    return [("2026-02-04", 500, "accepted"), trial, *months[: MAY - 1], *TRIES, *months[MAY:]]


@pytest.mark.usefixtures("books")
def test_a_year_of_a_monthly_subscription(mine: Api, contract: Change, database: Database) -> None:
    contract(fees={"creditcard": NewFee(basis_points=150, fixed=25)})
    trial = phase(100, tenure_type="trial", total_cycles=1)
    id = subscribed(mine, plan(mine, trial, phase(1000, sequence=2, total_cycles=12)), start_at="2026-03-31T08:00:00")
    assert billing(mine, id) == ([(1, 0, 1), (2, 0, 12)], "2026-03-31T08:00:00+02:00")
    set_to(mine, "2026-05-30T12:00:00")
    assert billing(mine, id) == ([(1, 1, 0), (2, 1, 11)], "2026-05-31T08:00:00+02:00")
    for _ in range(2):
        lab(mine, "outcomes", outcome="insufficient_funds", method="creditcard")
    advance(mine, days=1)
    assert (read(mine, id)["status"], billing(mine, id)[1]) == ("active", "2026-06-01T08:00:00+02:00")
    advance(mine, days=1)
    assert billing(mine, id) == ([(1, 1, 0), (2, 1, 11)], "2026-06-03T08:00:00+02:00")
    set_to(mine, "2027-03-30T12:00:00")
    assert (read(mine, id)["status"], billing(mine, id)[1]) == ("active", "2027-03-31T08:00:00+02:00")
    advance(mine, days=366)
    assert read(mine, id)["status"] == "completed"
    assert billing(mine, id) == ([(1, 1, 0), (2, 12, 0)], None)
    assert billed(mine, id) == payments()
    assert told(mine, database, id) == pushes()
    # Fees: 33 of 500, 27 of 100, and 40 of each of the twelve times 1000.
    [books] = mine.http.get("/lab/v1/balances", headers=mine.headers).json()["data"]
    assert (books["available"], books["pending"]) == (467 + 73 + 12 * 960, 0)


def billing(api: Api, id: str) -> tuple[list[tuple[int, int, int]], str | None]:
    """How many cycles of each phase are over and to come, and when the next payment is."""
    found = read(api, id)
    block: dict[str, Any] = found["billing_cycles"]
    assert block == found["billing_info"]
    cycles = [
        (one["sequence"], one["cycles_completed"], one["cycles_remaining"]) for one in block["cycle_executions"]
    ]
    return cycles, block.get("next_billing_time")


def told(api: Api, database: Database, id: str) -> list[tuple[str, str, str, str]]:
    """Every push, in its order: its day, and what happened to the subscription or to which of its payments."""
    listed = api.get("Payment/Transactions", q=f"subscription.id:{id}", sort="trans_id:asc", count=100)["data"]
    names = {payment["id"]: f"payment {number}" for number, payment in enumerate(listed)} | {id: "subscription"}
    with database.view() as view:
        events = view.events.all()
    assert {event.url for event in events} == {"https://shop.example.test/push"}
    return [(f"{event.created:%F}", event.target, names[event.object_id], event.type) for event in events]


def pushes() -> list[tuple[str, str, str, str]]:
    """What the shop is told: each payment that is made, what becomes of it, and the end of it all."""
    days = [day for day, _, _ in payments()]
    found = [(days[0], "payment.transactions", "payment 0", "changed")]
    for number, day in enumerate(days[1:], 1):
        found += [(day, "payment.transactions", f"payment {number}", type) for type in ("added", "changed")]
    return [*found, (days[-1], "payment.subscriptions", "subscription", "changed")]
