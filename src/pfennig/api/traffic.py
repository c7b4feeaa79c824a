"""Every request has an id, one line in the log, its place in the metrics, and headers that keep its answer safe."""

import re
import time
from collections.abc import Sequence

import falcon
import structlog

from pfennig import ids, web
from pfennig.api.metrics import Metrics

log = structlog.get_logger()

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

COUNTED = frozenset(web.VERBS)
ELSEWHERE = "elsewhere"
"""The label for unknown addresses: with their own names callers could make up as many labels as they like."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of all answers that are not pages; pages say more precisely what they need."""

ENCRYPTED_SECONDS = 31_536_000
"""The seconds for which browsers shall ask us by https only: a year."""


class Traffic:
    """Sees each request first and its answer last.

    proxies: whose word about addresses and ids is believed. is_https: whether others reach us only encrypted.
    """

    def __init__(self, metrics: Metrics, proxies: Sequence[web.Network], is_https: bool) -> None:
        self.metrics, self.proxies = metrics, proxies
        lasting = {"Strict-Transport-Security": f"max-age={ENCRYPTED_SECONDS}"} if is_https else {}
        self.headers = HEADERS | lasting

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Notes when it began and who asks. Each line that is logged on its way has its id."""
        request.context.begun = time.perf_counter()
        forwarded = request.get_header("X-Forwarded-For") or ""
        request.context.address = web.client_address(request.remote_addr or "", forwarded, self.proxies)
        request.context.network = web.network_of(request.context.address)
        request_id = self.request_id(request)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response.set_header("X-Request-ID", request_id)

    def request_id(self, request: falcon.Request) -> str:
        """The id that a trusted proxy gave it, else a fresh one."""
        given = request.get_header("X-Request-ID") or ""
        is_trusted = web.is_in(request.remote_addr or "", self.proxies)
        return given if is_trusted and SANE_ID.fullmatch(given) else ids.new_request()

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Writes the line, without the request's parameters: they may lead to somebody's payment."""
        wait: web.Wait | None = request.env.get(web.WAIT)
        if wait and wait.seconds:
            return  # the front asks again, and the answer comes then
        if location := response.get_header("Location"):
            response.set_header("Location", web.ascii_address(location))
        for name, value in self.headers.items():
            if response.get_header(name) is None:
                response.set_header(name, value)
        seconds, named = time.perf_counter() - request.context.begun, operation(request)
        support_id = request.context.get("support_id")
        self.metrics.count_answer(named, response.status_code, seconds)
        log.info(
            "request",
            method=request.method,
            path=web.logged_path(request),
            operation=named,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            address=request.context.address,
            **({"support_id": support_id} if support_id else {}),
        )


def operation(request: falcon.Request) -> str:
    """The name of an operation as in the docs, with names instead of ids: POST /pay/{method}."""
    named: str | None = request.context.get("operation") or request.uri_template
    return f"{request.method} {named}" if named and request.method in COUNTED else ELSEWHERE
