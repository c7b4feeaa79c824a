"""Those who watch see what is served, what is open and what was given up, and nobody else does."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from pfennig import __version__, application
from pfennig.api.metrics import COUNTED, READ, Metrics
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.settings import Settings
from pfennig.storage.database import Database, DatabaseAway
from pfennig.storage.queries import figures
from tests.api.conftest import CHALLENGED, bought, prepared
from tests.conftest import MINE, PUBLIC_URL, Api, StoppedClock
from tests.push.conftest import outbox

Values = dict[tuple[str, ...], float]


@pytest.fixture
def watched(platform: Platform) -> Iterator[httpx.Client]:
    """The application, of which also payments are counted."""
    metrics = Metrics()
    app = application.create(
        replace(platform, count_move=metrics.count_move, count_failure=metrics.count_failure), metrics=metrics
    )
    with httpx.Client(transport=httpx.WSGITransport(app, raise_app_exceptions=False), base_url=PUBLIC_URL) as http:
        yield http


def scraped(http: httpx.Client) -> dict[str, Values]:
    """Each metric with its values by their labels."""
    answer = http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found: dict[str, Values] = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_answers_are_counted_by_operation_and_status_and_timed(watched: httpx.Client) -> None:
    mine = Api(watched, MINE)
    for id in ("STX_NONE", "STX_NEITHER"):
        mine.request("GET", f"Smart/Transactions/{id}")
    mine.buy()
    found = scraped(watched)
    read, created = "GET /api/v2/Smart/Transactions/{id}", "POST /api/v2/Smart/Transactions"
    assert found["pfennig_requests_total"] == {("POST /oauth/token", "200"): 1, (read, "404"): 2, (created, "200"): 1}
    assert found["pfennig_request_seconds_count"][(read,)] == 2
    assert found["pfennig_request_seconds_sum"][(created,)] > 0


def test_payments_are_counted_as_they_move_and_as_they_stand(watched: httpx.Client) -> None:
    mine = Api(watched, MINE)
    bought(mine, "debit")
    bought(mine, "prepaid")
    prepared(mine)
    found = scraped(watched)
    assert found["pfennig_payments_moved_total"] == {
        ("debit", "accepted"): 1,
        ("prepaid", "pending"): 1,
        ("creditcard", "authorised"): 1,
    }
    assert found["pfennig_payments_under_way"] == {("pending",): 1, ("authorised",): 1}


def test_the_outbox_and_open_questions_are_seen(
    watched: httpx.Client, database: Database, clock: StoppedClock
) -> None:
    mine = Api(watched, MINE)
    bought(mine, "debit")
    case = mine.buy()
    mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", CHALLENGED)
    clock.advance(minutes=7)
    found = scraped(watched)
    assert found["pfennig_outbox_open"] == {("pushes",): 1, ("mails",): 0}
    assert found["pfennig_outbox_age_seconds"][("pushes",)] == 420
    assert found["pfennig_outbox_late_seconds"] == {("pushes",): 420, ("mails",): 0}
    assert found["pfennig_attempts_open"] == {("payer",): 1, ("rail",): 0}
    [push] = outbox(database)
    with database.unit() as unit:
        unit.events.change(push, replace(push, tries=1, due=unit.now + timedelta(minutes=5)))
    found = scraped(watched)
    assert found["pfennig_outbox_age_seconds"][("pushes",)] == 420
    assert found["pfennig_outbox_late_seconds"][("pushes",)] == 0, "it was tried, and is waited for"
    with database.unit() as unit:
        unit.events.change(unit.events.get(push.id), replace(push, is_open=False))
    found = scraped(watched)
    assert found["pfennig_outbox_open"][("pushes",)] == 0
    assert found["pfennig_outbox_given_up"] == {("pushes",): 1, ("mails",): 0}


def test_the_last_look_at_the_books_is_seen(watched: httpx.Client, database: Database, clock: StoppedClock) -> None:
    assert "pfennig_ledger_differences" not in scraped(watched), "nobody has looked yet"
    with database.unit() as unit:
        reconciliation.note_check(unit, 3)
    clock.advance(hours=1)
    found = scraped(watched)
    assert (found["pfennig_ledger_differences"][()], found["pfennig_ledger_age_seconds"][()]) == (3, 3600)


def test_while_the_database_is_away_the_rest_is_still_told(
    watched: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scraped(watched)["pfennig_database_up"] == {(): 1}

    def away(*_: object) -> None:
        raise DatabaseAway("The database did not answer")

    monkeypatch.setattr(database, "view", away)
    found = scraped(watched)
    assert found["pfennig_database_up"] == {(): 0}
    assert found["pfennig_info"] == {("twin", __version__): 1}
    assert found["pfennig_requests_total"]
    assert "pfennig_outbox_open" not in found


def test_every_metric_is_in_the_table_and_every_one_of_the_table_is_there(
    watched: httpx.Client, database: Database
) -> None:
    with database.unit() as unit:
        reconciliation.note_check(unit, 0)
    mine = Api(watched, MINE)
    bought(mine, "prepaid")
    mine.http.post("/lab/v1/outcomes", json={"outcome": "silence"}, headers=mine.headers)
    bought(mine)
    kinds = {"_count", "_sum", "_bucket"}
    found = {re.sub("|".join(f"{kind}$" for kind in kinds), "", name) for name in scraped(watched)}
    assert {name for name in found if not name.endswith("_created")} == {*COUNTED, *READ}
    assert scraped(watched)["pfennig_rail_failures_total"] == {("simulator", "silence"): 1}


def operated(platform: Platform, token: str) -> httpx.Client:
    """The application of an operator."""
    app = application.create(replace(platform, can=Abilities()), Settings(metrics_token=token))
    return httpx.Client(transport=httpx.WSGITransport(app), base_url=PUBLIC_URL)


def test_an_operators_metrics_are_shown_to_whoever_has_their_token(platform: Platform) -> None:
    with operated(platform, "a-token-for-metrics") as http:
        good = http.get("/metrics", headers={"Authorization": "Bearer a-token-for-metrics"})
        assert good.status_code == 200
        for shown in ({}, {"Authorization": "Bearer another"}, {"Authorization": "Basic a-token-for-metrics"}):
            answer = http.get("/metrics", headers=shown)
            assert (answer.status_code, answer.json()["code"]) == (401, 2003)
            assert "pfennig_" not in answer.text


def test_without_a_token_an_operator_has_no_metrics(platform: Platform) -> None:
    with operated(platform, "") as http:
        assert http.get("/metrics").status_code == 404
        assert http.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_the_figures_are_read_from_indexes_of_what_is_open(database: Database) -> None:
    """However many rows there are that nobody has to do anything about."""
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        asked.append((statement, parameters))

    with database.view() as view:
        event.listen(database.engine, "before_cursor_execute", note)
        for ask in (figures.events, figures.mails, figures.open_attempts, figures.payments_under_way):
            ask(view)
        event.remove(database.engine, "before_cursor_execute", note)
        if not database.is_sqlite:
            view.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # for so few rows it would be faster
        plans = [str(view.connection.exec_driver_sql(f"{explain} {s}", p).all()) for s, p in asked]
    assert len(plans) == 8
    for plan in plans:
        assert re.search(r"ix_\w+_(open|given_up|under_way)", plan), plan
