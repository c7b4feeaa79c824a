"""Draw pages: templates, their languages, and the headers that keep them safe. Source: docs/checkout.md."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import falcon
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pfennig.language import LANGUAGES, say
from pfennig.operations.call import Platform

HERE = Path(__file__).parent
STATIC = HERE / "static"

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "img-src 'self' data:",
            # Browsers hold this against redirects too, and a shop may lead the payer on to another host of its own.
            "form-action 'self' https: http:",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

templates = Environment(
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
    **context: Any,
) -> None:
    """Puts a page into the response, in that language, with the language switch at its foot."""
    page = templates.get_template(template)
    response.content_type = falcon.MEDIA_HTML
    for name, value in HEADERS.items():
        response.set_header(name, value)
    if platform.public_url.startswith("https:"):
        response.set_header("Strict-Transport-Security", "max-age=31536000")
    response.text = page.render(
        {
            "language": language,
            "_": lambda message, **values: say(message, language, **values),
            "twin": platform.is_twin,
            "languages": switches(request, language),
            "asset": asset,
            "shop": None,
            "amount": None,
            "purpose": None,
            **context,
        }
    )


def switches(request: falcon.Request, language: str) -> list[dict[str, Any]]:
    """The page that is shown, in each language. A page that came by POST is asked for anew."""
    kept = {name: value for name, value in request.params.items() if name != "lang" and isinstance(value, str)}
    path = request.path if request.method == "GET" or request.path.startswith("/sim/") else "/pay"
    return [
        {
            "code": code,
            "label": label,
            "url": f"{path}?{urlencode(kept | {'lang': code})}",
            "current": code == language,
        }
        for code, label in LANGUAGES.items()
    ]


@cache
def asset(name: str) -> str:
    """The address of a file, with its content's hash in it, so that browsers may keep it for good."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/pay/static/{digest}/{name}"


class StaticDoor:
    """Serves the few files of the pages."""

    TYPES: ClassVar = {"checkout.css": "text/css; charset=utf-8", "checkout.js": "text/javascript; charset=utf-8"}

    def on_get(self, request: falcon.Request, response: falcon.Response, digest: str, name: str) -> None:
        """A file, to be kept by the browser for a year."""
        if name not in self.TYPES:
            raise falcon.HTTPNotFound
        response.content_type = self.TYPES[name]
        response.set_header("Cache-Control", "public, max-age=31536000, immutable")
        response.set_header("X-Content-Type-Options", "nosniff")
        response.data = (STATIC / name).read_bytes()
