"""/api/v2: finds the function for an address in the table of resources, and who is asking."""

from collections.abc import Callable
from typing import Any

import falcon
import msgspec

from pfennig import bodies, language, web
from pfennig.api import body
from pfennig.api.downloads import attachment
from pfennig.api.quota import Quota
from pfennig.errors import NotFound, WrongVerb
from pfennig.operations import idempotency
from pfennig.operations.core.call import Call, Platform, Progress
from pfennig.resources import RESOURCES, query
from pfennig.resources.resource import Action, Asked, File, Resource

BASE = "/api/v2"
NOUNS = {tuple(resource.path.lower().split("/")): resource for resource in RESOURCES}
CHANGING = frozenset({"POST", "PUT", "PATCH"})


class UnknownAddress(NotFound):
    """This address does not exist."""

    code = 3003


class VerbNotOffered(WrongVerb):
    """This is not possible at this address."""

    code = 3004


class ApiDoor:
    """Answers every request below /api/v2."""

    def __init__(self, platform: Platform, quota: Quota) -> None:
        self.platform, self.quota = platform, quota
        self.rows = {resource.object: resource.rows for resource in RESOURCES if resource.rows}

    def __call__(self, req: falcon.Request, resp: falcon.Response, **kwargs: Any) -> None:
        """Takes one operation from request to answer. Raises refusals, which the door's error handlers answer."""
        request, response = req, resp  # Falcon calls sinks by its own names
        resource, segments = place(request.path)
        if request.method == "OPTIONS":  # OPTIONS needs no token
            response.set_header("Allow", web.allow_header(resource.offers(segments) if resource else ()))
            response.status = falcon.HTTP_204
            return
        call = self.call(request, response, is_public=resource is not None and resource.is_public)
        with call.proof():
            self.respond(request, response, call, resource, segments)

    def respond(
        self,
        request: falcon.Request,
        response: falcon.Response,
        call: Call,
        resource: Resource | None,
        segments: tuple[str, ...],
    ) -> None:
        """Does what is asked for, and answers. Raises refusals."""
        offers = resource.offers(segments) if resource else {}
        if not offers:
            raise UnknownAddress(f"There is no {request.path[:200]!r}")
        if request.method not in offers:
            response.set_header("Allow", web.allow_header(offers))
            raise VerbNotOffered(f"{request.method} is not offered at this address, only {web.allow_header(offers)}")
        action, words = offers[request.method]
        request.context.operation = operation_name(resource, segments, action)
        asked = action.clear(
            Asked(
                id=segments[0] if segments else "",
                words=words,
                body=None if request.method == "GET" else reader(action)(request),
                query=query.read(web.exact_parameters(request)),
                nouns=self.rows,
            )
        )
        answer = call.insist(lambda: self.answer(request, call, resource, action, asked))
        response.set_header("Cache-Control", "no-store")
        if isinstance(answer, File):
            response.content_type = answer.type
            response.set_header("Content-Disposition", attachment(answer.name))
            response.set_header("X-Content-Type-Options", "nosniff")
            response.data = answer.content
        elif not answer:
            response.status = falcon.HTTP_204
        else:
            response.content_type = web.JSON
            response.text = answer

    def call(self, request: falcon.Request, response: falcon.Response, is_public: bool) -> Call:
        """The call of whoever holds the token, or of anybody. Raises BadToken, TooFast."""
        tongue, address = language.best_language(request.get_header("Accept-Language")), request.context.address
        response.set_header("Content-Language", tongue)
        if is_public:
            self.quota.spend(response, "address", request.context.network)
            return Call(self.platform, None, tongue, role="public")
        caller, unproven = web.known_caller(self.platform, request)
        self.quota.spend(response, "client", caller.client_id)
        return Call(self.platform, caller, tongue, address=address, progress=Progress(unproven=unproven))

    def answer(
        self, request: falcon.Request, call: Call, resource: Resource | None, action: Action, asked: Asked
    ) -> str | File:
        """The answer as JSON, empty for none, or a file. With an Idempotency-Key the work is done only once."""
        key = request.get_header("Idempotency-Key")
        if key is None or request.method not in CHANGING or resource is None:
            found = action.run(call, asked)
            return found if isinstance(found, File) else as_json(found)
        said = f"{request.method} {request.path} {as_json(asked.body)}"
        again = action.again or resource.again
        return idempotency.answer_once(
            call,
            key,
            said,
            lambda carried: as_json(action.run(carried, asked)),
            lambda later, made: as_json(again(later, asked, made)),
        )


def reader(action: Action) -> Callable[[falcon.Request], Any]:
    """The function that reads the body of an operation."""
    if action.moves_money:
        return bodies.unambiguous
    return body.file if action.takes_file else bodies.array if action.takes_list else bodies.read


def place(path: str) -> tuple[Resource | None, tuple[str, ...]]:
    """The resource that a path leads to, None for an unknown one, and the parts behind its name."""
    product, noun, *rest = [*(part for part in path[len(BASE) :].split("/") if part), "", ""]
    return NOUNS.get((product.lower(), noun.lower())), tuple(part for part in rest if part)


def largest_body(path: str) -> int:
    """The largest body in bytes that a path takes. Only files are large."""
    resource, segments = place(path) if path.startswith(BASE) else (None, ())
    offers = resource.offers(segments) if resource else {}
    takes_file = any(action.takes_file for verb, (action, _) in offers.items() if verb in CHANGING)
    return web.LARGEST_FILE_BODY if takes_file else web.LARGEST_BODY


def operation_name(resource: Resource | None, segments: tuple[str, ...], action: Action) -> str:
    """An operation as the docs write it: /api/v2/Smart/Transactions/{id}/prepare/{method}."""
    place = (BASE, resource.path if resource else "", "{id}" if segments else "", action.path)
    return "/".join(part for part in place if part)


def as_json(answer: Any) -> str:
    """An answer as JSON; nothing stays nothing."""
    return "" if answer is None else msgspec.json.encode(answer).decode()
