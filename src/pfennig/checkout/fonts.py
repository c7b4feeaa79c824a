"""The fonts that a contract may choose for its pages. Source: docs/decisions/0037-looks-of-a-brand.md.

Each is one file of ours for western languages and one more for the other Latin letters, which a browser only loads
for a page that has such letters. `make fonts` cuts them out of fonts that are free (SIL Open Font Licence).
"""

from collections.abc import Callable

FONTS = {"sans": "system-ui, sans-serif", "serif": "Georgia, serif", "rounded": "ui-rounded, system-ui, sans-serif"}
"""The fonts by their names in a contract's branding, with those that stand in until they are there."""

LETTERS = {
    "": "U+20-7E, U+A0-FF, U+131, U+152-153, U+2C6, U+2DA, U+2DC, U+2010-2015, U+2018-201E, U+2020, U+2022, U+2026, "
    "U+202F-2030, U+2039-203A, U+2044, U+20AC, U+2122, U+2212",
    "-more": "U+100-130, U+132-151, U+154-17F, U+218-21B, U+1E9E",
}
"""The letters of each file of a font, by the end of the file's name."""

WEIGHTS = (400, 700)
"""The lightest and the boldest; a file has all between them."""

FILES = [f"{font}{end}.woff2" for font in FONTS for end in LETTERS]


def css(font: str, address: Callable[[str], str]) -> str:
    """The rules by which a page is set in a font. address: of a file, where we serve it."""
    faces = "".join(
        f"@font-face{{font-family:brand;src:url({address(f'{font}{end}.woff2')});"
        f"font-weight:{WEIGHTS[0]} {WEIGHTS[1]};font-display:swap;unicode-range:{letters}}}"
        for end, letters in LETTERS.items()
    )
    return f"{faces}:root{{--font:brand, {FONTS[font]}}}"
