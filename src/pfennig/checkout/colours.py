"""A contract's colours as properties of the style sheet, so that everything can be read, light and dark."""

from collections.abc import Sequence
from dataclasses import dataclass

from pfennig.domain.colour import BLACK, READABLE, VISIBLE, WHITE, colour_mix, contrast, shade, text_on


@dataclass(frozen=True)
class Scheme:
    """The colours of the style sheet, by their names there, in the light or in the dark."""

    card: str
    page: str
    raised: str
    ink: str
    soft: str
    accent: str
    edge: str
    bad: str


LIGHT = Scheme("#ffffff", "#f3f4f1", "#f7f8f5", "#1a201d", "#59625d", "#155e4b", "#828b85", "#a92a1f")
DARK = Scheme("#1a1e1c", "#111412", "#212623", "#eaedea", "#a5aea8", "#84d2b9", "#78827c", "#ff9f92")

TINT, HOVER = 8, 0.2
"""The most percent of colour in an area behind fields, and how far hovering moves it away from the text's colour."""

SOFT, LINE = 0.25, 0.15
"""The share of the page's colour in less important text, and that of the text in a line."""

DIM = 0.15
"""The share of a contract's page colour in its dark page."""


def css(primary: str, page: str) -> str:
    """The rules, to stand after the style sheet. page: the colour of the page; either may be empty."""
    light, dark = {}, {}
    if primary:
        light = accents(primary, LIGHT, page) | button(primary)
        dark = accents(primary, DARK, page)
        # A dark button could not be seen on a dark card, so it gets the shade of the text there.
        dark |= button(dark["accent"])
    if page:
        light |= on_page(page, LIGHT, primary)
        dark |= on_page(colour_mix(DARK.page, page, DIM), DARK, primary)
    return f":root{{{declarations(light)}}}@media (prefers-color-scheme:dark){{:root{{{declarations(dark)}}}}}"


def accents(colour: str, scheme: Scheme, page: str) -> dict[str, str]:
    """The colour as text, lines and areas. A page with a colour of its own has an accent of its own."""
    tints = (colour_mix(scheme.card, colour, share / 100) for share in range(TINT, 0, -1))
    tint = next((one for one in tints if holds_fields(one, scheme)), scheme.card)
    return {"tint": tint} | accent(colour, (scheme.card, scheme.raised, tint, *([] if page else [scheme.page])))


def holds_fields(ground: str, scheme: Scheme) -> bool:
    """True where the edges of fields can be seen on this, and what is written about them can be read."""
    return contrast(scheme.edge, ground) >= VISIBLE and contrast(scheme.bad, ground) >= READABLE


def accent(colour: str, surfaces: Sequence[str]) -> dict[str, str]:
    """The colour as text on these, which are alike bright, and what hovering makes of it."""
    text = shade(colour, surfaces)
    return {"accent": text, "accent-deep": colour_mix(text, text_on(surfaces[0]), HOVER)}


def on_page(page: str, scheme: Scheme, primary: str) -> dict[str, str]:
    """The colour of the page, and of all that stands on it: text, links and lines."""
    ink = scheme.ink if contrast(scheme.ink, page) >= READABLE else text_on(page)
    soft = shade(colour_mix(ink, page, SOFT), [page])
    found = {"ink": ink, "soft": soft, "line": colour_mix(page, ink, LINE)}
    found |= accent(primary or scheme.accent, [page])
    return {"page": page} | {f"page-{name}": value for name, value in found.items()}


def button(colour: str) -> dict[str, str]:
    """The colour as a button, and what is written on it."""
    text = text_on(colour)
    away = BLACK if text == WHITE else WHITE
    return {"button": colour, "button-deep": colour_mix(colour, away, HOVER), "on-accent": text}


def declarations(values: dict[str, str]) -> str:
    """CSS properties as declarations."""
    return ";".join(f"--{name}:{value}" for name, value in values.items())
