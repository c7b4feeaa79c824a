"""The whole application: every door in its place, one word for every error."""

import falcon
import falcon.inspect

from pfennig import web
from pfennig.api import description, documents, errors, health, manual, oauth
from pfennig.api import door as api_door
from pfennig.api.cors import Cors
from pfennig.api.metrics import Metrics, MetricsDoor
from pfennig.api.quota import Quota
from pfennig.api.traffic import Traffic
from pfennig.checkout import appearance, assets, banks, card_form, problems, qr
from pfennig.checkout import door as pay_door
from pfennig.checkout.legal import LegalDoor
from pfennig.checkout.limits import require_calm
from pfennig.checkout.wallets import WalletsDoor
from pfennig.lab import door as lab
from pfennig.lab.balances import BalancesDoor
from pfennig.lab.clock import ClockDoor
from pfennig.lab.contracts import ContractsDoor
from pfennig.lab.devices import DevicesDoor
from pfennig.lab.idents import IdentsDoor
from pfennig.lab.mails import MailsDoor
from pfennig.lab.outcomes import OutcomesDoor
from pfennig.lab.quiet import QuietDoor
from pfennig.lab.tokens import TokensDoor
from pfennig.once import Once
from pfennig.operations.core.call import Platform
from pfennig.rails.door import NotifyDoor, ReturnDoor
from pfennig.rates import Rates
from pfennig.settings import Settings
from pfennig.structs import prepare_structs
from pfennig.twin.pages import bank, ident, transfer, wallets

SHOPPER_PATHS = ("/pay", "/sim/", "/qr/", "/rails/return/")
PROGRAM_PATHS = ("/api/", "/lab/", "/oauth/", "/rails/")
DEFAULTS = Settings()

SERVER_ERROR = 500


def create(
    platform: Platform, settings: Settings = DEFAULTS, metrics: Metrics | None = None
) -> falcon.App[falcon.Request, falcon.Response]:
    """The WSGI application. metrics: where it counts, if somebody else does so, too."""
    prepare_structs()
    metrics = metrics or Metrics()
    quota = Quota(settings.rate_limit if platform.can.limits_rates else 0)
    traffic = Traffic(metrics, settings.proxies, is_https=platform.public_url.startswith("https:"))
    app = falcon.App(middleware=[traffic])
    app.add_middleware(Heads())
    app.add_middleware(Cors(settings.origins, platform.can.has_demo_merchants))
    app.add_middleware(TurnedAway())
    app.add_middleware(CalmShoppers())
    app.req_options.strip_url_path_trailing_slash = True
    app.add_route("/oauth/token", oauth.TokenDoor(platform, quota))
    app.add_route("/openapi.json", description.door(platform.public_url))
    app.add_route("/docs", manual.door(platform.public_url, platform.can.has_demo_merchants))
    app.add_route("/health/live", health.Live())
    app.add_route("/health/ready", health.Ready(platform))
    app.add_route("/metrics", MetricsDoor(platform, metrics, settings.metrics_token))
    app.add_route("/documents/{name}", documents.DocumentDoor(platform))
    pay = pay_door.PayDoor(platform)
    app.add_route("/pay", pay)
    app.add_route("/pay/result", pay, suffix="result")
    app.add_route("/pay/abort", pay, suffix="abort")
    app.add_route("/pay/leave", pay, suffix="leave")
    app.add_route("/pay/onward", pay, suffix="onward")
    app.add_route("/pay/{method}", pay, suffix="method")
    app.add_route("/pay/wallets", WalletsDoor(platform))
    app.add_route(banks.PATH, banks.BanksDoor(platform))
    app.add_route("/pay/scripts.json", assets.ScriptsDoor())
    static = assets.StaticDoor()
    app.add_route("/pay/static/{digest}/{name}", static)
    app.add_route("/embed.js", static, suffix="embed")
    app.add_route("/pay/logo/{contract_id}/{digest}", appearance.PictureDoor(platform))
    legal = LegalDoor(platform)
    app.add_route("/pay/legal/{id}", legal)
    app.add_route("/pay/legal/{id}/{type}", legal, suffix="current")
    app.add_route("/qr/epc", qr.QrDoor(platform))
    app.add_route("/qr/link", qr.LinkDoor(platform))
    app.add_route("/rails/return/{attempt_id}", ReturnDoor(platform))
    app.add_route("/rails/{rail}/notify", NotifyDoor(platform))
    if platform.can.has_lab:
        add_lab(app, platform)
        app.add_route("/", manual.Entrance())
        app.add_route("/sim/ident/{id}", ident.IdentDoor(platform))
        app.add_route("/sim/transfer", transfer.TransferDoor(platform))
        app.add_route("/sim/{page}", wallets.WalletDoor(platform))
        app.add_route("/sim/{page}/{attempt_id}", bank.BankDoor(platform))
        app.add_route("/card-form", card_form.CardFormDoor(platform))
    app.add_sink(api_door.ApiDoor(platform, quota), r"/api/v2(?=/|$)")
    for kind in (Exception, falcon.HTTPError):  # Falcon has a handler of its own for the second
        app.add_error_handler(kind, Errors(platform, app))
    return app


def add_lab(app: falcon.App[falcon.Request, falcon.Response], platform: Platform) -> None:
    """The doors of the lab."""
    app.add_route("/lab/v1/bank/transfers", lab.BankDoor(platform))
    surplus = lab.SurplusDoor(platform)
    app.add_route("/lab/v1/bank/transfers/{id}/return", surplus, suffix="transfer")
    app.add_route("/lab/v1/bank/payments/{id}/return", surplus, suffix="return")
    app.add_route("/lab/v1/bank/payments/{id}/unassign", surplus, suffix="unassign")
    app.add_route("/lab/v1/balances", BalancesDoor(platform))
    app.add_route("/lab/v1/contracts/{id}/{decision}", ContractsDoor(platform))
    app.add_route("/lab/v1/devices", DevicesDoor(platform))
    app.add_route("/lab/v1/idents/{id}", IdentsDoor(platform))
    app.add_route("/lab/v1/mails", MailsDoor(platform))
    app.add_route("/lab/v1/outcomes", OutcomesDoor(platform))
    app.add_route("/lab/v1/tokens", TokensDoor(platform))
    app.add_route("/lab/v1/transactions/{id}/timeline", lab.TimelineDoor(platform))
    app.add_route("/lab/v1/transactions/{id}/quiet", QuietDoor(platform))
    clock = ClockDoor(platform)
    app.add_route("/lab/v1/clock", clock)
    for action in ("set", "advance", "next"):
        app.add_route(f"/lab/v1/clock/{action}", clock, suffix=action)


class Errors:
    """Answers errors at any door: a page to shoppers, the API's error body to everybody else."""

    def __init__(self, platform: Platform, app: falcon.App[falcon.Request, falcon.Response]) -> None:
        self.platform, self.app = platform, app

    def __call__(self, request: falcon.Request, response: falcon.Response, error: Exception, _: object) -> None:
        """Answers an error; Falcon's own are put into our words first."""
        if isinstance(error, falcon.HTTPError):
            error = self.as_refusal(request, response, error)
        support_id = errors.answer(request, response, error)
        is_lost = isinstance(error, api_door.UnknownAddress) and is_for_people(request)
        if request.path.startswith(SHOPPER_PATHS) or is_lost:
            response.data = None
            problem = problems.NO_PAGE if not request.path.startswith(SHOPPER_PATHS) else None
            problems.show(self.platform, request, response, error, support_id, problem)

    def as_refusal(self, request: falcon.Request, response: falcon.Response, error: falcon.HTTPError) -> Exception:
        """An error of Falcon's as a refusal. Verbs that Falcon does not know are as good as those we do not offer."""
        if isinstance(error, falcon.HTTPMethodNotAllowed) or request.method not in falcon.COMBINED_METHODS:
            response.set_header("Allow", web.allow_header(self.offered_verbs(request.uri_template)))
            return api_door.VerbNotOffered(f"{request.method[:20]!r} is not offered at this address")
        if isinstance(error, falcon.HTTPNotFound):
            return api_door.UnknownAddress(f"There is no {request.path[:200]!r}")
        return web.BrokenBody("The request is not valid") if error.status_code < SERVER_ERROR else error

    def offered_verbs(self, address: str | None) -> list[str]:
        """The verbs of an address."""
        return self.verbs.get(address or "", [])

    @Once
    def verbs(self) -> dict[str, list[str]]:
        """The verbs of every address. To find them out takes long, so it is done once."""
        return {
            route.path: sorted(method.method for method in route.methods if not method.internal)
            for route in falcon.inspect.inspect_routes(self.app)
        }


def is_for_people(request: falcon.Request) -> bool:
    """True for a browser that looks for a page, and not for an address of programs."""
    return "text/html" in request.accept and not request.path.startswith(PROGRAM_PATHS)


class Heads:
    """Answers HEAD wherever there is a GET: as that, without the body, which Falcon leaves out."""

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Hands a HEAD request to the doors as a GET."""
        if request.method == "HEAD":
            request.method = "GET"
            request.context.is_head = True

    def process_response(
        self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool
    ) -> None:
        """Makes the request HEAD again for the log and the answer, and adds HEAD to what OPTIONS allows."""
        if request.context.get("is_head"):
            request.method = "HEAD"
        if request.method == "OPTIONS" and (verbs := response.get_header("Allow")):
            response.set_header("Allow", web.allow_header(verbs.split(", ")))


class TurnedAway:
    """Refuses a request that the front could not read to its end."""

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Raises what the front refuses."""
        if refusal := request.env.get(web.REFUSAL):
            raise refusal


class CalmShoppers:
    """Limits how many forms a transaction and an address may send."""

    def __init__(self) -> None:
        self.rates = Rates()

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Raises TooFast."""
        if request.path.startswith(SHOPPER_PATHS):
            require_calm(self.rates, request, request.context.network)
