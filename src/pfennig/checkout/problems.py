"""What a shopper sees instead of an error body: a page in his language, with the number to ask by."""

import falcon

from pfennig import language
from pfennig.checkout import pages, texts
from pfennig.checkout.visit import DeadLink, ExpiredForm
from pfennig.errors import NotFound, Refusal, Unavailable
from pfennig.language import say
from pfennig.operations.call import Platform

ENDINGS: tuple[tuple[type[Exception], texts.Ending], ...] = (
    (DeadLink, texts.GONE),
    (NotFound, texts.GONE),
    (falcon.HTTPNotFound, texts.GONE),
    (falcon.HTTPMethodNotAllowed, texts.GONE),
    (ExpiredForm, texts.EXPIRED_FORM),
    (Unavailable, texts.TROUBLE),
    (Refusal, texts.NOT_NOW),
)


def show(
    platform: Platform, request: falcon.Request, response: falcon.Response, error: Exception, support_id: str
) -> None:
    """Draws the page; the status was set already."""
    ending = next((ending for kind, ending in ENDINGS if isinstance(error, kind)), texts.TROUBLE)
    tongue = language.spoken(request.get_param("lang") or request.get_header("Accept-Language"))
    pages.draw(
        request,
        response,
        platform,
        "problem.html",
        tongue,
        heading=say(ending.heading, tongue),
        text=say(ending.text, tongue),
        support_id=support_id,
    )
