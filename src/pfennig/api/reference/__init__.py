"""The API as its official SDKs know it: the operations and models in openapi.json, with our deviations.

The files beside this one are facts. They are read when they are asked for, and not kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pfennig.once import Once
from pfennig.operations.legacy.payments import METHODS

Json = dict[str, Any]
HERE = Path(__file__).parent
BASE = "/api/v2/"
VERBS = ("get", "post", "put", "patch", "delete")
REF = "#/components/schemas/"
KEPT = frozenset({"x-documented-values"})
"""The one of the notes about the SDK's code that says something about the wire."""


class Reference:
    """The API as it is known from outside. An operation is called "POST Smart/Transactions/{id}/cancel"."""

    def __init__(self) -> None:
        self.document: Json = msgspec.json.decode((HERE / "openapi.json").read_bytes())
        self.deviations: Json = read("deviations.yaml")
        self.examples: Json = read("examples.yaml")
        self.models: Json = {
            name: without_sdk_notes(each) for name, each in self.document["components"]["schemas"].items()
        }

    @Once
    def names(self) -> Mapping[str, Json]:
        """Every operation that the SDK knows, by its name, with its address in `path`."""
        return {
            f"{verb.upper()} {path.removeprefix(BASE)}": offers[verb] | {"path": path}
            for path, offers in self.document["paths"].items()
            for verb in VERBS
            if verb in offers
        }

    @Once
    def operations(self) -> Mapping[str, Json]:
        """The known operations by their plain names, those of the legacy endpoints spelled out."""
        return {plain(one): each for name, each in self.names.items() for one in spelled_out(name)}

    @Once
    def sources(self) -> Mapping[str, str]:
        """Operations, and where they are known from: documented, or seen in a public client."""
        lines = (HERE / "sources.txt").read_text(encoding="utf-8").splitlines()
        pairs = (line.partition(" ") for line in lines if line and not line.startswith("#"))
        return {operation: source for source, _, operation in pairs}

    def example(self, operation: str) -> Any:
        """A body that works, None where none is needed."""
        return next((body for name, body in self.examples.items() if fnmatchcase(operation, name)), None)

    def answer(self, operation: str) -> tuple[int, Json | None]:
        """The status of an operation that works, and the schema of what it answers, None for nothing."""
        if operation in self.deviations["answers"]:
            return 200, self.deviations["answers"][operation]["schema"]
        known = self.operations.get(plain(operation))
        if known is None:
            return self.answer(self.deviations["operations"][operation]["answer"])
        if "200" not in known["responses"]:
            return 204, None
        return 200, known["responses"]["200"]["content"]["application/json"]["schema"]

    def amend(self, but: str = "") -> "Reference":
        """Adds to the models what we answer, except at one place, such as Contact.gender."""
        for place, deviation in self.deviations["models"].items():
            if place != but:
                model, _, field = place.partition(".")
                properties(self.models[model])[field] = deviation["schema"]
        return self

    def closure(self, schemas: Any) -> Json:
        """The models that schemas refer to, and those that these refer to, by name and in their order."""
        wanted, found = set(references(schemas)), set[str]()
        while wanted - found:
            name = (wanted - found).pop()
            found.add(name)
            wanted.update(references(self.models.get(name)))
        return {name: self.models[name] for name in self.models if name in found}


def read(name: str) -> Any:
    """The content of one of the reference's files."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def plain(operation: str) -> str:
    """An operation without regard to case, nor to what its parameters are called; `me` stands for an id."""
    verb, _, path = operation.partition(" ")
    return f"{verb} {re.sub(r'{[^}]*}', '{}', path.lower()).replace('/me/', '/{}/')}"


def spelled_out(path: str) -> list[str]:
    """An address or operation, once for each of the legacy endpoints where a parameter stands for them."""
    any_of_them = "Payment/{paymentMethod}"
    return [
        path.replace(any_of_them, f"Payment/{origin.capitalize()}") for origin in METHODS if any_of_them in path
    ] or [path]


def properties(model: Json) -> Json:
    """The fields of a model that are its own."""
    found: Json = (model["allOf"][-1] if "allOf" in model else model)["properties"]
    return found


def without_sdk_notes(schema: Any) -> Any:
    """A schema without notes about the SDK."""
    if isinstance(schema, dict):
        return {
            name: without_sdk_notes(each)
            for name, each in schema.items()
            if not name.startswith("x-") or name in KEPT
        }
    return [without_sdk_notes(each) for each in schema] if isinstance(schema, list) else schema


def references(schema: Any) -> Iterator[str]:
    """The names of the models that a schema refers to itself."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(REF)
        yield from referred_names(schema.values())
    elif isinstance(schema, list):
        yield from referred_names(schema)


def referred_names(schemas: Iterable[Any]) -> Iterator[str]:
    """The names of the models that any of these refers to."""
    for each in schemas:
        yield from references(each)
