"""Draw pages: templates, their languages, and the headers that keep them safe. Source: docs/checkout.md."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import falcon

from pfennig import ids
from pfennig.checkout import appearance, delivery, hint
from pfennig.checkout.assets import asset, integrity
from pfennig.checkout.visit import FINISHED, Visit
from pfennig.language import LANGUAGES, isolated_text, say
from pfennig.mails import basket
from pfennig.operations.core.call import Platform
from pfennig.templates import environment

HERE = Path(__file__).parent

POLICY = (
    "default-src 'none'",
    "style-src 'nonce-{nonce}'",
    "script-src 'nonce-{nonce}'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "img-src {pictures}",
    "font-src {fonts}",
    # Browsers apply this to redirects, too, and a shop may redirect the payer to another host of its own.
    "form-action 'self' https: http:",
    "base-uri 'none'",
    "frame-ancestors {ancestors}",
)

CALLS = "connect-src 'self'"
"""The rule for a page whose script asks this server something."""

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


def draw(
    request: falcon.Request,
    response: falcon.Response,
    platform: Platform,
    template: str,
    language: str,
    framed_by: str | None = None,
    calls_us: bool = False,
    **context: Any,
) -> None:
    """Puts a page into the response, in that language, with the language switch at its foot.

    framed_by: whose pages may frame it, in the words of frame-ancestors; by default the contract's domains.
    calls_us: whether its script may ask this server something.
    """
    page, nonce = environment(HERE / "templates", language).get_template(template), ids.new_nonce()
    shown = context.setdefault("appearance", appearance.PLAIN)
    ancestors = framed_by or " ".join(shown.domains) or "'none'"
    policy = "; ".join([*POLICY, CALLS] if calls_us else POLICY).format(
        nonce=nonce, pictures=shown.pictures, fonts=shown.fonts, ancestors=ancestors
    )
    response.content_type = falcon.MEDIA_HTML
    for name, value in HEADERS.items():
        response.set_header(name, value)
    response.set_header("Content-Security-Policy", policy)
    if platform.public_url.startswith("https:"):
        response.set_header("Strict-Transport-Security", "max-age=31536000")
    response.text = page.render(
        {
            "language": language[:2],
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
            "checks": None,
            **context,
        }
    )


def show(request: falcon.Request, response: falcon.Response, visit: Visit, template: str, **context: Any) -> None:
    """Puts a page of a visit into the response."""
    draw(request, response, visit.call.platform, template, visit.language, **{**summary(visit), **context})


def summary(visit: Visit) -> dict[str, Any]:
    """The summary on every page of a visit: who is paid, how much, for what, and how to give up."""
    wording, lines = visit.wording, basket.folded_lines(visit.stx, visit.due, visit.language)
    title = wording.get("basket_title") or say("Your order", visit.language)
    return {
        "shop": isolated_text(visit.merchant.companyname),
        "project": isolated_text(wording.get("project_title") or ""),
        "amount": None if visit.stx.is_for_instrument else visit.due.text_in(visit.language),
        "replacing": visit.stx.is_for_instrument,
        "purpose": isolated_text(visit.stx.transaction_ref or ""),
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
