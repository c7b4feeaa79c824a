"""The fonts of paper, and the letters that they have. Source: docs/decisions/0038-letters-of-other-scripts.md."""

from functools import cache
from importlib.resources import files
from unicodedata import category, normalize

FONTS = {
    "IBM Plex Sans": files("fontpkg_ibm_plex_sans") / "files" / "IBMPlexSans[wdth,wght].ttf",
    "IBM Plex Sans Arabic": files("fontpkg_ibm_plex_sans_arabic") / "files" / "IBMPlexSansArabic-Regular.ttf",
    "Heebo": files("fontpkg_heebo") / "files" / "Heebo[wght].ttf",
}
"""Fonts by name: the first for Latin, Greek and Cyrillic, the others for what it lacks, in this order."""

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""The sign for a letter that no font has; the page says so below."""

JOINERS = "\u200c\u200d"
"""Signs that Persian needs between letters."""

UNPRINTED = ("Cc", "Cf", "Cs")
"""Categories of what steers, turns the direction of reading, or is no character."""


def printable_text(text: str) -> str:
    """A text in letters of the fonts. What they lack is written alike if that is possible, else as a sign for it."""
    clean = (letter for letter in normalize("NFC", text) if letter in JOINERS or category(letter) not in UNPRINTED)
    return "".join(letter if is_known(letter) else nearest(letter) for letter in clean)


def is_known(letter: str) -> bool:
    """Whether a font has a letter."""
    return ord(letter) in letters()


@cache
def letters() -> frozenset[int]:
    """The letters of all fonts, by their numbers in Unicode."""
    from fontTools.ttLib import TTFont

    return frozenset(number for font in FONTS.values() for number in TTFont(str(font), lazy=True).getBestCmap())


def nearest(letter: str) -> str:
    """A letter that means the same: a wide one narrow, one with an accent as the two of them; else the sign."""
    for form in ("NFKC", "NFKD"):
        same = normalize(form, letter)
        if all(map(is_known, same)):
            return same
    return UNKNOWN
