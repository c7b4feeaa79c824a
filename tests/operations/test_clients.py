"""Credentials: made, rotated and revoked."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pfennig import ids
from pfennig.clock import system_clock
from pfennig.operations.core import validity
from pfennig.operations.core.validity import BadToken
from pfennig.operations.parties import clients, sessions
from pfennig.operations.parties.clients import BadCredentials, Revoked
from pfennig.storage.database import Database
from pfennig.storage.shelf import UnknownId
from pfennig.storage.unit import Unit
from tests.conftest import COLLEAGUE, MINE, ON_POSTGRESQL
from tests.stories.conftest import until


def works(database: Database, client_id: str, secret: str) -> bool:
    """True for credentials that buy a token."""
    try:
        return bool(clients.issue_token(database, client_id, secret))
    except BadCredentials:
        return False


def test_a_new_client_acts_under_its_contract(database: Database) -> None:
    with database.unit() as unit:
        client, secret = clients.add(unit, "GCR_SELLER", "till 7")
    token = clients.issue_token(database, client.id, secret).access_token
    with database.view() as view:
        caller = clients.caller(view, token)
    assert (caller.client_id, caller.merchant_id, caller.contract_id) == (client.id, "MRC_SELLER", "GCR_SELLER")


def test_a_client_needs_a_contract_that_exists(database: Database) -> None:
    with pytest.raises(UnknownId), database.unit() as unit:
        clients.add(unit, "GCR_NOBODY", "")


def test_secrets_are_kept_as_digests_that_differ_for_each_client(database: Database) -> None:
    with database.unit() as unit:
        client, secret = clients.add(unit, "GCR_MINE", "")
        [kept] = clients.secrets_of(unit, client.id)
    assert secret not in kept.id
    assert kept.id not in (ids.digest(secret), clients.secret_digest("another", secret))


def test_two_secrets_live_while_one_is_being_changed(database: Database) -> None:
    secrets = [MINE[1]]
    for expected in ([True, True], [False, True, True], [False, False, True, True]):
        with database.unit() as unit:
            secrets.append(clients.rotate(unit, MINE[0]))
        assert [works(database, MINE[0], secret) for secret in secrets] == expected


def test_a_revoked_client_is_not_rotated_back_to_life(database: Database) -> None:
    with database.unit() as unit:
        clients.revoke(unit, MINE[0])
    with pytest.raises(Revoked), database.unit() as unit:
        clients.rotate(unit, MINE[0])
    assert not works(database, *MINE)


def test_an_unknown_client_is_neither_rotated_nor_revoked(database: Database) -> None:
    for change in (clients.rotate, clients.revoke):
        with pytest.raises(UnknownId), database.unit() as unit:
            change(unit, "nobody")


def test_revoking_one_client_leaves_its_colleague_alone(database: Database) -> None:
    with database.unit() as unit:
        clients.revoke(unit, MINE[0])
    assert works(database, "client-colleague", "secret-of-colleague-0123456789")


def test_an_old_secret_ends_at_once_with_what_it_has_bought(database: Database) -> None:
    token, other = (clients.issue_token(database, *who).access_token for who in (MINE, COLLEAGUE))
    with database.unit() as unit:
        new = clients.rotate(unit, MINE[0], timedelta())
    fresh = clients.issue_token(database, MINE[0], new).access_token
    assert not works(database, *MINE)
    assert [speaks(database, each) for each in (token, other, fresh)] == [False, True, True]


def test_an_old_secret_ends_when_its_operator_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    now = system_clock()
    with database.unit() as unit:
        new = clients.rotate(unit, MINE[0], timedelta(minutes=10))
    issued = clients.issue_token(database, *MINE)
    assert 590 <= issued.expires_in_seconds <= 600, "a token lives no longer than its secret"
    assert clients.issue_token(database, MINE[0], new).expires_in_seconds == 1200
    for module in (clients, validity):
        monkeypatch.setattr(module, "system_clock", lambda: now + timedelta(minutes=11))
    assert not works(database, *MINE)
    assert not speaks(database, issued.access_token)
    assert works(database, MINE[0], new)


def test_an_end_is_never_put_off(database: Database) -> None:
    with database.unit() as unit:
        clients.rotate(unit, MINE[0], timedelta(minutes=10))
        [_, old] = clients.secrets_of(unit, MINE[0])
        clients.end_secret(unit, old, system_clock() + timedelta(days=1))
        [_, kept] = clients.secrets_of(unit, MINE[0])
    assert kept.ends == old.ends


def test_the_third_secret_ends_the_first_with_its_tokens(database: Database) -> None:
    token = clients.issue_token(database, *MINE).access_token
    for lives in (True, False):
        with database.unit() as unit:
            clients.rotate(unit, MINE[0])
        assert speaks(database, token) is lives


def end_secret(unit: Unit, client_id: str) -> None:
    """Ends the secret of a client at once."""
    clients.rotate(unit, client_id, timedelta())


@ON_POSTGRESQL
@pytest.mark.parametrize("end", [clients.revoke, end_secret])
def test_what_is_bought_while_a_client_or_its_secret_ends_does_not_outlive_it(
    database: Database, end: Callable[[Unit, str], None]
) -> None:
    def register() -> bool:
        try:
            return bool(sessions.register(database, *MINE, "a till"))
        except BadCredentials:
            return False

    with ThreadPoolExecutor() as pool:
        with database.unit() as unit:
            end(unit, MINE[0])
            bought = [pool.submit(works, database, *MINE), pool.submit(register)]
            until(lambda: number_of_waiting(unit) == len(bought))
        assert [each.result() for each in bought] == [False, False]
    with database.view() as view:
        assert [each for each in view.tokens.all(client_id=MINE[0]) if each.expires > system_clock()] == []
        assert view.sessions.all(client_id=MINE[0]) == []


def number_of_waiting(unit: Unit) -> int:
    """How many wait for a lock."""
    number: int = unit.connection.exec_driver_sql(
        "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    ).scalar_one()
    return number


def speaks(database: Database, token: str) -> bool:
    """True for a token that is good."""
    with database.view() as view:
        try:
            return bool(clients.caller(view, token))
        except BadToken:
            return False
