"""What the API offers and answers is what is known of it; each deviation is written down with its reason."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import httpx
import pytest

from pfennig.api import description
from pfennig.api.reference import REF, Json, Reference, plain
from pfennig.domain.methods import METHODS
from pfennig.operations.books import settlement
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.worlds import world
from pfennig.resources.resource import Action, Asked, Resource
from pfennig.storage.database import Database
from tests import journey
from tests.conftest import ON_BOTH, Api, currency
from tests.described import (
    ERROR,
    TOKENS,
    body,
    check,
    differences,
    fields,
    known,
    meant,
    models,
    news,
    operations,
    resolved,
    said,
)


@dataclass(frozen=True)
class Exchange:
    """A request that was answered, by the operation's name."""

    operation: str
    body: Any
    status: int
    answer: Any


@dataclass(frozen=True)
class Played:
    """What was said in a journey, and the models of the bodies that were read."""

    exchanges: list[Exchange]
    read: set[Any]


@pytest.fixture(scope="session")
def played() -> dict[str, Played]:
    """What was played already, by the kind of database."""
    return {}


@pytest.fixture
def journey_played(request: pytest.FixtureRequest, kind_of_database: str, played: dict[str, Played]) -> Played:
    """Everything that a shop does in its journey through the API."""
    if kind_of_database not in played:
        with pytest.MonkeyPatch.context() as monkeypatch:
            read = noting_bodies(monkeypatch)
            exchanges = play(*map(request.getfixturevalue, ("database", "http", "platform")))
        played[kind_of_database] = Played(exchanges, read)
    return played[kind_of_database]


@pytest.fixture
def exchanges(journey_played: Played) -> list[Exchange]:
    """What was said in it."""
    return journey_played.exchanges


def noting_bodies(monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Gets, from now on, the model of each body that is read."""
    read, wish = set[Any](), Asked.body_as

    def noted(asked: Asked, model: Any) -> Any:
        read.add(model)
        return wish(asked, model)

    monkeypatch.setattr(Asked, "body_as", noted)
    return read


def play(database: Database, http: httpx.Client, platform: Platform) -> list[Exchange]:
    """That journey; each answer is checked against the description on its way."""
    demo = world.read(world.DEMO)
    demo.merchants[0].contracts[0].fees = {"creditcard": world.NewFee(fixed=25)}
    demo.merchants[0].contracts[0].methods = [*METHODS]
    world.seed(database, demo, update=False)
    found: list[Exchange] = []
    http.event_hooks = {"response": [check, lambda response: found.extend(noted(response))]}
    clients = [merchant.contracts[0].clients[0] for merchant in demo.merchants[:2]]
    operator = Call(platform, None, "de", role="operator")
    shop, other = (Api(http, (client.id, client.secret)) for client in clients)
    journey.play(shop, other, lambda: settlement.run(operator))
    for money in {currency(method) for method in METHODS}:
        shop.buy(basket_info={"sum": 500, "currency": money})  # each method has its link
    return found


def noted(response: httpx.Response) -> Iterator[Exchange]:
    """What was said to the API and what it said."""
    request = response.request
    operation = meant(request.method, request.url.path)
    if request.url.path == TOKENS:
        yield Exchange(f"POST {TOKENS}", json.loads(request.content), response.status_code, response.json())
    if operation:
        is_json = "json" in response.headers.get("Content-Type", "")
        body = json.loads(request.content) if request.content else None
        answer = response.json() if is_json else response.text or None
        yield Exchange(description.name(*operation), body, response.status_code, answer)


def named() -> Iterator[tuple[str, Resource, Action]]:
    """Everything that is offered, each with its name."""
    return ((description.name(noun, action), noun, action) for noun, action in operations())


def test_every_operation_is_known_or_its_reason_to_be_is() -> None:
    offered = {name for name, _, _ in named()}
    unknown = {name for name in offered if plain(name) not in known().operations}
    assert unknown == set(known().deviations["operations"])
    assert set(known().deviations["answers"]) | set(known().deviations["refused"]) <= offered


def test_every_operation_was_done_with_the_body_that_is_shown(exchanges: list[Exchange]) -> None:
    refused = known().deviations["refused"]
    done = {each.operation for each in exchanges if each.status < 300}
    asked = {each.operation for each in exchanges}
    names = [name for name, _, _ in named()]
    assert [name for name in names if name not in (asked - done if name in refused else done)] == []
    sent = {(each.operation, json.dumps(each.body, sort_keys=True)) for each in exchanges if each.status < 300}
    shown = {name: json.dumps(known().example(name), sort_keys=True) for name in names if known().example(name)}
    assert {name for name in shown if (name, shown[name]) not in sent} == {
        "POST Payment/Transactions/{id}/getRefundBankAccount",  # who can know the number of a payment
        "POST Payment/Secupaypayout",  # or the id of an instrument
        "POST Services/Uploadidents",  # or the id of a file
    }


def test_where_something_must_be_said_the_description_shows_it() -> None:
    names = [name for name, _, _ in named()]
    assert [shown for shown in known().examples if not any(fnmatchcase(name, shown) for name in names)] == []
    needed = [name for name, _, action in named() if action.body and description.is_needed(action)]
    assert [name for name in needed if not known().example(name)] == []


def test_the_table_names_every_body_that_is_read(journey_played: Played) -> None:
    read = {str(model) for model in journey_played.read}
    assert read == {str(action.body) for _, action in operations() if action.body}


def answers(exchanges: list[Exchange], known: Reference) -> Iterator[str]:
    """Where answers are not what is known of them."""
    for each in exchanges:
        schema = {"$ref": REF + description.ERROR} if each.status >= 400 else known.answer(each.operation)[1]
        if schema:
            yield from differences(each.answer, schema, known.models, each.operation)


@ON_BOTH
def test_answers_are_as_known_but_for_the_deviations(exchanges: list[Exchange]) -> None:
    assert {*answers(exchanges, Reference().amend())} == set()


@pytest.mark.everything
def test_every_deviation_is_needed(exchanges: list[Exchange]) -> None:
    deviations = known().deviations["models"]
    needless = [place for place in deviations if not any(answers(exchanges, Reference().amend(but=place)))]
    assert needless == []


def test_what_is_shown_of_bodies_is_as_known_and_as_we_read_it() -> None:
    for name, noun, action in named():
        if (shown := known().example(name)) is None:
            continue
        assert {*differences(shown, known_body(name), known().models, name)} == set()
        if action.body:
            assert {*differences(shown, body(said(noun, action)["requestBody"]), models(), name)} == set()


def known_body(operation: str) -> Json:
    """The schema of what is known of a body; anything goes where nothing is."""
    request = known().operations.get(plain(operation), {}).get("requestBody")
    return body(request) if request else {}


def test_what_is_passed_over_of_bodies_is_written_down() -> None:
    unread = [field for part in known().deviations["unread"] for field in part["fields"]]
    found = {
        field
        for name, noun, action in named()
        if action.body
        for field in missing(body(said(noun, action)["requestBody"]), known_body(name), set())
    }
    assert sorted(found) == sorted(unread)


def missing(ours: Json, theirs: Json, seen: set[str]) -> Iterator[str]:
    """The fields of theirs, at any depth, that ours does not have."""
    read = {name: schema for name, _, schema in leaves(ours, models())}
    for name, owner, schema in leaves(theirs, known().models) if read else ():
        if name not in read:
            yield f"{owner}.{name}"
        elif f"{owner}.{name}" not in seen:
            seen.add(f"{owner}.{name}")
            yield from missing(read[name], schema, seen)


def leaves(schema: Json, models: Json, at: str = "") -> Iterator[tuple[str, str, Json]]:
    """The fields of an object, of each object that it may be, or of those in a list: name, model and schema."""
    at, schema = resolved(schema, models, at)
    for each in schema.get("anyOf", [schema["items"]] if "items" in schema else []):
        yield from leaves(each, models, at)
    for name, (owner, field) in fields(schema, models, at).items():
        yield name, owner, field


def test_every_deviation_has_a_reason() -> None:
    parts = known().deviations
    reasons = [*parts["refused"].values(), *(part["why"] for part in parts["unread"])]
    reasons += [each["why"] for part in ("operations", "answers", "models") for each in parts[part].values()]
    assert all(reason.endswith(".") for reason in reasons)


def test_of_answers_of_one_shape_one_is_checked_and_any_other_again() -> None:
    good = {"status": "error", "error": "ProductFormatException", "code": 3005}
    for told in (good, good | {"code": 7}, good):
        assert news(told, ERROR, "error") == []
    for strange, at in (({"code": "3005"}, "code"), ({"code": True}, "code"), ({"nothing": 1}, "nothing")):
        for _ in range(2):
            assert [each.rpartition(".")[2] for each in news(good | strange, ERROR, "error")] == [at]
