"""Draw pages: templates, their languages, and the headers that keep them safe. Source: docs/checkout.md."""

import base64
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

import falcon

from pfennig import ids
from pfennig.checkout import appearance, basket, delivery, hint
from pfennig.checkout.visit import FINISHED, Visit
from pfennig.language import LANGUAGES, say
from pfennig.operations.core.call import Platform

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
STATIC = HERE / "static"

POLICY = (
    "default-src 'none'",
    "style-src 'nonce-{nonce}'",
    "script-src 'nonce-{nonce}'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "img-src {pictures}",
    # Browsers apply this to redirects, too, and a shop may redirect the payer to another host of its own.
    "form-action 'self' https: http:",
    "base-uri 'none'",
    "frame-ancestors {ancestors}",
)

UNUSED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

SCRIPTS = {
    "checkout.js": "Groups digits, names the card's brand, copies transfer details, fills in test data, keeps a "
    "form from being sent twice. Nobody needs it to pay.",
    "frame.js": "In a frame only: reports the page's height and the payment's progress to the shop's page around it.",
    "embed.js": "In the shop's page only: opens the payment page in a dialog or a frame.",
    "card-form.js": "Runs the card form in shops' own pages: checks what was typed, encrypts the card number, and "
    "speaks with the shop's page. In the twin only.",
}
"""Every script of the pages, and why it is there (PCI DSS 6.4.3). The policy above lets nothing else run."""


@cache
def templates() -> "Environment":
    """The templates. What reads them takes a while to import, and a server starts faster without it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def draw(
    request: falcon.Request,
    response: falcon.Response,
    platform: Platform,
    template: str,
    language: str,
    framed_by: str | None = None,
    **context: Any,
) -> None:
    """Puts a page into the response, in that language, with the language switch at its foot.

    framed_by: whose pages may frame it, in the words of frame-ancestors; by default the contract's domains.
    """
    page, nonce = templates().get_template(template), ids.new_nonce()
    shown = context.setdefault("appearance", appearance.PLAIN)
    ancestors = framed_by or " ".join(shown.domains) or "'none'"
    policy = "; ".join(POLICY).format(nonce=nonce, pictures=shown.pictures, ancestors=ancestors)
    response.content_type = falcon.MEDIA_HTML
    for name, value in HEADERS.items():
        response.set_header(name, value)
    response.set_header("Content-Security-Policy", policy)
    if platform.public_url.startswith("https:"):
        response.set_header("Strict-Transport-Security", "max-age=31536000")
    response.text = page.render(
        {
            "language": language[:2],
            "_": lambda message, **values: say(message, language, **values),
            "twin": not platform.can.moves_money,
            "languages": LANGUAGES,
            "language_url": language_url(request),
            "nonce": nonce,
            "asset": asset,
            "integrity": integrity,
            "shop": None,
            "project": None,
            "amount": None,
            "replacing": False,
            "purpose": None,
            "basket": None,
            "hint": None,
            "subscription": None,
            "delivery": None,
            "abort": None,
            **context,
        }
    )


def show(request: falcon.Request, response: falcon.Response, visit: Visit, template: str, **context: Any) -> None:
    """Puts a page of a visit into the response."""
    draw(request, response, visit.call.platform, template, visit.language, **{**summary(visit), **context})


def summary(visit: Visit) -> dict[str, Any]:
    """The summary on every page of a visit: who is paid, how much, for what, and how to give up."""
    wording, lines = visit.wording, basket.lines(visit.stx, visit.due, visit.language)
    title = wording.get("basket_title") or say("Your order", visit.language)
    return {
        "shop": visit.merchant.companyname,
        "project": wording.get("project_title"),
        "amount": None if visit.stx.is_for_instrument else visit.due.text_in(visit.language),
        "replacing": visit.stx.is_for_instrument,
        "purpose": visit.stx.transaction_ref,
        "basket": {"title": title, "lines": lines} if lines and visit.branding.is_basket_shown else None,
        "subscription": visit.terms,
        "hint": None if visit.stx.status in FINISHED else hint.hint(wording),
        "delivery": delivery.delivery_view(visit),
        "abort": visit.abort,
        "appearance": appearance.of(visit),
    }


def language_url(request: falcon.Request) -> str:
    """The address of the page that is shown, up to its language. A page that came by POST is asked for anew."""
    kept = {name: value for name, value in request.params.items() if name != "lang" and isinstance(value, str)}
    path = request.path if request.method == "GET" or request.path.startswith("/sim/") else "/pay"
    return f"{path}?{urlencode({**kept, 'lang': ''})}"


@cache
def asset(name: str) -> str:
    """The address of a file, with its content's hash in it, so that browsers may keep it for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/pay/static/{digest}/{name}"


@cache
def integrity(name: str) -> str:
    """The hash of a file as browsers check it."""
    return "sha384-" + base64.b64encode(hashlib.sha384((STATIC / name).read_bytes()).digest()).decode()


def inventory() -> list[dict[str, str]]:
    """Every script that a page may load: its address, its hash, and why it is there."""
    return [{"url": asset(name), "integrity": integrity(name), "why": why} for name, why in SCRIPTS.items()]


class ScriptsDoor:
    """GET /pay/scripts.json: the inventory, for those who check that nobody changed a script."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The inventory."""
        response.media = {"scripts": inventory()}
        response.set_header("Cache-Control", "no-cache")
        response.set_header("X-Content-Type-Options", "nosniff")


SCRIPT = "text/javascript; charset=utf-8"


class StaticDoor:
    """Serves the few files of the pages, to shops as well: with a hash browsers take a script by CORS only."""

    TYPES: ClassVar = {"checkout.css": "text/css; charset=utf-8", **dict.fromkeys(SCRIPTS, SCRIPT)}

    def on_get(self, request: falcon.Request, response: falcon.Response, digest: str, name: str) -> None:
        """A file, to be kept by the browser for a year."""
        if name not in self.TYPES:
            raise falcon.HTTPNotFound
        self.serve(request, response, name, "public, max-age=31536000, immutable")

    def on_get_embed(self, request: falcon.Request, response: falcon.Response) -> None:
        """GET /embed.js: the script of shops as it is today, to be kept for five minutes."""
        self.serve(request, response, "embed.js", "public, max-age=300")

    def serve(self, request: falcon.Request, response: falcon.Response, name: str, kept: str) -> None:
        """Puts a file into the response, packed for whoever can unpack it. Pages with secrets are never packed."""
        response.content_type, response.data = self.TYPES[name], (STATIC / name).read_bytes()
        if "gzip" in (request.get_header("Accept-Encoding") or ""):
            response.data = gzip_file(name)
            response.set_header("Content-Encoding", "gzip")
        response.set_header("Vary", "Accept-Encoding")
        response.set_header("Cache-Control", kept)
        response.set_header("X-Content-Type-Options", "nosniff")
        response.set_header("Cross-Origin-Resource-Policy", "cross-origin")
        response.set_header("Access-Control-Allow-Origin", "*")


@cache
def gzip_file(name: str) -> bytes:
    """A file as it is sent to browsers."""
    return gzip.compress((STATIC / name).read_bytes(), mtime=0)
