"""The appearance of a page by its contract's branding: style, pictures, links, and who may frame it."""

from dataclasses import dataclass

import falcon

from pfennig.checkout import colours, fonts
from pfennig.checkout.assets import asset
from pfennig.checkout.frame import Frame
from pfennig.checkout.visit import DeadLink, Visit
from pfennig.domain.branding import Branding, origin
from pfennig.domain.legal_links import Link, legal_links, support_links
from pfennig.operations.core.call import Platform
from pfennig.storage.shelf import UnknownId


@dataclass(frozen=True)
class Appearance:
    """The differences of a page from the plain one.

    css: rules after the style sheet. font: the address of the font's usual letters; None for the device's font.
    logo, dark_logo, favicon: addresses of ours. legal, support: the links at the foot. domains: who may frame it.
    """

    css: str | None = None
    font: str | None = None
    logo: str | None = None
    dark_logo: str | None = None
    favicon: str | None = None
    background: str | None = None
    legal: tuple[Link, ...] = ()
    support: tuple[Link, ...] = ()
    domains: tuple[str, ...] = ()
    frame: Frame | None = None

    @property
    def pictures(self) -> str:
        """The sources from which a page may load pictures, for its content security policy."""
        return " ".join(["'self'", "data:", *([origin(self.background)] if self.background else [])])

    @property
    def fonts(self) -> str:
        """The sources from which a page may load fonts, for its content security policy."""
        return "'self'" if self.font else "'none'"


PLAIN = Appearance()


def of(visit: Visit) -> Appearance:
    """The appearance of a visit's pages."""
    look, background, contract = visit.branding, visit.branding.background, visit.contract
    return Appearance(
        css=css(look),
        font=asset(f"{look.font}.woff2") if look.font in fonts.FONTS else None,
        logo=contract.logo_path,
        dark_logo=contract.picture_path(look.dark_logo),
        favicon=contract.picture_path(look.tab_sign),
        background=background.image_url if background.enabled and not visit.frame else None,
        legal=tuple(legal_links(contract, visit.merchant, visit.call.platform.public_url, visit.language)),
        support=tuple(support_links(contract, visit.merchant, visit.language)),
        domains=tuple(look.domains),
        frame=visit.frame,
    )


def css(look: Branding) -> str | None:
    """The rules of a branding, to stand after the style sheet; None where it changes nothing."""
    rules = [
        colours.css(look.primary_colour, look.background_colour)
        if look.primary_colour or look.background_colour
        else "",
        "" if look.corner_radius is None else f":root{{--round:{look.corner_radius / 16:g}rem}}",
        fonts.css(look.font, asset) if look.font in fonts.FONTS else "",
    ]
    return "".join(rules) or None


class PictureDoor:
    """GET /pay/logo/{contract}/{digest}: a logo, or the sign of a tab, that somebody else drew."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, contract_id: str, digest: str) -> None:
        """The picture, to be kept by the browser for a year. Raises DeadLink."""
        with self.platform.database.view() as view:
            try:
                branding = view.contracts.get(contract_id).branding
            except UnknownId:
                raise DeadLink from None
        picture = next((each for each in branding.pictures() if each.digest == digest), None)
        if picture is None:
            raise DeadLink
        response.content_type, response.data = picture.content_type, picture.data
        response.set_header("Cache-Control", "public, max-age=31536000, immutable")
        response.set_header("X-Content-Type-Options", "nosniff")
        # An SVG may contain scripts, which must not run when its address is opened.
        response.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
