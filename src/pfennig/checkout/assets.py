"""The files of the pages: style, scripts, fonts. Their addresses have a hash in them. Source: docs/checkout.md."""

import base64
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import ClassVar

import falcon

from pfennig.checkout import fonts

STATIC = Path(__file__).parent / "static"

SCRIPTS = {
    "checkout.js": "Groups digits, names the card's brand and the bank, checks entries before they are sent, copies "
    "transfer details, fills in test data, keeps a form from being sent twice. Nobody needs it to pay.",
    "result.js": "On the result page only: looks now and then how the payment stands, and prints the page.",
    "frame.js": "In a frame only: reports height, sum and the payment's progress to the shop's page around it.",
    "embed.js": "In the shop's page only: opens the payment page in a dialog or a frame, or shows wallets alone.",
    "card-form.js": "Runs the card form in shops' own pages: encrypts the card number, and speaks with the shop's "
    "page. In the twin only.",
}
"""Every script of the pages, and why it is there (PCI DSS 6.4.3). The policy above lets nothing else run."""


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

    TYPES: ClassVar = {
        "checkout.css": "text/css; charset=utf-8",
        **dict.fromkeys(SCRIPTS, SCRIPT),
        **dict.fromkeys(fonts.FILES, "font/woff2"),
    }

    def on_get(self, request: falcon.Request, response: falcon.Response, digest: str, name: str) -> None:
        """A file, to be kept by the browser for a year."""
        if name not in self.TYPES:
            raise falcon.HTTPNotFound
        self.serve(request, response, name, "public, max-age=31536000, immutable")

    def on_get_embed(self, request: falcon.Request, response: falcon.Response) -> None:
        """GET /embed.js: the script of shops as it is today, to be kept for five minutes."""
        self.serve(request, response, "embed.js", "public, max-age=300")

    def serve(self, request: falcon.Request, response: falcon.Response, name: str, kept: str) -> None:
        """Puts a file into the response, packed for whoever can unpack it.

        Fonts are packed already, and pages with secrets never are.
        """
        response.content_type, response.data = self.TYPES[name], (STATIC / name).read_bytes()
        if name not in fonts.FILES and "gzip" in (request.get_header("Accept-Encoding") or ""):
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
