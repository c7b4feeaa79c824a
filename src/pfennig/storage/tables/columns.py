"""Tables and columns: names of constraints, moments, money, what is only echoed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    func,
    text,
)

from pfennig.once import Once

Counter = Column[Any]
"""The column in which a table counts its rows."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite knows no zones, so it keeps the UTC reading and gets its zone back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Converts a moment on its way to the database."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Converts a moment on its way from the database."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class SpecialIndex(Index):
    """An index with what only one database understands, which is handed over when somebody asks.

    Said in SQLAlchemy's way it would import both databases' dialects, all drivers included, and a start takes longer.
    """

    def __init__(self, label: str, *parts: Any, only: Mapping[str, Mapping[str, Any]], unique: bool = False) -> None:
        """only: options by the names of the database and of the option."""
        self.only = only
        super().__init__(label, *parts, unique=unique)

    @Once
    def dialect_options(self) -> Any:
        """The options, with what SQLAlchemy knows of them."""
        options = super().dialect_options
        for database, special in self.only.items():
            options[database].update(special)
        return options


def table(name: str, *columns: Any) -> Table:
    """A table with its counter, its id and the moment it was written."""
    return Table(
        name,
        metadata,
        Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
        Column("id", String(80), nullable=False, unique=True),
        Column("created", Moment, nullable=False),
        *columns,
        sqlite_autoincrement=True,
    )


def name(label: str, nullable: bool = False, length: int = 80, is_later: bool = False) -> Column[str]:
    """A short word or an id. is_later: it came when there were rows already, and these have none."""
    return Column(label, String(length), nullable=nullable, server_default=text("''") if is_later else None)


def flag(label: str, is_later: bool = False) -> Column[bool]:
    """A column of yes or no. is_later: it came when there were rows already, and these say no."""
    return Column(label, Boolean, nullable=False, server_default=text("false") if is_later else None)


def amount(label: str) -> Column[int]:
    """A column of minor units."""
    return Column(label, BigInteger, nullable=False)


def json(label: str, nullable: bool = False) -> Column[Any]:
    """A column for what is echoed; the order of its keys is kept."""
    return Column(label, JSON(none_as_null=nullable), nullable=nullable)


def inside(column: Column[Any], path: str) -> ColumnElement[Any]:
    """A text in a JSON column; dots lead into objects."""
    found: ColumnElement[Any] = column[tuple(path.split("."))].as_string()
    return found


def search_index(label: str, table: Table, text: ColumnElement[Any]) -> Index:
    """An index that finds rows by a text without regard to case, by its beginning, too.

    Not on SQLite: there the function is ours, and whoever opened the file without it could not write.
    """
    folded = func.lower(text).label("folded")
    only = {"postgresql": {"ops": {"folded": "text_pattern_ops"}}}
    return SpecialIndex(label, folded, table.c.merchant_id, only=only).ddl_if(dialect="postgresql")


def moment(label: str, nullable: bool = True) -> Column[datetime]:
    """A moment."""
    return Column(label, Moment, nullable=nullable)


def partial(label: str, *names: str, where: ColumnElement[bool], is_unique: bool = False) -> Index:
    """An index of those rows only."""
    only = {"sqlite": {"where": where}, "postgresql": {"where": where}}
    return SpecialIndex(label, *names, unique=is_unique, only=only)


def when_open(label: str, *names: str, is_unique: bool = False) -> Index:
    """An index of what is still open. SQLite uses it only if it says so in the words of our queries."""
    only = {"sqlite": {"where": text("is_open = 1")}, "postgresql": {"where": text("is_open")}}
    return SpecialIndex(label, *names, unique=is_unique, only=only)
