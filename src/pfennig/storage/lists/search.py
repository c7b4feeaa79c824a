"""Queries of lists in SQL: wire names as expressions, trees as conditions, places in an order.

Everything is compared by the database, on SQLite and PostgreSQL alike. Source: docs/wire/3-conventions.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, false, func, literal, not_, or_, select, true

from pfennig.domain.search import (
    And,
    BadQuery,
    Between,
    Exists,
    Matches,
    Not,
    Or,
    Pattern,
    TooExtensive,
    Tree,
    Wild,
    plain,
    refuse,
)
from pfennig.domain.search_values import flag, number, readings, span, unescaped_text
from pfennig.storage.lists.expressions import Expression, Through, largest
from pfennig.storage.shelf import Shelf
from pfennig.storage.tables.columns import Moment

Condition = ColumnElement[bool]

MOST_COST = 120
"""The most points of a query: a dozen words without a name, thirty texts with one, or a hundred numbers."""

FEW = 10_000
"""The number of matches that are sorted in some milliseconds."""


class Kind(StrEnum):
    """The ways to compare the values of a name. Texts ignore case; WORDS also fit by some of their words."""

    ID = "id"
    TEXT = "text"
    WORDS = "words"
    NUMBER = "number"
    MOMENT = "moment"
    FLAG = "flag"


@dataclass(frozen=True)
class Name:
    """The expression that a wire name stands for.

    plus: what the wire adds to a stored number. order: what it is sorted by, if not by itself.
    through: the way to another row, where the expression is one of that. Such a name gives no groups for sums.
    is_bare: whether terms without a name look here, too.
    """

    expression: Expression
    kind: Kind
    plus: int = 0
    order: Expression | None = None
    through: Through | None = None
    is_bare: bool = False

    @property
    def can_group(self) -> bool:
        """Whether sums can be made by it."""
        return self.through is None

    @property
    def ordered_by(self) -> Expression:
        """The expression that lists are sorted by: of several other rows, the largest value."""
        if self.order is not None:
            return self.order
        return self.expression if self.through is None else largest(self.expression, self.through)

    def holds(self, test: Callable[[Expression], Condition]) -> Condition:
        """The condition that a value passes the test."""
        if self.through is None:
            return test(self.expression)
        column, ids = self.through
        found: Condition = column.in_(ids.where(test(self.expression)))
        return found


Names = Mapping[str, Name]


def condition(tree: Tree, names: Names) -> Condition:
    """The condition that a row must fulfil. Raises BadQuery."""
    match tree:
        case And(parts):
            return and_(true(), *(condition(part, names) for part in parts))
        case Or(parts):
            return or_(false(), *(condition(part, names) for part in parts))
        case Not(part):
            # A missing value fits no condition, so it fits the opposite of each. In SQL it would fit neither.
            return not_(func.coalesce(condition(part, names), false()))
        case Exists(name, at):
            return get_name(names, name, at).holds(lambda value: value.is_not(None))
        case Between(name, low, high, at):
            return between(get_name(names, name, at), low, high, at)
        case Matches("", pattern, at):
            return or_(false(), *anywhere(names, pattern, at))
        case Matches(name, pattern, at):
            return matches(get_name(names, name, at), pattern, at)


def get_name(names: Names, name: str, at: int) -> Name:
    """The expression of a wire name. Raises BadQuery."""
    if name not in names:
        refuse(at, f"{name[:60]!r} is no name that can be searched here; meta=only tells which are")
    return names[name]


def anywhere(names: Names, pattern: Pattern, at: int) -> list[Condition]:
    """The conditions that a name which is searched for words has this value; those are left out that never have."""
    found = []
    for name in names.values():
        if name.is_bare:
            try:
                found.append(matches(name, pattern, at))
            except BadQuery:
                continue
    return found


def matches(name: Name, pattern: Pattern, at: int) -> Condition:
    """The condition that a name has this value. Raises BadQuery."""
    if name.kind in (Kind.ID, Kind.TEXT, Kind.WORDS):
        return name.holds(lambda value: or_(*(like(value, name.kind, each) for each in readings(pattern))))
    text = plain(pattern)
    if text is None:
        refuse(at, f"a {name.kind} has no wildcards")
    first, last = bounds(name, text, at)
    if name.kind is Kind.MOMENT:
        return name.holds(lambda value: and_(value >= first, value < last))
    return name.holds(lambda value: value == first)


def like(value: Expression, kind: Kind, pattern: Pattern) -> Condition:
    """The condition that a text fits a pattern."""
    text = plain(pattern)
    if kind is Kind.ID and text is not None:  # our ids are in capitals, and their own index finds them
        return value.in_({text, text.upper()})
    if kind is Kind.TEXT and text is not None:
        return func.lower(value) == func.lower(text)
    mask = "".join(like_text(piece) for piece in pattern)
    if kind is Kind.WORDS:
        value, mask = literal(" ") + value + " ", f"% {mask} %"
    return func.lower(value).like(func.lower(mask), escape="\\")


def like_text(piece: str | Wild) -> str:
    """A piece of a pattern as LIKE writes it."""
    match piece:
        case Wild.ANY:
            return "%"
        case Wild.ONE:
            return "_"
    return piece.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def between(name: Name, low: str | None, high: str | None, at: int) -> Condition:
    """The condition that a name has a value in a range. Raises BadQuery."""
    if name.kind is Kind.FLAG:
        refuse(at, "a flag has no range")
    tests: list[Callable[[Expression], Condition]] = [lambda value: value.is_not(None)]
    if low is not None:
        first, _ = bounds(name, low, at)
        tests.append(lambda value: comparable(value, name.kind) >= first)
    if high is not None:
        start, end = bounds(name, high, at)
        is_moment = name.kind is Kind.MOMENT
        tests.append(lambda value: value < end if is_moment else comparable(value, name.kind) <= start)
    return name.holds(lambda value: and_(*(test(value) for test in tests)))


def comparable(value: Expression, kind: Kind) -> Expression:
    """A value as ranges compare it."""
    return func.lower(value) if kind in (Kind.ID, Kind.TEXT, Kind.WORDS) else value


def bounds(name: Name, text: str, at: int) -> tuple[Any, Any]:
    """The value from which a text counts, and, of a moment, until before which. Raises BadQuery."""
    text = unescaped_text(text)
    try:
        match name.kind:
            case Kind.NUMBER:
                # Without its type's size the number would be cast to that of the column.
                return literal(number(text) - name.plus, BigInteger), None
            case Kind.FLAG:
                return flag(text), None
            case Kind.MOMENT:
                return span(text)
    except ValueError as error:
        refuse(at, str(error))
    return func.lower(text), None


def require_affordable(tree: Tree, names: Names) -> None:
    """Raises TooExtensive for what would keep the database busy for everybody else."""
    if (asked := cost(tree, names)) > MOST_COST:
        raise TooExtensive(
            f"q costs {asked} points, at most {MOST_COST} are possible: use fewer terms, and name them"
        )


def cost(tree: Tree, names: Names) -> int:
    """The cost of a query for each row, roughly: 1 is a comparison."""
    match tree:
        case And(parts) | Or(parts):
            return sum(cost(part, names) for part in parts)
        case Not(part):
            return cost(part, names)
        case Matches(name, pattern):
            meant = [each for word, each in names.items() if (word == name if name else each.is_bare)]
            return len(readings(pattern)) * sum(price(each, plain(pattern) is None) for each in meant)
        case Between(name):
            return 2 * price(names[name], False) if name in names else 0
        case Exists(name):
            return price(names[name], False) if name in names else 0


def price(name: Name, is_wild: bool) -> int:
    """The cost of comparing with one name: a part of a text costs most, and so does looking into other rows."""
    is_text = name.kind in (Kind.TEXT, Kind.WORDS)
    one = 4 if name.kind is Kind.WORDS or (is_wild and name.kind in (Kind.ID, Kind.TEXT)) else 2 if is_text else 1
    return one + (4 if name.through else 0)


@dataclass(frozen=True)
class Key:
    """An expression that a list is ordered by; rows without a value come last."""

    expression: Expression
    is_ascending: bool

    def clause(self, is_few: bool) -> Expression:
        """The order in SQL.

        is_few: the rows are to be found first and sorted then. A database would rather walk along an index of the
        order, hoping to meet them soon; so what it sorts by is no column.
        """
        value = self.expression + 0 if is_few and isinstance(self.expression.type, Integer) else self.expression
        ordered = value.asc() if self.is_ascending else value.desc()
        return ordered.nulls_last() if self.is_nullable else ordered

    @property
    def is_nullable(self) -> bool:
        """True unless every row has a value."""
        return bool(getattr(self.expression, "nullable", True))

    def same(self, value: Any) -> Condition:
        """The condition that a row stands beside this value."""
        return self.expression.is_(None) if value is None else self.expression == literal(value, self.expression.type)

    def behind(self, value: Any) -> Condition:
        """The condition that a row comes after this value."""
        if value is None:
            return false()
        here = literal(value, self.expression.type)
        further = self.expression > here if self.is_ascending else self.expression < here
        return or_(further, self.expression.is_(None)) if self.is_nullable else further


def few(
    rows: Shelf[Any], where: Sequence[Condition], order: Sequence[Key], limit: int, offset: int
) -> tuple[int, list[int]] | None:
    """How many matches there are, and the numbers of the rows of a page, by one look at each match.

    None where there are more than FEW matches, or where a page behind the first shows none.
    """
    seq, expressions = rows.table.c.seq, [key.expression.label(f"key_{place}") for place, key in enumerate(order)]
    found = select(seq, *expressions).where(*where).limit(FEW + 1).subquery().c
    clauses = [Key(found[f"key_{place}"], key.is_ascending).clause(is_few=False) for place, key in enumerate(order)]
    query = select(func.count().over(), found.seq).order_by(*clauses, found.seq)
    lines = rows.connection.execute(query.limit(limit).offset(offset)).all()
    if not lines:
        return (0, []) if limit and not offset else None
    count = lines[0][0]
    return None if count > FEW else (count, [number for _, number in lines])


def keys(sort: Sequence[tuple[str, bool]], names: Names, newest: Expression) -> list[Key]:
    """The order of a list: as asked for, then the newest first. Raises BadQuery."""
    found = []
    for name, is_ascending in sort:
        if name not in names:
            raise BadQuery(f"sort: {name[:60]!r} is not one of {', '.join(sorted(names))}")
        found.append(Key(names[name].ordered_by, is_ascending))
    return [*found, Key(newest, False)]


def place(rows: Shelf[Any], order: Sequence[Key], seq: int) -> list[Any]:
    """The place of a row in an order: its values, which JSON can hold."""
    query = select(*(key.expression for key in order)).where(rows.table.c.seq == seq)
    values = rows.connection.execute(query).one()
    return [value.isoformat() if isinstance(value, datetime) else value for value in values]


def behind(order: Sequence[Key], values: Sequence[Any]) -> Condition:
    """The condition that a row comes after a place; without one, any row does."""
    if not values:
        return true()
    found: Condition = false()
    for key, value in reversed(list(zip(order, values, strict=True))):
        if isinstance(key.expression.type, Moment) and value is not None:
            value = datetime.fromisoformat(value)
        found = or_(key.behind(value), and_(key.same(value), found))
    return found
