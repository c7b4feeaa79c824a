"""The whole application: the platform for the settings, and every door in its place."""

import ipaddress
import sys
import time
from collections.abc import Sequence
from threading import Event as Signal

import falcon
import structlog

from pfennig import ids
from pfennig.api import door as api_door
from pfennig.api import errors, health, oauth
from pfennig.checkout import bank, pages, problems, qr
from pfennig.checkout import door as pay_door
from pfennig.clock import Clock, system_clock
from pfennig.domain.parties import Key
from pfennig.gateways import Gateway
from pfennig.gateways.simulator import Simulator
from pfennig.operations import world
from pfennig.operations.call import Platform, Profile
from pfennig.settings import Settings
from pfennig.storage.database import Database

log = structlog.get_logger()

SHOPPER_PATHS = ("/pay", "/sim/", "/qr/")
BLOCKING_THREADS = 8
"""Requests that one process works on at a time; each may hold a connection, and the worker needs some too."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def database(settings: Settings, clock: Clock = system_clock) -> Database:
    """The database of the settings. Raises BadAddress."""
    return Database(settings.database, clock, pool_size=BLOCKING_THREADS + 4)


def prepare(store: Database, profile: Profile) -> None:
    """What must be there before the first request: the key for forms, and in the twin the demo merchants."""
    with store.unit() as unit:
        if unit.keys.find("forms") is None:
            unit.keys.add(Key(id="forms", value=ids.new_secret(), created=unit.now))
    if profile is Profile.TWIN:
        world.seed(store, world.read(world.DEMO), update=False)


def platform(settings: Settings, store: Database, woken: Signal) -> Platform:
    """The platform on a database that was prepared."""
    with store.view() as view:
        key = view.keys.get("forms")
    profile = Profile(settings.profile)
    return Platform(
        database=store,
        gateways=rails(profile),
        public_url=settings.own_url,
        profile=profile,
        signing_key=bytes.fromhex(key.value),
        wake=woken.set,
    )


def rails(profile: Profile) -> dict[str, Gateway]:
    """The rail of each method. An operator's rails are not there yet, so nothing can be paid there."""
    if profile is Profile.OPERATOR:
        return {}
    simulator = Simulator()
    return {"creditcard": simulator, "debit": simulator, "prepaid": simulator}


def create(platform: Platform, proxies: Sequence[Network] = ()) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application."""
    app = falcon.App(middleware=[AccessLog(proxies)])
    app.req_options.strip_url_path_trailing_slash = True
    app.add_route("/oauth/token", oauth.TokenDoor(platform))
    app.add_route("/health/live", health.Live())
    app.add_route("/health/ready", health.Ready(platform))
    pay = pay_door.PayDoor(platform)
    app.add_route("/pay", pay)
    app.add_route("/pay/result", pay, suffix="result")
    app.add_route("/pay/abort", pay, suffix="abort")
    app.add_route("/pay/{method}", pay, suffix="method")
    app.add_route("/pay/static/{digest}/{name}", pages.StaticDoor())
    app.add_route("/qr/epc", qr.QrDoor(platform))
    if platform.is_twin:
        app.add_route("/sim/3ds/{attempt_id}", bank.BankDoor(platform))
    app.add_sink(api_door.ApiDoor(platform), r"/api/v2(?=/|$)")
    for kind in (Exception, falcon.HTTPError):  # Falcon has a handler of its own for the second
        app.add_error_handler(kind, Errors(platform))
    return app


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
            path=request.path,
            status=response.status_code,
            ms=round((time.perf_counter() - request.context.begun) * 1000, 1),
            client=client_address(request, self.proxies),
        )


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


def set_up_log() -> None:
    """Log lines on standard error: for people in a terminal, as JSON anywhere else. Never with local variables."""
    is_terminal = sys.stderr.isatty()
    last: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if is_terminal:
        last = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if is_terminal else [structlog.processors.format_exc_info]),
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
