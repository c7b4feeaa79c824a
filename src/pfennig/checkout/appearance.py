"""The appearance of a page by its contract's branding: colour, logo, background, and who may frame it."""

from dataclasses import dataclass

import falcon

from pfennig.checkout import colours
from pfennig.checkout.frame import Frame
from pfennig.checkout.visit import DeadLink, Visit
from pfennig.domain.branding import origin
from pfennig.operations.core.call import Platform
from pfennig.storage.shelf import UnknownId


@dataclass(frozen=True)
class Appearance:
    """The differences of a page from the plain one. domains: who may frame it."""

    css: str | None = None
    logo: str | None = None
    background: str | None = None
    domains: tuple[str, ...] = ()
    frame: Frame | None = None

    @property
    def pictures(self) -> str:
        """The sources from which a page may load pictures, for its content security policy."""
        return " ".join(["'self'", "data:", *([origin(self.background)] if self.background else [])])


PLAIN = Appearance()


def of(visit: Visit) -> Appearance:
    """The appearance of a visit's pages."""
    look, background = visit.branding, visit.branding.background
    return Appearance(
        css=colours.css(look.primary_colour) if look.primary_colour else None,
        logo=visit.contract.logo_path,
        background=background.image_url if background.enabled and not visit.frame else None,
        domains=tuple(look.domains),
        frame=visit.frame,
    )


class LogoDoor:
    """GET /pay/logo/{contract}/{digest}: a picture that somebody else drew."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response, contract_id: str, digest: str) -> None:
        """The logo, to be kept by the browser for a year. Raises DeadLink."""
        with self.platform.database.view() as view:
            try:
                logo = view.contracts.get(contract_id).branding.logo
            except UnknownId:
                raise DeadLink from None
        if logo is None or logo.digest != digest:
            raise DeadLink
        response.content_type, response.data = logo.content_type, logo.data
        response.set_header("Cache-Control", "public, max-age=31536000, immutable")
        response.set_header("X-Content-Type-Options", "nosniff")
        # An SVG may contain scripts, which must not run when its address is opened.
        response.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
