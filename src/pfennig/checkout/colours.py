"""A contract's colour as properties of the style sheet, so that everything in it can be read, light and dark."""

from collections.abc import Sequence

from pfennig.domain.colour import BLACK, WHITE, colour_mix, shade, text_on

LIGHT = ("#ffffff", "#f3f4f1", "#f7f8f5")
DARK = ("#1a1e1c", "#111412", "#212623")
"""The colours --card, --page and --raised of the dark style."""

TINT, HOVER = 0.08, 0.2
"""The share of colour in an area behind text, and how far hovering moves it away from the text's colour."""


def css(colour: str) -> str:
    """The rules, to stand after the style sheet."""
    light, dark = properties(colour, LIGHT), properties(colour, DARK)
    # A dark button could not be seen on a dark card, so it gets the shade of the text there.
    light |= button(colour)
    dark |= button(dark["accent"])
    return f":root{{{declarations(light)}}}@media (prefers-color-scheme:dark){{:root{{{declarations(dark)}}}}}"


def properties(colour: str, surfaces: Sequence[str]) -> dict[str, str]:
    """The colour as text, lines and areas on these surfaces."""
    tint = colour_mix(surfaces[0], colour, TINT)
    accent = shade(colour, (*surfaces, tint))
    return {"tint": tint, "accent": accent, "accent-deep": colour_mix(accent, text_on(surfaces[0]), HOVER)}


def button(colour: str) -> dict[str, str]:
    """The colour as a button, and what is written on it."""
    text = text_on(colour)
    away = BLACK if text == WHITE else WHITE
    return {"button": colour, "button-deep": colour_mix(colour, away, HOVER), "on-accent": text}


def declarations(values: dict[str, str]) -> str:
    """CSS properties as declarations."""
    return ";".join(f"--{name}:{value}" for name, value in values.items())
