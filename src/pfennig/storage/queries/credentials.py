"""Clients with their secrets, and tokens that are added only while both are good. Each is one statement.

None of it is remembered: whoever asks with a secret that has just ended must not get an answer by it.
"""

from functools import cache

from sqlalchemy import Dialect, bindparam, insert, or_, select

from pfennig.domain.parties import Client, Secret, Token
from pfennig.storage import statements, tables
from pfennig.storage.connections.connection import Prepared, prepare
from pfennig.storage.shelf import row_without_number
from pfennig.storage.unit import Unit

CLIENT, SECRET = "client_", "secret_"
"""What the names of their columns begin with, where a row has both."""


def client_with_secrets(unit: Unit, client_id: str, holds: bool = False) -> list[tuple[Client, Secret]]:
    """A client beside each of its secrets, the oldest first; nothing for one that has none.

    holds: whether both stay as they are until the unit ends.
    """
    if "\0" in client_id:
        return []
    query = finding_with_secrets(unit.writes.dialect, holds)
    unit.writes.flush_for(tables.secrets)
    rows = unit.writes.rows(tables.clients, query, {"client_id": client_id})
    return [
        (
            unit.clients.read({each.name: row[CLIENT + each.name] for each in tables.clients.c}),
            unit.secrets.read({each.name: row[SECRET + each.name] for each in tables.secrets.c}),
        )
        for row in rows
    ]


@cache
def finding_with_secrets(dialect: Dialect, holds: bool) -> Prepared:
    """A client's columns beside those of each of its secrets."""
    clients, secrets = tables.clients.c, tables.secrets.c
    columns = [each.label(CLIENT + each.name) for each in clients]
    columns += [each.label(SECRET + each.name) for each in secrets]
    query = (
        select(*columns)
        .select_from(tables.clients.join(tables.secrets, secrets.client_id == clients.id))
        .where(clients.id == bindparam("client_id", type_=clients.id.type))
        .order_by(secrets.seq)
    )
    return prepare(query.with_for_update(read=True) if holds else query, dialect)


def add_token(unit: Unit, token: Token) -> bool:
    """Adds a client's token, if the client is not revoked and the secret lives as long. Whether that was so."""
    query = adding_token(unit.writes.dialect)
    return bool(unit.writes.rows(tables.tokens, query, row_without_number(token)))


@cache
def adding_token(dialect: Dialect) -> Prepared:
    """A new token of a client and a secret that are still good. It waits for whoever is just ending one of them."""
    clients, secrets, names = tables.clients.c, tables.secrets.c, statements.given_columns(tables.tokens)
    new = {name: bindparam(name, type_=tables.tokens.c[name].type) for name in names}
    proven = (
        select(*new.values())
        .select_from(tables.clients.join(tables.secrets, secrets.client_id == clients.id))
        .where(clients.id == new["client_id"], ~clients.is_revoked)
        .where(secrets.id == new["secret_id"], or_(secrets.ends.is_(None), secrets.ends >= new["expires"]))
        .with_for_update(read=True)
    )
    query = insert(tables.tokens).from_select(names, proven, include_defaults=False)
    return prepare(query.returning(tables.tokens.c.seq), dialect)
