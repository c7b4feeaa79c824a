"""A resource is a table of functions: what the API does with one noun. What is not written is not offered.

Every address is /Product/Noun[/id|me[/action[/argument]]]. The same tables are read by the API door, by the docs and
by the tests.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, get_origin

import msgspec
from msgspec import Struct

from pfennig.errors import Malformed
from pfennig.once import Once
from pfennig.operations.core.call import Call
from pfennig.resources.clarity import require_clear
from pfennig.resources.empties import without_empties
from pfennig.resources.nulls import said_of
from pfennig.resources.query import Query
from pfennig.resources.rows import Rows

Json = Any
S = TypeVar("S")
Model = type[Struct] | type[list[Any]]
"""The model that a body is read as: one object, or a list of them."""


class BadBody(Malformed):
    """What was sent is incomplete or not valid."""

    code = 3001


@dataclass(frozen=True)
class Asked:
    """One request to a noun: the object, the words behind the action, the body, and the list parameters.

    nouns: what references may lead to, by the word in their field `object`.
    """

    id: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    query: Query = field(default_factory=Query)
    nouns: Mapping[str, Rows] = field(default_factory=dict)

    def body_as(self, model: type[S]) -> S:
        """The body as a model; no body is an empty one. Numbers may be sent as text. Raises BadBody."""
        said = without_empties({} if self.body is None else self.body, model)
        try:
            return msgspec.convert(said, model)
        except msgspec.ValidationError:
            return from_texts(said, model)


def from_texts(said: Json, model: type[S]) -> S:
    """A body as a model, where numbers may be written as text. Raises BadBody."""
    try:
        request = msgspec.convert(said, model, strict=False)
    except msgspec.ValidationError as error:
        raise BadBody(str(error)) from None
    require_taken_as_meant(said, msgspec.to_builtins(request), "$")
    return request


def require_taken_as_meant(sent: Json, taken: Json, path: str) -> None:
    """Raises BadBody where 500.0, "500.0" or "5e2" was taken for a whole number, or the text "null" for nothing."""
    if isinstance(sent, dict) and isinstance(taken, dict):
        for name in sent.keys() & taken.keys():
            require_taken_as_meant(sent[name], taken[name], f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(taken, list):
        for place, (one, other) in enumerate(zip(sent, taken, strict=True)):
            require_taken_as_meant(one, other, f"{path}[{place}]")
    elif taken is None and sent is not None:
        raise BadBody(f"Expected a value or null, got {str(sent)[:20]!r} - at `{path}`")
    elif type(taken) is int and not re.fullmatch(r"-?[0-9]+", str(sent)):
        raise BadBody(f"Expected a whole number - at `{path}`")


Handler = Callable[[Call, Asked], Json]


class FileBody(Struct):
    """A body that brings a file: it may be larger than others, and it may come as a form."""


@dataclass(frozen=True)
class File:
    """An answer that is a file rather than JSON."""

    name: str
    type: str
    content: bytes


Again = Callable[[Call, Asked, Sequence[str]], Json]


@dataclass(frozen=True)
class Action:
    """One verb at one address below an object, such as POST prepare/{method}. `body` is the model it reads.

    again: the answer where the work was done before, from the ids of what it made; by default the object.
    is_file: whether it answers a File.
    also_sent: for an operation that moves money what clients send besides what the model knows; None for others.
    """

    verb: str
    path: str
    run: Handler
    body: Model | None = None
    again: Again | None = None
    is_file: bool = False
    also_sent: frozenset[str] | None = None

    @property
    def moves_money(self) -> bool:
        """True where what is sent must be clear."""
        return self.also_sent is not None

    def clear(self, asked: Asked) -> Asked:
        """The request as its operation takes it: where money moves, nulls were judged before they are left out.

        Raises Unclear where something that was sent is not understood.
        """
        if self.also_sent is None:
            return asked
        require_clear(asked.body, asked.query.parameters, self.body, self.also_sent)
        return replace(asked, body=said_of(asked.body))

    @property
    def takes_file(self) -> bool:
        """True where the body brings a file."""
        return isinstance(self.body, type) and issubclass(self.body, FileBody)

    @property
    def takes_list(self) -> bool:
        """True where the body is a list of objects."""
        return get_origin(self.body) is list

    @property
    def answer(self) -> str:
        """The answer in words: the docstring of the action's function, behind the colon."""
        said = " ".join((self.run.__doc__ or "").split("\n\n")[0].split()).partition(": ")[2]
        return said.rstrip(".") or ANSWERS.get((self.verb, self.path), "the object afterwards")

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """The words that stand for the {names} of the path; None if the segments are another address."""
        parts = self.path.split("/")
        if len(parts) != len(segments):
            return None
        words = {}
        for part, segment in zip(parts, segments, strict=True):
            if part.startswith("{"):
                words[part.strip("{}")] = segment
            elif part.lower() != segment.lower():
                return None
        return words


def Get(path: str, run: Handler) -> Action:
    """An action that reads."""
    return Action("GET", path, run)


def Post(path: str, run: Handler, body: Model | None = None, again: Again | None = None) -> Action:
    """An action that does something."""
    return Action("POST", path, run, body, again)


def Put(path: str, run: Handler, body: Model | None = None) -> Action:
    """An action that sets something."""
    return Action("PUT", path, run, body)


def Delete(path: str, run: Handler) -> Action:
    """An action that takes something away."""
    return Action("DELETE", path, run)


def moving(action: Action, *also: str) -> Action:
    """An action that moves money, or lets it go. also: what clients send besides what its model knows."""
    return replace(action, also_sent=frozenset(also))


ANSWERS = {
    ("GET", ""): "what the caller may see",
    ("POST", ""): "the new object",
    ("GET", "{id}"): "the object",
    ("PUT", "{id}"): "the object with what was changed",
    ("PATCH", "{id}"): "the object with what was changed",
    ("DELETE", "{id}"): "a list with what was deleted",
}
"""Answers of a noun's plain verbs."""

Offers = dict[str, tuple[Action, Mapping[str, str]]]
"""The offers at an address: by verb, the action and the words in the address."""


@dataclass(frozen=True)
class Resource:
    """One noun. `name` is its address, `rows` what its list shows.

    body: the model that `create`, `update` and `patch` read. is_public: whether it may be asked without a token.
    moving: the plain verbs that move money, each with what clients send besides what the model knows.
    """

    name: str
    prefix: str
    body: Model | None = None
    rows: Rows | None = None
    list: Handler | None = None
    get: Handler | None = None
    create: Handler | None = None
    update: Handler | None = None
    patch: Handler | None = None
    delete: Handler | None = None
    is_public: bool = False
    actions: tuple[Action, ...] = ()
    moving: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The address below /api/v2, such as Smart/Transactions."""
        return self.name.replace(".", "/")

    @property
    def object(self) -> str:
        """The word in the field `object`, such as smart.transactions."""
        return self.name.lower()

    @property
    def operations(self) -> tuple[Action, ...]:
        """All operations that are offered, each with its whole path behind the noun: "", {id}, {id}/cancel."""
        plain = (
            ("GET", "", self.list, None),
            ("POST", "", self.create, self.body),
            ("GET", "{id}", self.get, None),
            ("PUT", "{id}", self.update, self.body),
            ("PATCH", "{id}", self.patch, self.body),
            ("DELETE", "{id}", self.delete, None),
        )
        return (
            *(self.plain(verb, path, run, body) for verb, path, run, body in plain if run),
            *(replace(action, path=f"{{id}}/{action.path}") for action in self.actions),
        )

    def plain(self, verb: str, path: str, run: Handler, body: Model | None) -> Action:
        """A plain verb as an action."""
        return Action(verb, path, run, body, also_sent=self.moving.get(verb))

    def again(self, call: Call, asked: Asked, made: Sequence[str]) -> Json:
        """The object that a request made, or was about, as it is now."""
        new = next((id for id in made if id.startswith(f"{self.prefix}_")), "")
        return self.get(call, replace(asked, id=asked.id or new)) if self.get else None

    def offers(self, segments: tuple[str, ...]) -> Offers:
        """The offers at the address behind the noun; empty for an unknown address."""
        if len(segments) <= 1:
            return self.of_one if segments else self.of_all
        found: Offers = {}
        for action in self.actions:
            words = action.match(segments[1:])
            if words is not None:
                found[action.verb] = (action, words)
        return found

    @Once
    def of_all(self) -> Offers:
        """The offers of the noun itself."""
        return self.offers_of({"GET": self.list, "POST": self.create})

    @Once
    def of_one(self) -> Offers:
        """The offers of one object."""
        verbs = {"GET": self.get, "PUT": self.update, "PATCH": self.patch, "DELETE": self.delete}
        return self.offers_of(verbs)

    def offers_of(self, verbs: Mapping[str, Handler | None]) -> Offers:
        """The verbs that have a function."""
        return {verb: (self.plain(verb, "", run, self.body), {}) for verb, run in verbs.items() if run}
