"""Names tell what a function does: docs/words.md has the grammar and the words."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "pfennig"

VERBS = frozenset(
    re.findall(
        r"\w+",
        """
abandon add adopt allocate answer appoint archive ask assign attach begin book capture catch change claim
clone close complete confirm create cut decide delete deliver detach encrypt end erase expire extend find
follow forget hold increase issue keep leave let link lock log mark move note obtain open order plan play
post postpone prepare publish purge put queue record reduce refund register release remove replace request
require resend reset revoke rotate seal seed send set settle shift ship shrink start store suspend take
terminate update use vouch work write
""",
    )
)
"""Words that a function may begin with that adds, changes or removes rows."""

WRITES = frozenset({"add", "add_if_new", "add_later", "change", "remove"})
LOCKS = frozenset({"hold", "find_held", "with_for_update"})
A_SHELF = re.compile(r"\b(unit|view|other)\.\w+\Z|\bshelf(\(.*\))?\Z|getattr\(unit, ")

IRREGULAR = frozenset(
    re.findall(
        r"\w+",
        """
asked begun borne born bought bound broken brought built caught chosen done drawn driven eaten fallen fed
found forgotten frozen given gone grown heard held hidden hung kept known laid led left lent lost made meant
met paid proven seen sent shown sold spent spoken stolen stood sunk sworn taken taught thought thrown told
torn understood woken won worn written
""",
    )
)
"""Participles without -ed. Those that are imperatives as well, such as put, read, set and split, are fine."""

NO_PARTICIPLES = frozenset({"embed", "exceed", "feed", "need", "proceed", "seed", "speed", "succeed"})
NEED_A_NOUN = frozenset({"Account", "Answer", "Line", "Status", "Wish"})
BANNED = re.compile(
    r"\berrands?\b|\b(?:he|his|him|himself)\b|\bolder endpoints?\b|\bbearers\b|\bwish(?:es|ed)?\b", re.IGNORECASE
)
"""The payer is "they"; a gateway has requests; endpoints of v1 are legacy; ids that can be captured have a name."""

PRONOUN = re.compile(r"(?:It|Its|They|Them|Their|This one|These|Those|The same)\b")
"""A first line that begins so makes no sense in an editor, where the lines above it are not shown."""

Function = tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    """Every file of ours, parsed once, but for migrations, which stay what they were."""
    paths = sorted(path for path in SOURCE.rglob("*.py") if "versions" not in path.parts)
    return tuple((path.relative_to(SOURCE), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


@cache
def classes() -> tuple[tuple[Path, ast.ClassDef], ...]:
    """Every class, wherever it stands."""
    return tuple((path, each) for path, tree in trees() for each in ast.walk(tree) if isinstance(each, ast.ClassDef))


@cache
def functions() -> tuple[Function, ...]:
    """Every function of a module, and every method."""
    places: Iterable[tuple[Path, ast.Module | ast.ClassDef]] = chain(trees(), classes())
    return tuple(
        (path, each)
        for path, owner in places
        for each in owner.body
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@cache
def calls(function: ast.AST) -> tuple[tuple[ast.Call, ast.Attribute], ...]:
    """The calls of methods in a function, each with the method."""
    found = (call for call in ast.walk(function) if isinstance(call, ast.Call))
    return tuple((call, call.func) for call in found if isinstance(call.func, ast.Attribute))


def called(function: ast.AST, names: frozenset[str]) -> bool:
    """Whether a function calls a method with one of these names on a shelf."""
    found = (method for _, method in calls(function) if method.attr in names)
    return any(A_SHELF.search(ast.unparse(method.value)) is not None for method in found)


def changes_rows(function: ast.AST) -> bool:
    """Whether a function executes a statement that adds, changes or removes rows."""
    found = (call for call, method in calls(function) if method.attr == "execute" and call.args)
    return any(re.match(r"(insert|update|delete)\(", ast.unparse(call.args[0])) is not None for call in found)


def places(found: list[Function]) -> list[str]:
    """Where these functions are."""
    return [f"{path}:{function.lineno}: {function.name}" for path, function in found]


def is_participle(name: str) -> bool:
    """True for a name that is nothing but a participle: `moved`, `kept`."""
    word = name.strip("_")
    return word in IRREGULAR or (word.endswith("ed") and "_" not in word and word not in NO_PARTICIPLES)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("moved", True), ("kept", True), ("with_status", False), ("read", False), ("seed", False), ("is_held", False)],
)
def test_a_participle_is_told_from_other_words(name: str, is_one: bool) -> None:
    assert is_participle(name) is is_one


def test_no_name_is_a_bare_participle() -> None:
    assert places([each for each in functions() if is_participle(each[1].name)]) == []


def test_what_writes_rows_has_an_imperative_name() -> None:
    writing = [each for each in functions() if called(each[1], WRITES) or changes_rows(each[1])]
    assert len(writing) > 100
    assert places([each for each in writing if not begins_with_a_verb(each[1].name)]) == []


def begins_with_a_verb(name: str) -> bool:
    """True for an imperative, and for what a door is asked to do."""
    return name.lstrip("_").split("_")[0] in VERBS or name.startswith("on_")


def test_lock_locks() -> None:
    locking = re.compile(r"\b(?:hold|find_held|lock\w*|with_for_update|flock)\(|holds=True")
    named = [each for each in functions() if re.match(r"_?lock(_|\Z)", each[1].name)]
    assert places([each for each in named if not locking.search(ast.unparse(each[1]).split("\n", 1)[1])]) == []


def test_what_locks_and_does_not_write_says_so() -> None:
    locking = [each for each in functions() if called(each[1], LOCKS) and not called(each[1], WRITES)]
    assert places([each for each in locking if not begins_with_a_verb(each[1].name)]) == []


def test_require_refuses() -> None:
    refusing = re.compile(r"\braise\b|\brequire\w*\(|\bcheck\w*\(")
    named = [each for each in functions() if each[1].name.startswith("require")]
    assert places([each for each in named if not refusing.search(ast.unparse(each[1]).split("\n", 1)[1])]) == []


def test_a_class_says_whose_line_or_answer_it_is() -> None:
    assert [f"{path}: {each.name}" for path, each in classes() if each.name in NEED_A_NOUN] == []


def is_message(node: ast.AST) -> bool:
    """True for a refusal, whose docstring people read beside what they did."""
    body = node.body if isinstance(node, ast.ClassDef) else []
    return any(isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "code" for each in body)


def test_a_docstring_begins_with_what_it_is_about() -> None:
    documented = [each for each in chain(functions(), classes()) if not is_message(each[1])]
    found = [
        f"{path}:{node.lineno}: {text.splitlines()[0]}"
        for path, node in documented
        if (text := ast.get_docstring(node)) and PRONOUN.match(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "says_nothing"),
    [
        ("It, read once.", True),
        ("They are sent.", True),
        ("The same for a payout.", True),
        ("Its address.", True),
        ("Items of a basket.", False),
        ("The sameness of two carts.", False),
    ],
)
def test_a_pronoun_is_told_from_a_noun(line: str, says_nothing: bool) -> None:
    assert bool(PRONOUN.match(line)) is says_nothing


def test_words_that_the_field_does_not_know_are_not_used() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]
        if "versions" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (match := BANNED.search(line))
    ]
    assert found == []


FIELD = {
    "legacy": "operations",
    "webhook": "gateways/notices.py",
    "dispute": "domain/calendar.py",
    "chargeback": "domain",
    "tenant": "push/seats.py",
    "retry": "push",
    "backoff": "storage",
    "reconciliation": "operations",
}
"""Words of the field, and a place that who looks for them has to find."""


@pytest.mark.parametrize(("word", "place"), FIELD.items())
def test_who_comes_from_the_field_finds_its_words(word: str, place: str) -> None:
    where = SOURCE / place
    files = [where] if where.is_file() else list(where.rglob("*.py"))
    assert any(re.search(rf"\b{word}", path.read_text(encoding="utf-8"), re.IGNORECASE) for path in files), word
    assert word in (ROOT / "docs" / "words.md").read_text(encoding="utf-8").lower()
