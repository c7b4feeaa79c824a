"""Whether what the API answers is what /openapi.json says of it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx

from pfennig.api import description
from pfennig.api.reference import BASE, REF, Json, Reference
from pfennig.resources import RESOURCES
from pfennig.resources.resource import Action, Resource

TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
Operation = tuple[Resource, Action]
Shape = object
TOKENS = "/oauth/token"
ERROR: Json = {"$ref": f"{REF}{description.ERROR}"}
DESCRIBED: set[tuple[int, Shape]] = set()
"""Schemas, and shapes of values in which there was no difference. The schemas are there to the end."""


@cache
def described() -> Json:
    """The description of a server."""
    return description.describe("https://pay.example.test")


@cache
def known() -> Reference:
    """What is known of the API, without our deviations."""
    return Reference()


def models() -> Json:
    """The models that it refers to, by name."""
    found: Json = described()["components"]["schemas"]
    return found


def operations() -> list[Operation]:
    """Everything that is offered."""
    return [(noun, action) for noun in RESOURCES for action in noun.operations]


def meant(verb: str, path: str) -> Operation | None:
    """The operation at an address, None if there is none."""
    parts = tuple(part for part in path.removeprefix(BASE).split("/") if part)
    for noun, action in below("/".join(parts[:2]).lower()):
        if action.verb == verb and (action.match(parts[2:]) is not None if action.path else len(parts) == 2):
            return noun, action
    return None


@cache
def below(path: str) -> list[Operation]:
    """What is offered of the noun at an address."""
    return [(noun, action) for noun, action in operations() if noun.path.lower() == path]


def said(noun: Resource, action: Action) -> Json:
    """What the description says of an operation."""
    found: Json = described()["paths"][description.address(known(), noun, action)][action.verb.lower()]
    return found


def body(operation: Json) -> Json:
    """The schema of what is sent or answered as JSON, where this is anything."""
    found: Json = operation["content"]["application/json"]["schema"]
    return found


def check(response: httpx.Response) -> None:
    """Raises AssertionError where an answer of the API has a status or a field that is not described."""
    response.read()
    path, verb = response.request.url.path, response.request.method
    if verb in ("HEAD", "OPTIONS"):  # they answer with headers alone
        return
    if path.startswith(BASE):
        found = [*surprises(verb, path, response)]
        assert found == [], f"{verb} {path} {response.status_code}: {found}"
    elif (verb, path) == ("POST", TOKENS):
        offered = described()["paths"][path]["post"]["responses"][str(response.status_code)]
        if "content" in offered:  # else it is an error of the API's own
            assert [*news(response.json(), body(offered), "token")] == []


def surprises(verb: str, path: str, response: httpx.Response) -> Iterator[str]:
    """What is not described of an answer."""
    operation = meant(verb, path)
    offered: Json = said(*operation)["responses"] if operation else dict.fromkeys(("400", "401", "404", "405", "503"))
    status = str(response.status_code)
    if status not in offered:
        yield f"{status} is none of {', '.join(offered)}"
    elif response.status_code >= 400:
        yield from news(response.json(), ERROR, "error")
    elif "expand" in response.request.url.params:
        pass  # whole objects stand for references; each is checked where it is read by itself
    elif "*/*" in offered[status].get("content", {}):
        pass  # a file
    elif "content" in offered[status]:
        yield from news(response.json(), body(offered[status]), "answer")
    elif response.content:
        yield "there is an answer"


def news(value: Any, schema: Json, at: str) -> list[str]:
    """The differences of a value, found once for all values of its shape: nothing else about it makes one."""
    kind = id(schema), shape(value)
    if kind in DESCRIBED:
        return []
    if not (found := [*differences(value, schema, models(), at)]):
        DESCRIBED.add(kind)
    return found


def shape(value: Any) -> Shape:
    """The names and types in a value; of what is in a list, each kind once."""
    if isinstance(value, dict):
        return tuple((name, shape(each)) for name, each in value.items())
    if isinstance(value, list):
        return frozenset(map(shape, value))
    return type(value)


def differences(value: Any, schema: Json, models: Json, at: str) -> Iterator[str]:
    """The places, such as Contact.gender, where a value has a field that its model does not know, or another type."""
    at, schema = resolved(schema, models, at)
    if "anyOf" in schema:
        fit = [each for each in schema["anyOf"] if is_one(value, resolved(each, models, at)[1])]
        yield from min((list(differences(value, each, models, at)) for each in fit or schema["anyOf"]), key=len)
    elif not is_one(value, schema):
        yield at
    elif isinstance(value, list):
        for each in value:
            yield from differences(each, schema.get("items", {}), models, at)
    elif isinstance(value, dict) and (names := fields(schema, models, at)):
        for name, each in value.items():
            if name in names:
                owner, field = names[name]
                yield from differences(each, field, models, f"{owner}.{name}")
            else:
                yield f"{at}.{name}"


def is_one(value: Any, schema: Json) -> bool:
    """True for a value of the type that a schema says, if it says one. A boolean is no number."""
    kind = "object" if "allOf" in schema else schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind or TYPES
    return any(isinstance(value, TYPES[one]) and (one == "boolean" or not isinstance(value, bool)) for one in kinds)


def fields(schema: Json, models: Json, at: str) -> dict[str, tuple[str, Json]]:
    """The fields of an object, each with the model that has it: its own and those of its parts."""
    found: dict[str, tuple[str, Json]] = {}
    for part in schema.get("allOf", ()):
        owner, whole = resolved(part, models, at)
        found |= fields(whole, models, owner)
    return found | {name: (at, each) for name, each in schema.get("properties", {}).items()}


def resolved(schema: Json, models: Json, at: str) -> tuple[str, Json]:
    """The schema that a reference leads to, and what it is called."""
    while "$ref" in schema:
        at = schema["$ref"].removeprefix(REF)
        schema = models[at]
    return at, schema
