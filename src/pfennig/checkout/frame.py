"""A page inside a page of the shop. Source: docs/checkout.md#inside-the-shops-page.

The script of the shop (static/embed.js) says in the address who frames us; without it the browser still says that
somebody does.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass

import falcon

FRAMES = frozenset({"iframe", "frame"})


@dataclass(frozen=True)
class Frame:
    """The frame around a page. listener: the origin of the shop that wants to hear what happens, or None."""

    listener: str | None = None


def around(request: falcon.Request, parameters: Mapping[str, str], domains: Container[str]) -> Frame | None:
    """The frame of a request, None for a whole window. A listener that is none of the contract's domains is none."""
    wanted, shown_as = parameters.get("frame"), request.get_header("Sec-Fetch-Dest")
    if not (shown_as in FRAMES if shown_as else wanted):
        return None
    return Frame(wanted if wanted in domains else None)
