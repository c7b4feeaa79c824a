"""Credentials: made, rotated and revoked."""

import pytest

from pfennig import ids
from pfennig.operations import clients
from pfennig.operations.clients import BadCredentials, Revoked
from pfennig.storage.database import Database
from pfennig.storage.shelf import UnknownId
from tests.conftest import MINE


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
