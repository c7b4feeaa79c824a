"""The whole application: every door in its place, one word for every error, one line for every request."""

import ipaddress
import time
from collections.abc import Sequence

import falcon
import structlog

from pfennig import web
from pfennig.api import description, errors, health, manual, oauth
from pfennig.api import door as api_door
from pfennig.checkout import appearance, bank, card_form, customer, pages, problems, qr, wallets
from pfennig.checkout import door as pay_door
from pfennig.checkout.limits import Limits
from pfennig.lab import door as lab
from pfennig.lab.balances import BalancesDoor
from pfennig.lab.clock import ClockDoor
from pfennig.lab.mails import MailsDoor
from pfennig.lab.outcomes import OutcomesDoor
from pfennig.lab.quiet import QuietDoor
from pfennig.operations.call import Platform

log = structlog.get_logger()

SHOPPER_PATHS = ("/pay", "/sim/", "/qr/")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def create(platform: Platform, proxies: Sequence[Network] = ()) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application."""
    app = falcon.App(middleware=[AccessLog(proxies)])
    app.add_middleware(CalmShoppers(proxies))
    app.req_options.strip_url_path_trailing_slash = True
    app.add_route("/oauth/token", oauth.TokenDoor(platform))
    app.add_route("/openapi.json", description.door(platform.public_url))
    app.add_route("/docs", manual.door(platform.public_url, platform.is_twin))
    app.add_route("/health/live", health.Live())
    app.add_route("/health/ready", health.Ready(platform))
    pay = pay_door.PayDoor(platform)
    app.add_route("/pay", pay)
    app.add_route("/pay/result", pay, suffix="result")
    app.add_route("/pay/abort", pay, suffix="abort")
    app.add_route("/pay/onward", pay, suffix="onward")
    app.add_route("/pay/{method}", pay, suffix="method")
    for part, path in customer.PATHS.items():
        app.add_route(path, customer.DetailsDoor(platform, part))
    app.add_route("/pay/scripts.json", pages.ScriptsDoor())
    static = pages.StaticDoor()
    app.add_route("/pay/static/{digest}/{name}", static)
    app.add_route("/embed.js", static, suffix="embed")
    app.add_route("/pay/logo/{contract_id}/{digest}", appearance.LogoDoor(platform))
    app.add_route("/qr/epc", qr.QrDoor(platform))
    app.add_route("/qr/link", qr.LinkDoor(platform))
    if platform.is_twin:
        add_lab(app, platform)
        app.add_route("/sim/{page}", wallets.WalletDoor(platform))
        app.add_route("/sim/{page}/{attempt_id}", bank.BankDoor(platform))
        app.add_route("/card-form", card_form.CardFormDoor(platform))
    app.add_sink(api_door.ApiDoor(platform), r"/api/v2(?=/|$)")
    for kind in (Exception, falcon.HTTPError):  # Falcon has a handler of its own for the second
        app.add_error_handler(kind, Errors(platform))
    return app


def add_lab(app: falcon.App[falcon.Request, falcon.Response], platform: Platform) -> None:
    """The doors of the lab."""
    app.add_route("/lab/v1/bank/transfers", lab.BankDoor(platform))
    app.add_route("/lab/v1/balances", BalancesDoor(platform))
    app.add_route("/lab/v1/mails", MailsDoor(platform))
    app.add_route("/lab/v1/outcomes", OutcomesDoor(platform))
    app.add_route("/lab/v1/transactions/{id}/timeline", lab.TimelineDoor(platform))
    app.add_route("/lab/v1/transactions/{id}/quiet", QuietDoor(platform))
    clock = ClockDoor(platform)
    app.add_route("/lab/v1/clock", clock)
    for action in ("set", "advance", "next"):
        app.add_route(f"/lab/v1/clock/{action}", clock, suffix=action)


class Errors:
    """Says what went wrong: a page to shoppers, the API's error body to everybody else."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def __call__(self, request: falcon.Request, response: falcon.Response, error: Exception, _: object) -> None:
        """Falcon's own errors are put into our words first."""
        if isinstance(error, falcon.HTTPMethodNotAllowed):
            response.set_header("Allow", dict(error.headers or {}).get("Allow", ""))
            error = api_door.VerbNotOffered(f"{request.method} is not offered at this address")
        elif isinstance(error, falcon.HTTPNotFound):
            error = api_door.UnknownAddress(f"There is no {request.path[:200]!r}")
        support_id = errors.answer(request, response, error)
        if request.path.startswith(SHOPPER_PATHS):
            response.data = None
            problems.show(self.platform, request, response, error, support_id)


class AccessLog:
    """One line per request, without its parameters: they may lead to somebody's payment."""

    def __init__(self, proxies: Sequence[Network]) -> None:
        self.proxies = proxies

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Notes when it began."""
        request.context.begun = time.perf_counter()

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Writes the line."""
        log.info(
            "request",
            method=request.method,
            path=web.logged_path(request),
            status=response.status_code,
            ms=round((time.perf_counter() - request.context.begun) * 1000, 1),
            client=client_address(request, self.proxies),
        )


class CalmShoppers:
    """Refuses forms that are sent faster than people can."""

    def __init__(self, proxies: Sequence[Network]) -> None:
        self.proxies, self.limits = proxies, Limits()

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Raises TooFast."""
        if request.path.startswith(SHOPPER_PATHS):
            self.limits.require_calm(request, client_address(request, self.proxies))


def client_address(request: falcon.Request, proxies: Sequence[Network]) -> str:
    """Who really asks: the last address in X-Forwarded-For that is not a trusted proxy's own."""
    hops = [*(request.get_header("X-Forwarded-For") or "").split(","), request.remote_addr or ""]
    for hop in reversed(hops):
        address = hop.strip()
        if not is_in(address, proxies):
            return address[:60]
    return request.remote_addr or ""


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """True for an address of one of the networks."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)
