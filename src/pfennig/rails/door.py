"""/rails: webhooks of rails, and the way back from their pages. Source: docs/operators.md#rails."""

from urllib.parse import urlencode

import falcon

from pfennig import web
from pfennig.clock import system_clock
from pfennig.domain.attempt import Attempt
from pfennig.errors import NotFound
from pfennig.gateways.notices import Delivery
from pfennig.operations import notices
from pfennig.operations.core.call import Platform
from pfennig.operations.pay import ways
from pfennig.storage.shelf import UnknownId

LARGEST_REPORT = 2**18
"""Bytes of a webhook's body; theirs are a hundredth of it."""


class UnknownReturn(NotFound):
    """This way back leads nowhere"""

    code = 3198


class NotifyDoor:
    """POST /rails/{rail}/notify: what a rail reports."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post(self, request: falcon.Request, response: falcon.Response, rail: str) -> None:
        """Takes in a delivery of notices; answers how many there were.

        Raises BodyTooLarge, WrongSignature, UnreadableReport, UnknownRail, UnknownReference, UnderWay, ReportNotRead.
        """
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery = Delivery(headers, web.raw(request, LARGEST_REPORT), system_clock())
        response.media = {"taken": notices.take(self.platform, rail, delivery)}


class ReturnDoor:
    """/rails/return/{attempt}: a payer comes back. Some pages send a form, whose content nobody reads."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, attempt_id: str) -> None:
        """Leads on: to the shop that sent them, or into our checkout. Raises UnknownReturn."""
        try:
            attempt = notices.come_back(self.platform, attempt_id)
        except UnknownId:
            raise UnknownReturn from None
        raise falcon.HTTPSeeOther(self.onward(attempt))

    def on_post(self, request: falcon.Request, response: falcon.Response, attempt_id: str) -> None:
        """Leads payers back who come with a form."""
        web.raw(request, LARGEST_REPORT)
        self.on_get(request, response, attempt_id)

    def onward(self, attempt: Attempt) -> str:
        """The address where payers go on: as long as the rail knows nothing, the page that says so."""
        with self.platform.database.view() as view:
            stx = view.smart_transactions.get(attempt.smart_transaction_id)
        page = "/pay/result" if attempt.is_open else "/pay/onward"
        ours = f"{page}?{urlencode({'stx': stx.id, 'lang': stx.language})}"
        return (None if attempt.is_open else ways.shops_url(stx, attempt)) or ours
