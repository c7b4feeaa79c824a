"""The clock of the lab: what takes days happens at once, and in its order."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from pfennig.clock import wire_time
from pfennig.operations.checks import reconciliation
from pfennig.storage.database import Database
from tests.api.conftest import card, payment_of, prepared
from tests.api.test_outcomes import lab, start
from tests.conftest import MORNING, Api, Json, StoppedClock


def clock_of(api: Api, **params: str) -> Json:
    """What a clock shows."""
    reading: Json = api.http.get("/lab/v1/clock", params=params, headers=api.headers).json()
    return reading


def test_the_clock_shows_the_present_until_it_is_moved(mine: Api) -> None:
    assert clock_of(mine) == {"of": "MRC_MINE", "now": wire_time(MORNING), "next": None, "steps": 0}
    moved = lab(mine, "clock/advance", days=1, hours=2, minutes=3, seconds=4)
    later = MORNING + timedelta(days=1, hours=2, minutes=3, seconds=4)
    assert (moved["now"], moved["next"]) == (wire_time(later), None)
    assert mine.buy()["created"] == wire_time(later)


def test_a_moved_clock_goes_on(mine: Api, clock: StoppedClock) -> None:
    lab(mine, "clock/set", now="2026-03-01T12:00:00+01:00")
    clock.advance(minutes=5)
    assert clock_of(mine)["now"] == "2026-03-01T12:05:00+01:00"


def test_a_moment_without_an_offset_is_german_local_time(mine: Api) -> None:
    assert lab(mine, "clock/set", now="2026-07-01T12:00:00")["now"] == "2026-07-01T12:00:00+02:00"


def test_a_merchants_clock_moves_nobody_but_those_below_its_contract(mine: Api, seller: Api, stranger: Api) -> None:
    lab(mine, "clock/advance", days=3)
    assert clock_of(seller)["now"] == clock_of(mine)["now"] == wire_time(MORNING + timedelta(days=3))
    assert clock_of(stranger)["now"] == clock_of(mine, scope="server")["now"] == wire_time(MORNING)


def test_the_servers_clock_moves_everybody(mine: Api, stranger: Api) -> None:
    lab(mine, "clock/advance", days=3)
    lab(stranger, "clock/advance", days=1, scope="server")
    assert clock_of(mine)["now"] == wire_time(MORNING + timedelta(days=4))
    assert clock_of(stranger)["now"] == wire_time(MORNING + timedelta(days=1))


def test_a_reservation_expires_after_seven_days(mine: Api, database: Database) -> None:
    case = prepared(mine)
    assert clock_of(mine)["next"] == wire_time(MORNING + timedelta(days=7))
    lab(mine, "clock/advance", days=6, hours=23)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    lab(mine, "clock/advance", hours=1)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "created"
    assert payment_of(mine, case)["details"]["status_simple"] == 5
    with database.view() as view:
        assert len(view.events.all(object_id=case["transactions"][0]["id"])) == 2
        assert reconciliation.check_all(view) == (1, [])
    assert mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())["status"] == "ok"


def test_what_was_collected_no_longer_expires(mine: Api) -> None:
    case = prepared(mine)
    mine.post(f"Smart/Transactions/{case['id']}/start")
    lab(mine, "clock/advance", days=30)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"


def test_the_next_event_is_the_earliest_of_all(mine: Api) -> None:
    start(mine, "creditcard", card("4000000000002206"))
    prepared(mine)
    moments = [lab(mine, "clock/next")["now"] for _ in range(3)]
    due = [wire_time(MORNING + timedelta(days=days)) for days in (7, 10, 10)]
    assert moments == due, "after the last one the clock stays"


def test_what_falls_due_on_the_way_happens_in_its_order(mine: Api, database: Database) -> None:
    start(mine, "creditcard", card("4000000000002305"))
    prepared(mine)
    assert lab(mine, "clock/advance", days=365)["steps"] >= 3
    with database.view() as view:
        moves = [move for move in view.moves.all() if move.by == "clock" and move.object_id.startswith("PCI")]
    days = [(move.after, (move.created - MORNING).days) for move in moves]
    assert days == [("void", 7), ("issue", 10), ("issue_resolved", 40)]


def test_the_clock_can_be_set_back_and_then_nothing_happens(mine: Api) -> None:
    case = prepared(mine)
    lab(mine, "clock/set", now="2024-01-01T00:00:00+01:00")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
    assert mine.buy()["created"] == "2024-01-01T00:00:00+01:00"


def test_the_clock_of_a_token_is_the_real_one(mine: Api, clock: StoppedClock) -> None:
    lab(mine, "clock/advance", days=300)
    assert mine.buy()["status"] == "created"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("set", {}),
        ("set", {"now": "tomorrow"}),
        ("set", {"now": "2126-01-01T00:00:00+01:00"}),
        ("advance", {"days": -1}),
        ("advance", {"days": 5000}),
        ("advance", {"days": 10**9}),
        ("advance", {"scope": "galaxy"}),
        ("next", {"scope": "galaxy"}),
    ],
)
def test_a_clock_cannot_be_moved_to_just_anywhere(mine: Api, path: str, body: dict[str, Any]) -> None:
    answer = mine.http.post(f"/lab/v1/clock/{path}", json=body, headers=mine.headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "ProductFormatException"), answer.text
    assert clock_of(mine)["now"] == wire_time(MORNING)


def test_an_operator_has_no_lab(mine: Api) -> None:
    assert mine.http.get("/lab/v1/clock").status_code == 401
    assert datetime.fromisoformat(clock_of(mine)["now"]) == MORNING
