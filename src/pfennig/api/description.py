"""The API's description of itself, made from the table of resources: every operation, body, answer and status.

Bodies are what we read, answers what is known of the API (reference/). Served by api/manual.py.
"""

import re
from collections.abc import Iterable
from typing import Any

import falcon
import msgspec
from msgspec.structs import fields

from pfennig.api import reference
from pfennig.api.errors import BUG, KINDS, RETRY_AFTER_SECONDS
from pfennig.api.lasting import LastingDoor
from pfennig.api.reference import BASE, REF, Json, Reference
from pfennig.domain.search import LONGEST
from pfennig.errors import WrongVerb
from pfennig.operations.idempotency import LONGEST_KEY
from pfennig.resources import RESOURCES
from pfennig.resources.query import DEFAULT_COUNT, LARGEST_COUNT
from pfennig.resources.resource import Action, Resource

INTRODUCTION = (
    "The secuconnect API v2 as Pfennig speaks it. Amounts are whole minor units: 1250 is 12.50 EUR. Product, noun "
    "and action in an address match without regard to case. Unknown fields of a body are ignored, and numbers "
    "may be sent as text. Errors come in German, or in the language of `Accept-Language` (en, fr, it, nl, pl)."
)
ERROR = "ProductExceptionPayload"
MEANINGS = {
    status: " ".join((kind.__doc__ or "").split()) for kind, (status, _) in KINDS.items() if kind is not WrongVerb
}
STATUSES = dict(sorted([*MEANINGS.items(), (BUG[0], "A bug.")]))
"""Statuses of refusals, and what each means. What a wrong verb meets belongs to no operation."""

WITH_BODY = frozenset({408, 409, 413, 422})
"""Statuses of operations that need a body: it can be too slow, too large, or sent twice."""

WORDS = {
    "id": ("The object's id, or `me` where the caller has one.", None),
    "contract": ("The id of a contract.", None),
    "document": ("The id of a file that was uploaded.", None),
    "customer": ("The id of a customer.", None),
    "task": ("The id of a task of the case.", None),
    "line": ("The id of a line of the bank's statement.", None),
    "merchant": ("The id of a merchant, or `me`.", None),
    "method": ("How to pay.", "creditcard"),
    "service": ("The name of a payment service.", "paypal"),
    "transaction": ("The id of a Smart Transaction.", None),
}
"""Names that stand in addresses, with an example where it is not an id."""

LISTS = (
    ("count", {"type": "integer", "minimum": 0, "maximum": LARGEST_COUNT, "default": DEFAULT_COUNT}, "How many."),
    ("offset", {"type": "integer", "minimum": 0, "default": 0}, "The first one, from 0."),
)
TEXT = {"type": "string"}
FIELDS = ("fields", TEXT, "Only these fields: `created,basket_info.sum`.")
EXPAND = ("expand", TEXT, "These references as whole objects: `customer,transactions`, or `all`.")
ASKING = (
    ("q", TEXT | {"maxLength": LONGEST}, "Only what fits: `status:ok AND basket_info.sum:[100 TO *]`."),
    ("sort", TEXT, "The order: `created:desc,id`."),
    (
        "aggregate",
        TEXT,
        "Sums instead of objects, as JSON with `timestamp_prop`, `interval`, `group_by_prop`, `sum_by_prop`.",
    ),
    ("meta", TEXT, "`true` adds the names that the list can be asked by; `only` answers nothing else."),
    ("validate", TEXT, "`1` only says whether the question can be understood."),
    ("preset", {"enum": ["own"]}, "`own`: nothing of contracts below one's own."),
    ("scroll_expire", TEXT, "How long the list shall be continued: `5m`."),
    ("scroll_id", TEXT, "Goes on where that list ended."),
)
"""Parameters of lists, besides those of a page."""

GRANTS = (
    "OAuthClientCredentials",
    "OAuthDeviceUuidCredentials",
    "OAuthDeviceCodeCredentials",
    "OAuthRefreshCredentials",
    "OAuthApplicationUserCredentials",
)
"""Models of the bodies by which a token is bought."""

ISSUED = ("OAuthToken", "OAuthDeviceCode")
"""Models of what is issued: a token, or codes for a device."""

KEY = "Idempotency-Key"

FORM = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}},
            "required": ["file"],
        }
    }
}
"""The media type of files that come as a form."""


BASIC = {"type": "http", "scheme": "basic", "description": "Id and secret of a client, each percent-encoded."}
"""HTTP Basic authentication, the other way to show a client's credentials (RFC 6749, 2.3.1)."""


def door(public_url: str) -> LastingDoor:
    """GET /openapi.json. Pages of other origins may read it, too: that is where the tools for it are."""
    headers = {"Access-Control-Allow-Origin": "*"}
    return LastingDoor(falcon.MEDIA_JSON, headers, lambda: msgspec.json.encode(describe(public_url)).decode())


def describe(public_url: str) -> Json:
    """The API of a server as an OpenAPI 3.1 document."""
    known = Reference().amend()
    bodies, requests = body_schemas(RESOURCES)
    paths: Json = {"/oauth/token": {"post": token()}}
    for noun in RESOURCES:
        for action in noun.operations:
            said = operation(known, noun, action, bodies.get((noun.name, action.verb, action.path)))
            paths.setdefault(address(known, noun, action), {})[action.verb.lower()] = said
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pfennig", "version": "2.0", "description": INTRODUCTION},
        "servers": [{"url": public_url}],
        "security": [{"token": []}],
        "tags": [{"name": "OAuth"}, *({"name": noun.name} for noun in RESOURCES)],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": credentials(public_url), "client": BASIC},
            "parameters": {"key": key()},
            "responses": {str(status): refusal(status) for status in STATUSES},
            "schemas": known.closure([paths, {"$ref": REF + ERROR}]) | requests,
        },
    }


def name(noun: Resource, action: Action) -> str:
    """The name of an operation, such as POST Smart/Transactions/{id}/cancel."""
    return f"{action.verb} {noun.path}/{action.path}".rstrip("/")


def address(known: Reference, noun: Resource, action: Action) -> str:
    """The address of an operation, with `me` where no other id makes sense."""
    path = f"{BASE}{noun.path}/{action.path}".rstrip("/")
    operation = known.operations.get(reference.plain(name(noun, action)), {})
    return path.replace("/{id}/", "/me/") if "/me/" in operation.get("path", "") else path


def operation(known: Reference, noun: Resource, action: Action, body: Json | None) -> Json:
    """The description of one operation."""
    called, path = name(noun, action), address(known, noun, action)
    status, answer = known.answer(called)
    words = [word for part in (noun.path, action.path) for word in re.split(r"\W+", part) if word]
    said: Json = {
        "operationId": action.verb.lower() + "".join(word[0].upper() + word[1:] for word in words),
        "tags": [noun.name],
        "summary": action.answer[0].upper() + action.answer[1:],
        "parameters": parameters(noun, action, path),
        "responses": {
            str(status): {"description": action.answer, **answer_content(action, answer)},
            **{str(code): {"$ref": f"#/components/responses/{code}"} for code in refusals(action)},
        },
    }
    if noun.is_public:
        said["security"] = []
    if called in known.deviations["refused"]:
        said["description"] = f"Always refused: {known.deviations['refused'][called]}"
    if body:
        needed = {"required": True} if is_needed(action) else {}
        shown = known.example(called)
        said["requestBody"] = content(body, **({"example": shown} if shown is not None else {})) | needed
        if action.takes_file:
            said["requestBody"]["content"] |= FORM
    return said


def answer_content(action: Action, schema: Json | None) -> Json:
    """The content of an operation's answer: JSON of its shape, a file, or nothing."""
    if action.is_file:
        return {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    return content(schema) if schema else {}


def parameters(noun: Resource, action: Action, path: str) -> list[Json]:
    """The parameters in the path and the query of an operation, and its idempotency key if it may be repeated."""
    found = []
    for word in re.findall(r"{(\w+)}", path):
        text, shown = WORDS[word]
        more = {"example": shown} if shown else {}
        found.append(
            {"name": word, "in": "path", "required": True, "schema": {"type": "string"}, "description": text, **more}
        )
    queries: list[tuple[str, Json, str]] = []
    if (action.verb, action.path) == ("GET", ""):
        queries = [*LISTS, FIELDS, EXPAND, *(ASKING if noun.rows else ())]
    elif (action.verb, action.path) == ("GET", "{id}"):
        queries = [FIELDS, EXPAND]
    found += [{"name": name, "in": "query", "schema": kind, "description": text} for name, kind, text in queries]
    return [*found, {"$ref": "#/components/parameters/key"}] if action.verb in ("POST", "PUT") else found


def refusals(action: Action) -> list[int]:
    """The statuses with which it may be refused."""
    is_list = (action.verb, action.path) == ("GET", "")
    unlikely = {404} if is_list else set()
    if action.verb == "GET":
        unlikely |= WITH_BODY
    return sorted(set(STATUSES) - unlikely)


def is_needed(action: Action) -> bool:
    """True for a body in which something must be said."""
    return action.takes_list or any(field.required for field in fields(action.body))  # type: ignore[arg-type]


def content(schema: Json, **more: Any) -> Json:
    """The content of an answer that is JSON of this shape."""
    return {"content": {"application/json": {"schema": schema, **more}}}


def refusal(status: int) -> Json:
    """A refusal with its body."""
    said: Json = {"description": STATUSES[status], **content({"$ref": REF + ERROR})}
    if status in RETRY_AFTER_SECONDS:
        said["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return said


def key() -> Json:
    """The header that makes a repetition harmless."""
    text = "Does the work once, however often the request is sent with this key: for 24 hours it has the same answer."
    length = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": ecma(r"^[!-~]+\Z")}
    return {"name": KEY, "in": "header", "schema": length, "description": text}


def credentials(public_url: str) -> Json:
    """The operation by which a client gets its token."""
    flow = {"tokenUrl": f"{public_url}/oauth/token", "scopes": {}}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}


def token() -> Json:
    """The operation that sells tokens. It speaks as OAuth does, in its errors as well."""
    request = {"oneOf": [{"$ref": REF + name} for name in GRANTS]}
    issued, said = {"anyOf": [{"$ref": REF + name} for name in ISSUED]}, {"$ref": REF + "OAuthError"}
    shown = {"grant_type": "client_credentials", "client_id": "CLIENT_ID", "client_secret": "CLIENT_SECRET"}
    kinds = ("application/x-www-form-urlencoded", "application/json")
    return {
        "operationId": "postOauthToken",
        "tags": ["OAuth"],
        "summary": "A token for a client, a device or a user of an app",
        "description": "A client shows its id and secret in the body, or by HTTP Basic; then the body needs neither.",
        "security": [{}, {"client": []}],
        "requestBody": {"required": True, "content": {kind: {"schema": request, "example": shown} for kind in kinds}},
        "responses": {
            "200": {"description": "the token, or codes for a device", **content(issued)},
            "400": {"description": "The credentials are wrong, or no grant.", **content(said)},
            "401": {
                "description": "The device is not confirmed yet, or the credentials in the header are wrong.",
                "headers": {
                    "WWW-Authenticate": {
                        "description": "How to show credentials, where those in the header are wrong",
                        "schema": {"type": "string"},
                    }
                },
                **content(said),
            },
            **{str(code): {"$ref": f"#/components/responses/{code}"} for code in (408, 413, 429, 500, 503)},
        },
    }


def body_schemas(nouns: Iterable[Resource]) -> tuple[dict[tuple[str, str, str], Json], Json]:
    """The schema of every body that is read, and the models that these refer to."""
    read = {(noun.name, each.verb, each.path): each.body for noun in nouns for each in noun.operations if each.body}
    schemas, models = msgspec.json.schema_components(read.values(), ref_template=REF + "{name}")
    return dict(zip(read, map(with_our_names, schemas), strict=True)), {
        model_name(name): with_our_names(each) for name, each in models.items()
    }


def model_name(name: str) -> str:
    """The name of a model of ours: of two with one name the file is named too, and none is called as an answer."""
    *rooms, last = name.split(".")
    called = "".join(part.title() for part in rooms[-1:] for part in part.split("_")) + last
    return called if called.endswith("Request") else f"{called}Body"


def with_our_names(schema: Any) -> Any:
    """A schema with our names, and without what says nothing."""
    if isinstance(schema, list):
        return [with_our_names(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema.get("$ref"), str):
        return {"$ref": REF + model_name(schema["$ref"].removeprefix(REF))}
    if isinstance(schema.get("pattern"), str):
        schema = schema | {"pattern": ecma(schema["pattern"])}
    return {
        name: {field: with_our_names(each) for field, each in value.items()}
        if name == "properties"
        else with_our_names(value)
        for name, value in schema.items()
        if name != "title" and (name, value) != ("required", [])
    }


def ecma(pattern: str) -> str:
    """A pattern as JSON Schema writes it: there a dollar is the end of the text, and nothing else is."""
    return pattern.removesuffix(r"\Z") + "$" if pattern.endswith(r"\Z") else pattern
