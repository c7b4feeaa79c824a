"""The query language: what is read, what is refused and where, and that nothing else ever happens."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pfennig.domain import search_values
from pfennig.domain.search import (
    DEEPEST,
    EVERYTHING,
    LONGEST,
    MOST_TERMS,
    And,
    BadQuery,
    Between,
    Exists,
    Matches,
    Not,
    Or,
    Tree,
    Wild,
    parse,
    plain,
)

ANY, ONE = Wild.ANY, Wild.ONE
A, B, C = (Matches("", (letter,)) for letter in "abc")

READ: list[tuple[str, Tree]] = [
    ("", EVERYTHING),
    ("  ", EVERYTHING),
    ("*", EVERYTHING),
    ("a", A),
    ("a" * LONGEST, Matches("", ("a" * LONGEST,))),
    ("a b", And((A, B))),
    ("a AND b", And((A, B))),
    ("a b AND c", And((A, B, C))),
    ("a OR b", Or((A, B))),
    ("a OR b c", Or((A, And((B, C))))),
    ("a AND b OR c", Or((And((A, B)), C))),
    ("(a OR b) c", And((Or((A, B)), C))),
    ("( ( a ) )", A),
    ("NOT a", Not(A)),
    ("!a", Not(A)),
    ("! ( a )", Not(A)),
    ("NOT NOT a", Not(Not(A))),
    ("a NOT b", And((A, Not(B)))),
    ("NOT(a)OR(b)", Or((Not(A), B))),
    ("and or not", And((Matches("", ("and",)), Matches("", ("or",)), Matches("", ("not",))))),
    ("ANDy ORder", And((Matches("", ("ANDy",)), Matches("", ("ORder",))))),
    ("status:ok", Matches("status", ("ok",))),
    ("customer.contact.surname:Meier", Matches("customer.contact.surname", ("Meier",))),
    ("status:NOT", Matches("status", ("NOT",))),
    ("url:https://example.net/?a", Matches("url", ("https://example.net/", ONE, "a"))),
    ("10:30", Matches("", ("10:30",))),
    ('name:"Max Mustermann"', Matches("name", ("Max Mustermann",))),
    (r'name:"a \"b\" \\ * [TO]"', Matches("name", (r'a "b" \ * [TO]',))),
    ('name:""', Matches("name", ("",))),
    ("name:Mei*r?", Matches("name", ("Mei", ANY, "r", ONE))),
    ("name:**", Matches("name", (ANY, ANY))),
    (r"name:a\*\ b", Matches("name", ("a* b",))),
    (r"\!a\:b", Matches("", ("!a:b",))),
    ("a!b", Matches("", ("a!b",))),
    ("name:*", Exists("name")),
    ("_exists_:a.b", Exists("a.b")),
    ("!(_exists_:routing)", Not(Exists("routing"))),
    ("sum:[30 TO 40]", Between("sum", "30", "40")),
    ("sum:[ * TO 40 ]", Between("sum", None, "40")),
    ('at:[2026-01-31T09:30:00+01:00 TO "*"]', Between("at", "2026-01-31T09:30:00+01:00", "*")),
    (
        "(NOT customer.name:meier*) AND (customer.age:[30 TO 40] OR customer.age:[50 TO 60])",
        And(
            (
                Not(Matches("customer.name", ("meier", ANY))),
                Or((Between("customer.age", "30", "40"), Between("customer.age", "50", "60"))),
            )
        ),
    ),
    ("vendor:ingenico AND !(_exists_:routing)", And((Matches("vendor", ("ingenico",)), Not(Exists("routing"))))),
]
"""Queries, and their trees."""

REFUSED: list[tuple[str, int, str]] = [
    ("status:", 8, "a value was expected"),
    ("status: ok", 8, "a value was expected"),
    ("a AND", 6, "a term was expected"),
    ("a AND AND b", 7, "a term was expected"),
    ("OR a", 1, "a term was expected"),
    ("NOT", 4, "a term was expected"),
    ("()", 2, "a term was expected"),
    ("a (b OR c", 3, "the bracket is never closed"),
    ("a) b", 2, "there is no bracket that this one closes"),
    ('a name:"b', 8, "the quotation mark is never closed"),
    ("a]", 2, "a value was expected"),
    ("[1 TO 2]", 1, "a value was expected"),
    ("a \\", 3, "a value was expected"),
    ("sum:[1 to 2]", 5, "a range is written [low TO high]"),
    ("sum:[1 TO]", 5, "a range is written [low TO high]"),
    ("_exists_:", 10, "a name was expected"),
    ("a" * (LONGEST + 1), LONGEST + 1, f"there are more than {LONGEST} characters"),
    ("a " * (MOST_TERMS + 1), 2 * MOST_TERMS + 1, f"there are more than {MOST_TERMS} terms"),
    ("(" * (DEEPEST + 1) + "a", DEEPEST + 2, f"brackets and NOT go deeper than {DEEPEST}"),
    ("!" * (DEEPEST + 1) + "a", DEEPEST + 2, f"brackets and NOT go deeper than {DEEPEST}"),
]
"""Queries, and which character is refused for what."""


@pytest.mark.parametrize(("text", "tree"), READ, ids=lambda value: str(value)[:30])
def test_a_query_is_read_as_a_tree(text: str, tree: Tree) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(("text", "character", "why"), REFUSED, ids=lambda value: str(value)[:30])
def test_a_query_that_cannot_be_read_is_refused_where_it_goes_wrong(text: str, character: int, why: str) -> None:
    with pytest.raises(BadQuery, match=re.escape(f"q, character {character}: {why}")):
        parse(text)


def test_a_term_knows_where_it_begins() -> None:
    tree = parse("(a OR  b:[1 TO 2]) _exists_:c")
    assert isinstance(tree, And)
    either, exists = tree.parts
    assert isinstance(either, Or)
    assert [part.at for part in (*either.parts, exists) if not isinstance(part, And | Or | Not)] == [1, 7, 19]


def written(tree: Tree) -> str:
    """The query of a tree."""
    match tree:
        case And(()):
            return "*"
        case And(parts) | Or(parts):
            word = " AND " if isinstance(tree, And) else " OR "
            return word.join(bracketed(part) for part in parts)
        case Not(part):
            return f"NOT {bracketed(part)}"
        case Exists(name):
            return f"_exists_:{name}"
        case Between(name, low, high):
            return f"{name}:[{'*' if low is None else quoted(low)} TO {'*' if high is None else quoted(high)}]"
        case Matches(name, pattern):
            text = plain(pattern)
            value = "".join(map(escaped, pattern)) if text is None else quoted(text)
            return f"{name}:{value}" if name else value


def bracketed(tree: Tree) -> str:
    """The query of a part."""
    return f"({written(tree)})" if isinstance(tree, And | Or) and tree.parts else written(tree)


def quoted(text: str) -> str:
    """A text in which nothing is wild."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escaped(piece: str | Wild) -> str:
    """A piece of a pattern."""
    return piece.value if isinstance(piece, Wild) else re.sub(r"(\W)", r"\\\1", piece)


words = st.sampled_from(
    ["a", "Max", "AND", "OR", "NOT", "TO", "_exists_:", "a.b:", "a:[", "[1 TO 2]", "\n", *'!()[]"*?:\\ ß%_']
)
queries = st.lists(words, max_size=30).map("".join) | st.text(max_size=60)


@given(queries)
@example("a\\")
def test_whatever_is_sent_is_a_tree_or_a_refusal_with_its_place(text: str) -> None:
    try:
        tree = parse(text)
    except BadQuery as refusal:
        match = re.fullmatch(r"q, character (\d+): .+", refusal.details)
        assert match and 1 <= int(match[1]) <= len(text) + 1  # noqa: PT018
    else:
        assert parse(written(tree)) == tree


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [
        ("20260204", "2026-02-03T23:00:00+00:00", timedelta(days=1)),
        ("2026-W06-3", "2026-02-03T23:00:00+00:00", timedelta(days=1)),
        ("2026-02-04T10", "2026-02-04T09:00:00+00:00", timedelta(hours=1)),
        ("2026-02-04T10:30", "2026-02-04T09:30:00+00:00", timedelta(minutes=1)),
        ("2026-02-04 10:30", "2026-02-04T09:30:00+00:00", timedelta(minutes=1)),
        ("20260204T1030", "2026-02-04T09:30:00+00:00", timedelta(minutes=1)),
        ("2026-02-04T10:30Z", "2026-02-04T10:30:00+00:00", timedelta(minutes=1)),
        ("2026-02-04T10:30-01:00", "2026-02-04T11:30:00+00:00", timedelta(minutes=1)),
        ("2026-02-04T10:30:00.25+01:00", "2026-02-04T09:30:00+00:00", timedelta(seconds=1)),
    ],
)
def test_a_moment_is_as_long_as_what_is_said_of_it(text: str, start: str, length: timedelta) -> None:
    begun = datetime.fromisoformat(start)
    assert search_values.span(text) == (begun, begun + length)


@pytest.mark.parametrize("text", ["2026", "2026-02", "2026-02-30", "20260230", "T10", "2026-02-04T", "now", ""])
def test_what_is_no_day_is_refused_and_not_taken_for_another(text: str) -> None:
    with pytest.raises(ValueError, match="a day or a moment"):
        search_values.span(text)


def test_a_day_is_all_of_it_in_germany_and_a_moment_is_a_second() -> None:
    day = search_values.span("2026-03-29")
    assert day == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    second = datetime(2026, 2, 4, 9, 30, 5, tzinfo=UTC)
    for text in ("2026-02-04T09:30:05Z", "2026-02-04T10:30:05", "2026-02-04T11:30:05.7+02:00"):
        assert search_values.span(text) == (second, second + timedelta(seconds=1))


@given(st.text(max_size=12) | st.sampled_from(["9999-12-31", "0001-01-01", "0001-01-01T00:00:00+14:00", "٣", "-0"]))
def test_values_are_read_or_refused(text: str) -> None:
    said = []
    for read in (search_values.number, search_values.flag, search_values.span):
        try:
            read(text)
        except ValueError as error:
            said.append(str(error))
    assert all("expected" in text for text in said)
