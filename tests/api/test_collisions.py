"""Deadlocks and serialisation failures: what others undid is done anew, and no rail is asked twice for it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from pfennig.demo import Form
from pfennig.domain.attempt import Outcome
from pfennig.gateways import Request
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts
from pfennig.storage.database import MOST_REPEATS
from pfennig.twin.simulator import Simulator
from tests.api.conftest import Everything, card, payment_of, prepared
from tests.banks import served_by
from tests.conftest import ON_POSTGRESQL, Api, order
from tests.stories.conftest import until

pytestmark = [ON_POSTGRESQL, pytest.mark.usefixtures("database", "books")]

SERIALISATION_FAILURE, DEADLOCK = "40001", "40P01"

Collides = Callable[..., None]


class CountingBank(Simulator):
    """The simulated bank, which counts what it is asked."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def outcome_of(self, request: Request, is_repeated: bool) -> Outcome:
        """The simulated bank's answer."""
        self.questions.append("ask" if is_repeated else request.attempt.verb.value)
        return super().outcome_of(request, is_repeated)


@pytest.fixture
def bank() -> CountingBank:
    """The bank behind every method."""
    return CountingBank()


@pytest.fixture
def platform(platform: Platform, bank: CountingBank) -> Platform:
    """The platform with that bank."""
    return served_by(platform, bank)


@pytest.fixture
def outsider(postgresql_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else in the database, who waits in any circle until the other gives in."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("SET deadlock_timeout = '1min'")
        yield connection


@pytest.fixture
def collides(outsider: psycopg.Connection[Any]) -> Iterator[Collides]:
    """Lets the first rows that are written to a table collide with nobody in particular."""
    outsider.execute("CREATE SEQUENCE collisions")
    outsider.execute(
        "CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('collisions') <= TG_ARGV[0]::int THEN"
        " RAISE EXCEPTION 'made to collide' USING ERRCODE = TG_ARGV[1]; END IF; RETURN NEW; END $$"
    )

    def collide(table: str, times: int, state: str = SERIALISATION_FAILURE) -> None:
        query = "CREATE TRIGGER collide BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION collide({}, {})"
        outsider.execute(sql.SQL(query).format(sql.Identifier(table), sql.Literal(times), sql.Literal(state)))

    yield collide
    outsider.execute("DROP FUNCTION collide CASCADE")
    outsider.execute("DROP SEQUENCE collisions")


@contextmanager
def holding(outsider: psycopg.Connection[Any], table: str, id: str) -> Iterator[None]:
    """The outsider has this row to itself for the time of the block."""
    with outsider.transaction():
        take(outsider, table, id)
        yield


def take(outsider: psycopg.Connection[Any], table: str, id: str) -> None:
    """Waits for a row and takes it."""
    query = sql.SQL("SELECT 1 FROM {} WHERE id = %s FOR UPDATE").format(sql.Identifier(table))
    outsider.execute(query, [id])


def is_anybody_waiting(outsider: psycopg.Connection[Any]) -> bool:
    """Whether somebody waits for a lock."""
    return outsider.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is not None


def test_a_call_that_gives_in_in_a_deadlock_is_done_anew(
    mine: Api, bank: CountingBank, outsider: psycopg.Connection[Any]
) -> None:
    case = prepared(mine)
    payment = payment_of(mine, case)
    with ThreadPoolExecutor(1) as pool:
        with holding(outsider, "payments", payment["id"]):
            started = pool.submit(mine.request, "POST", f"Smart/Transactions/{case['id']}/start")
            until(lambda: is_anybody_waiting(outsider))  # it has the Smart Transaction, and wants the payment
            take(outsider, "smart_transactions", case["id"])
            assert not started.done()
        assert started.result().json()["status"] == "ok"
    assert bank.questions == ["start", "capture"]


@pytest.mark.parametrize("state", [SERIALISATION_FAILURE, DEADLOCK])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}], ids=["without a key", "with a key"])
def test_what_collides_before_a_rail_is_asked_is_done_anew(
    mine: Api, bank: CountingBank, collides: Collides, state: str, headers: dict[str, str]
) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard"
    collides("attempts", MOST_REPEATS, state)
    mine.headers |= headers
    assert mine.post(path, card())["status"] == "approved"
    assert bank.questions == ["start"]


def test_who_collides_again_and_again_is_told_to_come_back_and_nothing_is_written(
    mine: Api, collides: Collides, everything: Everything
) -> None:
    collides("smart_transactions", MOST_REPEATS + 1)
    before = everything()
    answer = mine.request("POST", "Smart/Transactions", json=order())
    assert (answer.status_code, answer.json()["code"]) == (503, 1092)
    assert int(answer.headers["Retry-After"]) > 0
    assert everything() == before
    assert mine.buy()["status"] == "created"


def test_an_answer_of_the_rail_is_written_down_in_spite_of_collisions(
    mine: Api, bank: CountingBank, collides: Collides
) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard"
    collides("moves", MOST_REPEATS)  # the first of these is written after the bank has answered
    assert mine.post(path, card())["status"] == "approved"
    assert bank.questions == ["start"]


def test_once_a_rail_was_asked_a_call_is_not_begun_anew_and_the_sweeper_ends_it(
    mine: Api, platform: Platform, bank: CountingBank, collides: Collides
) -> None:
    case = mine.buy()
    collides("moves", MOST_REPEATS + 1)
    answer = mine.request("POST", f"Smart/Transactions/{case['id']}/prepare/creditcard", json=card())
    assert (answer.status_code, answer.json()["code"]) == (503, 1092)
    assert bank.questions == ["start"]
    attempts.sweep(Call(platform, None, "de", role="sweeper"), after=timedelta(seconds=-1))
    assert bank.questions == ["start", "ask"]
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"


def test_a_payer_does_not_notice_collisions(http: httpx.Client, mine: Api, collides: Collides) -> None:
    case = mine.buy()
    form = Form.first(http.get(case["payment_links"]["prepaid"]).text, "/pay/prepaid")
    collides("payments", MOST_REPEATS)
    answer = http.post(form.action, data=form.fields)
    assert answer.status_code == 303
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "pending"
