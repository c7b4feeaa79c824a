"""GET /docs: the description of the API for people, from the same table as /openapi.json. It needs no script."""

import base64
import hashlib
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import falcon
import msgspec
from markupsafe import Markup, escape

from pfennig.api import errors
from pfennig.api.description import describe
from pfennig.api.lasting import LastingDoor
from pfennig.api.reference import REF, Json
from pfennig.language import say
from pfennig.operations.worlds import world
from pfennig.templates import environment

HERE = Path(__file__).parent
STYLE = (HERE / "static" / "manual.css").read_text(encoding="utf-8")
SCRIPT = (HERE / "static" / "manual.js").read_text(encoding="utf-8")
POLICY = (
    "default-src 'none'",
    "style-src '{style}'",
    "script-src '{script}'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "img-src data:",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)


def code_markup(text: str) -> Markup:
    """A text in which `this` is code."""
    return escape("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(text.split("`"))
    )


Words = list[tuple[str, str | None]]
"""The kind of a value in words, each with the model that it leads to, if it is one."""


@dataclass(frozen=True)
class Field:
    """One line of a table of fields."""

    name: str
    kind: Words
    limits: list[str]
    is_needed: bool
    text: str


@dataclass(frozen=True)
class Operation:
    """An operation as the page shows it. answers: status, text and kind. fields: those of the body."""

    noun: str
    id: str
    verb: str
    path: str
    text: str
    note: str
    parameters: list[Field]
    body: Words
    fields: list[Field]
    answers: list[tuple[str, str, Words]]
    refusals: list[str]
    curl: str


def door(public_url: str, has_demo_merchants: bool) -> LastingDoor:
    """The page of a server. In the twin it shows the credentials of the guide's merchant."""
    policy = "; ".join(POLICY).format(style=digest(STYLE), script=digest(SCRIPT))
    headers = {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }
    return LastingDoor(falcon.MEDIA_HTML, headers, lambda: page_html(public_url, has_demo_merchants))


def digest(text: str) -> str:
    """The digest of an inline script or style, by which the content security policy allows it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def page_html(public_url: str, has_demo_merchants: bool) -> str:
    """The page."""
    said = describe(public_url)
    manual = Manual(said)
    operations = list(manual.operations())
    nouns = [tag["name"] for tag in said["tags"]]
    return (
        environment(HERE / "templates", "en")
        .get_template("manual.html")
        .render(
            coded=code_markup,
            style=STYLE,
            script=SCRIPT,
            url=public_url,
            has_demo_merchants=has_demo_merchants,
            text=said["info"]["description"],
            token=token(public_url, has_demo_merchants),
            sections=[(noun, [each for each in operations if each.noun == noun]) for noun in nouns],
            statuses=[
                (status, refusal["description"]) for status, refusal in said["components"]["responses"].items()
            ],
            codes=list(codes()),
            models=[
                (name, each.get("description", ""), list(manual.fields(each))) for name, each in manual.models.items()
            ],
        )
    )


def codes() -> Iterator[tuple[int, int, str, str]]:
    """Each error code, its status, and its message in English and in German."""
    for one in errors.refusals():
        status, _ = errors.kind(one)
        yield one.code, status, say(one.user_text, "en", code=one.code), say(one.user_text, "de", code=one.code)


class Manual:
    """Puts a description into words."""

    def __init__(self, said: Json) -> None:
        self.said, self.models = said, said["components"]["schemas"]

    def operations(self) -> Iterator[Operation]:
        """Every operation for the page."""
        for path, offers in self.said["paths"].items():
            for verb, each in offers.items():
                yield self.operation(path, verb.upper(), each)

    def operation(self, path: str, verb: str, said: Json) -> Operation:
        """One operation for the page. A body that may come as a form, too, is shown as JSON."""
        body = said["requestBody"]["content"]["application/json"] if "requestBody" in said else {}
        answers = {status: one for status, one in said["responses"].items() if "$ref" not in one}
        return Operation(
            noun=said["tags"][0],
            id=said["operationId"],
            verb=verb,
            path=path,
            text=said["summary"],
            note=said.get("description", ""),
            parameters=[self.parameter(one) for one in said.get("parameters", [])],
            body=self.kind(body["schema"]) if body else [],
            fields=list(self.fields(body["schema"])) if body else [],
            answers=[(status, one["description"], self.kind_words(one)) for status, one in answers.items()],
            refusals=[status for status in said["responses"] if status not in answers],
            curl=curl(self.said["servers"][0]["url"] + path, verb, said, body),
        )

    def parameter(self, one: Json) -> Field:
        """A parameter in the path, the query or a header."""
        if "$ref" in one:
            one = self.said["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        return self.field(one["name"], one["schema"], one.get("required", False), one["description"])

    def kind_words(self, answer: Json) -> Words:
        """The kind of an answer in words; nothing for an empty one."""
        return [word for each in answer.get("content", {}).values() for word in self.kind(each["schema"])]

    def fields(self, schema: Json) -> Iterator[Field]:
        """The fields of an object, of the objects in a list, or of each part of an object."""
        if "$ref" in schema:
            schema = self.models[schema["$ref"].removeprefix(REF)]
        for part in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
            yield from self.fields(part)
        if "items" in schema:
            yield from self.fields(schema["items"])
        for name, each in schema.get("properties", {}).items():
            yield self.field(name, each, name in schema.get("required", ()))

    def field(self, name: str, schema: Json, is_needed: bool, text: str = "") -> Field:
        """One line of a table of fields."""
        return Field(name, self.kind(schema), list(self.limits(schema)), is_needed, text)

    def kind(self, schema: Json) -> Words:
        """The kind of a value. That a field may be null is left out: null means that nothing was said."""
        schema = self.spelled_out(schema)
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(REF)
            return [(name, name)]
        if several := schema.get("anyOf") or schema.get("oneOf"):
            parts = [self.kind(each) for each in several if each != {"type": "null"}]
            return [word for part in parts for word in ((" or ", None), *part)][1:]
        if "enum" in schema:
            return [("one of", None)]
        if schema.get("format") == "binary":
            return [("file", None)]
        kinds = schema.get("type", "anything")
        words = [kinds] if isinstance(kinds, str) else [each for each in kinds if each != "null"]
        if "array" in words:
            return [("list of ", None), *self.kind(schema.get("items", {}))]
        return [(" or ".join(words), None)]

    def limits(self, schema: Json) -> Iterator[str]:
        """The limits of a value, in words."""
        schema = self.spelled_out(schema)
        for each in schema.get("anyOf", ()):
            yield from self.limits(each)
        if "enum" in schema:
            yield ", ".join(map(str, schema["enum"]))
        if "const" in schema:
            yield f"always {schema['const']}"
        if "x-documented-values" in schema:
            yield "known: " + ", ".join(map(str, schema["x-documented-values"]))
        for least, most, unit in (("minLength", "maxLength", " characters"), ("minimum", "maximum", "")):
            if most in schema:
                yield f"{f'{schema[least]:,}' if least in schema else 'up'} to {schema[most]:,}{unit}"
            elif least in schema:
                yield f"at least {schema[least]:,}{unit}"
        if "pattern" in schema:
            yield f"as {schema['pattern']}"
        if schema.get("default") not in (None, "", []):
            yield f"by default {str(schema['default']).lower()}"

    def spelled_out(self, schema: Json) -> Json:
        """A few words instead of the name of a model that is nothing else."""
        model: Json = self.models[schema["$ref"].removeprefix(REF)] if "$ref" in schema else {}
        return model if "enum" in model else schema


class Entrance:
    """GET /: what somebody sees first who looks at a twin with a browser."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Leads to the description; programs have nothing to look for at this address."""
        raise falcon.HTTPFound("/docs") if "text/html" in request.accept else falcon.HTTPNotFound


def token(public_url: str, has_demo_merchants: bool) -> str:
    """The command that gets a token in a shell."""
    if has_demo_merchants:
        client = world.read(world.DEMO).merchants[0].contracts[0].clients[0]
        id, secret = client.id, client.secret
    else:
        id, secret = "$CLIENT_ID", "$CLIENT_SECRET"
    lines = (
        f"curl -s {public_url}/oauth/token",
        "-d grant_type=client_credentials",
        f'-d client_id="{id}"',
        f'-d client_secret="{secret}"',
    )
    pick = """sed 's/.*"access_token":"\\([^"]*\\).*/\\1/'"""
    return "TOKEN=$(" + " \\\n    ".join(lines) + f" |\n    {pick})"


def curl(url: str, verb: str, said: Json, body: Json) -> str:
    """The operation in a shell, where TOKEN and the ids in the address are known."""
    examples = {one["name"]: one["example"] for one in said.get("parameters", []) if "example" in one}
    address = re.sub(r"{(\w+)}", lambda word: examples.get(word[1], "$" + word[1].upper()), url)
    lines = [f'curl{"" if verb == "GET" else f" -X {verb}"} "{address}"']
    if {"token": []} in said.get("security", [{"token": []}]):
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if "example" in body:
        lines.append("-H 'Content-Type: application/json'")
        lines.append("-d " + shlex.quote(body_text(body["example"])))
    return " \\\n    ".join(lines)


def body_text(body: Any) -> str:
    """A body as people write it."""
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode()
