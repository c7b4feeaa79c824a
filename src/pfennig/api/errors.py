"""Refusals and bugs as the API says them. Source: docs/wire/2-errors.md."""

from collections.abc import Mapping

import falcon
import msgspec
import structlog

from pfennig import ids, language, web
from pfennig.errors import (
    UNKNOWN,
    Conflict,
    Duplicate,
    Malformed,
    NotAllowed,
    NotFound,
    Refusal,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthorised,
    Unavailable,
    Unprocessable,
    WrongVerb,
)

log = structlog.get_logger()

KINDS: Mapping[type, tuple[int, str]] = {
    Unauthorised: (401, "ProductSecurityException"),
    NotFound: (404, "ProductNotFoundException"),
    WrongVerb: (405, "ProductNotAllowedException"),
    NotAllowed: (403, "ProductNotAllowedException"),
    Duplicate: (409, "ProductDuplicateException"),
    Conflict: (409, "ProductNotAllowedException"),
    Unprocessable: (422, "ProductNotAllowedException"),
    TooLarge: (413, "ProductFormatException"),
    Malformed: (400, "ProductFormatException"),
    TooSlow: (408, "ProductFormatException"),
    TooMany: (429, "ProductNotAllowedException"),
    Unavailable: (503, "ProductInternalException"),
}
"""The status and the wire's name of each kind of refusal; a kind within another has its own."""

RETRY_AFTER_SECONDS = {429: 60, 503: 5}

BUG = (500, "ProductInternalException", 1001)


def kind(refusal: Refusal) -> tuple[int, str]:
    """The status and the name of a refusal."""
    return next(KINDS[each] for each in type(refusal).__mro__ if each in KINDS)


def refusals() -> list[Refusal]:
    """One instance of each refusal with a code of its own, by code and name, of all modules that are loaded."""
    kinds: list[type[Refusal]] = Refusal.__subclasses__()
    for each in kinds:
        kinds += each.__subclasses__()
    known = {each for each in kinds if "code" in vars(each)}
    return [each.__new__(each) for each in sorted(known, key=lambda each: (each.code, each.__name__))]


def answer(request: falcon.Request, response: falcon.Response, error: Exception) -> str:
    """Puts the API's error body into the response, and the same supportId into the log. Answers that id."""
    request.context.support_id = support_id = ids.new_support()
    tongue = language.best_language(request.get_header("Accept-Language"))
    if isinstance(error, Refusal):
        (status, name), code = kind(error), error.code
        details, text = error.details, language.say(error.user_text, tongue, code=code)
        log.warning(
            "refused",
            support_id=support_id,
            path=web.logged_path(request),
            status=status,
            code=code,
            error=type(error).__name__,
        )
        if cause := error.__cause__:  # one line: while the database is away there are many
            log.error("cause", support_id=support_id, cause=f"{type(cause).__name__}: {cause}")
    else:
        status, name, code = BUG
        details, text = "Internal error", language.say(UNKNOWN, tongue, code=code)
        log.error("bug", support_id=support_id, path=web.logged_path(request), exc_info=error)
    response.status = status
    if status in RETRY_AFTER_SECONDS:
        response.set_header("Retry-After", str(RETRY_AFTER_SECONDS[status]))
    response.content_type = web.JSON
    response.set_header("Content-Language", tongue)
    response.data = msgspec.json.encode(
        {
            "status": "error",
            "error": name,
            "error_details": details,
            "error_user": text,
            "code": code,
            "supportId": support_id,
        }
    )
    return support_id
