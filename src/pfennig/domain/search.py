"""The query language of lists, read into a small tree. Source: docs/wire/3-conventions.md#33-query-language."""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import NoReturn

from pfennig.errors import Malformed

LONGEST = 2000
"""The most characters of a query; an address must not be much longer."""

MOST_TERMS = 100
"""The most terms of a query: each is a condition that the database has to plan."""

DEEPEST = 20
"""The most brackets and negations around each other."""

NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*", re.ASCII)
WORD = re.compile(r'(?:\\.|[^\s()\[\]"\\])+', re.DOTALL)
PHRASE = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
BOUND = rf'({PHRASE.pattern}|[^\s"\]]+)'
RANGE = re.compile(rf"\[\s*{BOUND}\s+TO\s+{BOUND}\s*\]", re.DOTALL)
KEYWORD = re.compile(r"(AND|OR|NOT)(?![^\s()!])")
EXISTS = "_exists_"


class BadQuery(Malformed):
    """The query is not valid."""

    code = 3005


class Wild(Enum):
    """A wildcard: any number of characters, or one."""

    ANY = "*"
    ONE = "?"


Pattern = tuple[str | Wild, ...]
"""A value as its pieces; one that is only text is a single piece."""


def plain(pattern: Pattern) -> str | None:
    """The text of a value in which nothing is wild, else None."""
    return pattern[0] if len(pattern) == 1 and isinstance(pattern[0], str) else None


@dataclass(frozen=True)
class Matches:
    """A name has this value; without a name, any of those that are searched for words. at: where the term begins."""

    name: str
    pattern: Pattern
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Between:
    """A name has a value from low to high, both included; None is no bound."""

    name: str
    low: str | None
    high: str | None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Exists:
    """A name has any value."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    """The opposite of a query."""

    part: "Tree"


@dataclass(frozen=True)
class And:
    """A query that all of its parts fit; with no part, everything fits."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True)
class Or:
    """A query that any of its parts fits."""

    parts: tuple["Tree", ...]


Tree = Matches | Between | Exists | Not | And | Or
EVERYTHING = And(())


class TooExtensive(BadQuery):
    """This search is too extensive. Please ask for less at once."""

    code = 3183


def parse(text: str) -> Tree:
    """The tree of a query; nothing, or a lone `*`, is everything. Raises BadQuery, which names the character."""
    reader = Reader(text)
    if len(text) > LONGEST:
        reader.refuse(f"there are more than {LONGEST} characters", LONGEST)
    reader.skip()
    tree = EVERYTHING if reader.is_over else reader.either(0)
    if not reader.is_over:
        reader.refuse("there is no bracket that this one closes")
    return tree


def refuse(at: int, what: str) -> NoReturn:
    """Raises BadQuery; people count from 1."""
    raise BadQuery(f"q, character {at + 1}: {what}")


@dataclass
class Reader:
    """A reader's position in the text, and how many terms there were."""

    text: str
    at: int = 0
    terms: int = 0

    @property
    def is_over(self) -> bool:
        """True at the end."""
        return self.at == len(self.text)

    @property
    def next(self) -> str:
        """The next character, empty at the end."""
        return self.text[self.at : self.at + 1]

    def refuse(self, what: str, at: int | None = None) -> NoReturn:
        """Raises BadQuery about the present character, or another."""
        refuse(self.at if at is None else at, what)

    def skip(self) -> None:
        """Skips blanks."""
        while self.next.isspace():
            self.at += 1

    def took(self, *words: str) -> bool:
        """Whether one of these words or characters came next; if so, it is behind us."""
        match = KEYWORD.match(self.text, self.at)
        found = match[1] if match else self.next
        if found not in words:
            return False
        self.at += len(found)
        self.skip()
        return True

    def either(self, depth: int) -> Tree:
        """Reads parts joined by OR."""
        parts = [self.both(depth)]
        while self.took("OR"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, depth: int) -> Tree:
        """Reads parts joined by AND, or side by side, which means the same; up to OR, a closing bracket or an end."""
        parts = [self.one(depth)]
        while self.took("AND") or not (self.is_over or self.next == ")" or self.comes("OR")):
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def comes(self, keyword: str) -> bool:
        """Whether this keyword is next."""
        match = KEYWORD.match(self.text, self.at)
        return match is not None and match[1] == keyword

    def one(self, depth: int) -> Tree:
        """A term, what stands in brackets, or the opposite of either."""
        start = self.at
        if depth > DEEPEST:
            self.refuse(f"brackets and NOT go deeper than {DEEPEST}")
        if self.took("NOT", "!"):
            return Not(self.one(depth + 1))
        if self.took("("):
            tree = self.either(depth + 1)
            if not self.took(")"):
                self.refuse("the bracket is never closed", start)
            return tree
        tree = self.term()
        self.skip()
        return tree

    def term(self) -> Tree:
        """A name with its condition, or a value without a name."""
        start, self.terms = self.at, self.terms + 1
        if self.terms > MOST_TERMS:
            self.refuse(f"there are more than {MOST_TERMS} terms")
        if self.is_over or self.next == ")" or KEYWORD.match(self.text, self.at):
            self.refuse("a term was expected")
        name = self.name()
        if name == EXISTS:
            return Exists(self.exists_name(), start)
        if name and self.next == "[":
            return self.range(name, start)
        pattern = self.pattern()
        if pattern == (Wild.ANY,):
            return Exists(name, start) if name else EVERYTHING
        return Matches(name, pattern, start)

    def name(self) -> str:
        """The name of a term with its colon, empty if it has none."""
        match = NAME.match(self.text, self.at)
        if match is None or self.text[match.end() : match.end() + 1] != ":":
            return ""
        self.at = match.end() + 1
        return match[0]

    def exists_name(self) -> str:
        """The name behind _exists_."""
        match = NAME.match(self.text, self.at)
        if match is None:
            self.refuse("a name was expected")
        self.at = match.end()
        return match[0]

    def range(self, name: str, start: int) -> Between:
        """A range from one bound to another."""
        match = RANGE.match(self.text, self.at)
        if match is None:
            self.refuse("a range is written [low TO high]")
        self.at = match.end()
        low, high = (None if bound == "*" else literal(bound) for bound in match.groups())
        return Between(name, low, high, start)

    def pattern(self) -> Pattern:
        """A value: a word, in which * and ? are wild, or a phrase in quotation marks, in which nothing is."""
        match = (PHRASE if self.next == '"' else WORD).match(self.text, self.at)
        if match is None:
            self.refuse("the quotation mark is never closed" if self.next == '"' else "a value was expected")
        self.at = match.end()
        return (literal(match[0]),) if match[0].startswith('"') else pieces(match[0])


def literal(text: str) -> str:
    """The text of a phrase, or of a bound."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if text.startswith('"') else text


def pieces(word: str) -> Pattern:
    """A word as text and wild pieces; a backslash makes the next character mean itself."""
    found: list[str | Wild] = []
    for escaped, wild, usual in re.findall(r"\\(.)|([*?])|([^\\])", word, re.DOTALL):
        last = found[-1] if found else None
        if wild:
            found.append(Wild(wild))
        elif isinstance(last, str):
            found[-1] = last + escaped + usual
        else:
            found.append(escaped + usual)
    return tuple(found)
