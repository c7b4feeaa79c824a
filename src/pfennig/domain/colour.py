"""Colours as #rrggbb, and whether one can be read on another. Source: WCAG 2.2, contrast (minimum; non-text)."""

from collections.abc import Iterable

BLACK, WHITE = "#000000", "#ffffff"
READABLE = 4.5
"""The contrast that text of any size needs. One of black and white has it on every colour."""
VISIBLE = 3.0
"""The contrast that the edge of a field needs."""
STEPS = 20


def channels(colour: str) -> tuple[int, ...]:
    """The red, green and blue of a colour, from 0 to 255."""
    return tuple(bytes.fromhex(colour[1:]))


def luminance(colour: str) -> float:
    """The brightness of a colour, from 0 to 1."""
    parts = [value / 255 for value in channels(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 for the same one to 21 for black and white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colour_mix(colour: str, other: str, share: float) -> str:
    """The colour with that share of the other one in it, from 0 to 1."""
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + bytes(round(a + (b - a) * share) for a, b in pairs).hex()


def text_on(colour: str) -> str:
    """The colour of text on this one: white where that can be read, else black."""
    return WHITE if contrast(WHITE, colour) >= READABLE else BLACK


def shade(colour: str, surfaces: Iterable[str]) -> str:
    """The colour, or the nearest darker or lighter one that can be read on all of these, which are alike bright."""
    grounds = list(surfaces)
    ink = text_on(grounds[0])
    shades = (colour_mix(colour, ink, step / STEPS) for step in range(STEPS))
    return next((one for one in shades if all(contrast(one, ground) >= READABLE for ground in grounds)), ink)
