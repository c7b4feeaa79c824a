"""Error pages for shoppers: in their language, with the way on, and the number to ask by."""

from dataclasses import dataclass
from typing import Any

import falcon

from pfennig import language, web
from pfennig.checkout import pages, texts
from pfennig.checkout.visit import ExpiredForm, Visit, enter
from pfennig.domain.methods import MethodNotAvailable
from pfennig.errors import NotFound, Refusal, TooMany, Unavailable
from pfennig.language import say
from pfennig.operations.core.call import Platform
from pfennig.operations.pay.payers import CustomerLocked
from pfennig.operations.pay.payments import SumChanged


@dataclass(frozen=True)
class Problem:
    """The text of an error page, and whether going back to the payment helps."""

    ending: texts.Ending
    goes_on: bool = True


PROBLEMS: tuple[tuple[type[Exception], Problem], ...] = (
    (NotFound, Problem(texts.GONE, goes_on=False)),
    (ExpiredForm, Problem(texts.EXPIRED_FORM)),
    (SumChanged, Problem(texts.EXPIRED_FORM)),
    (web.BodyTooLarge, Problem(texts.EXPIRED_FORM)),
    (web.BrokenBody, Problem(texts.EXPIRED_FORM)),
    (MethodNotAvailable, Problem(texts.NOT_AVAILABLE)),
    (CustomerLocked, Problem(texts.LOCKED, goes_on=False)),
    (TooMany, Problem(texts.TOO_FAST)),
    (Unavailable, Problem(texts.TROUBLE)),
    (Refusal, Problem(texts.NOT_NOW)),
)


NO_PAGE = Problem(texts.NO_PAGE, goes_on=False)
"""The problem at an address that belongs to no payment."""


def show(
    platform: Platform,
    request: falcon.Request,
    response: falcon.Response,
    error: Exception,
    support_id: str,
    problem: Problem | None = None,
) -> None:
    """Draws the page; the status was set already. problem: what it says, if not what fits the error."""
    problem = problem or next(
        (problem for kind, problem in PROBLEMS if isinstance(error, kind)), Problem(texts.TROUBLE)
    )
    visit, summary = surroundings(platform, request)
    body = request.get_param("lang") or request.get_header("Accept-Language")
    tongue = visit.language if visit else language.best_language(body)
    shop = visit.merchant.companyname if visit else ""
    back = visit.error_url if visit and not problem.goes_on else None
    pages.draw(
        request,
        response,
        platform,
        "problem.html",
        tongue,
        **summary,
        heading=say(problem.ending.heading, tongue),
        text=say(problem.ending.text, tongue, shop=shop),
        again_url=visit.url("/pay") if visit and problem.goes_on else None,
        back={"url": back, "label": say("Back to {shop}", tongue, shop=shop)} if back else None,
        support_id=support_id,
    )


def surroundings(platform: Platform, request: falcon.Request) -> tuple[Visit | None, dict[str, Any]]:
    """The visit during which it happened and what its pages show; nothing if there was none, or none to read."""
    if isinstance(request.env.get(web.REFUSAL), Unavailable):
        return None, {}  # the front has no thread for this page, so it must not ask the database
    try:
        visit = enter(platform, request)
        return visit, pages.summary(visit)
    except Exception:  # what failed may fail again, and the error page must not
        return None, {}
