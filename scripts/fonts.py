"""Cuts the fonts of the checkout out of whole ones: fewer letters, one width, the weights that the pages use.

Run by `make fonts`. What it writes is the same each time, until one of the fonts has a new release. A font that was
changed may not have a reserved name, so ours have names of their own; copyright and licence stay in each file.
"""

from importlib.resources import files
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from pfennig.checkout.assets import STATIC
from pfennig.checkout.fonts import LETTERS, WEIGHTS

SOURCES = {
    "sans": ("fontpkg_ibm_plex_sans", "IBMPlexSans[wdth,wght].ttf", {"wdth": 100}),
    "serif": ("fontpkg_source_serif_4", "SourceSerif4[opsz,wght].ttf", {"opsz": 14}),
    "rounded": ("fontpkg_nunito", "Nunito[wght].ttf", {}),
}
"""The package of each font, its file, and the axes along which it does not change."""

FEATURES = ["calt", "ccmp", "kern", "liga", "lnum", "locl", "mark", "mkmk", "tnum"]
COPYRIGHT, FAMILY, STYLE, IDENTIFIER, FULL, VERSION, POSTSCRIPT, LICENCE, LICENCE_URL = 0, 1, 2, 3, 4, 5, 6, 13, 14


def main() -> None:
    """Writes each file of each font."""
    for name, (package, file, axes) in SOURCES.items():
        whole = (files(package) / "files" / file).read_bytes()
        for end, ranges in LETTERS.items():
            path = STATIC / f"{name}{end}.woff2"
            cut(whole, letters(ranges), axes, f"Pfennig {name.capitalize()}", path)
            print(f"{path.name}: {path.stat().st_size:,} bytes")


def letters(ranges: str) -> list[int]:
    """The letters in ranges such as U+20-7E, U+A0."""
    ends = ([int(end, 16) for end in each.removeprefix("U+").split("-")] for each in ranges.split(", "))
    return [letter for each in ends for letter in range(each[0], each[-1] + 1)]


def cut(whole: bytes, kept: list[int], axes: dict[str, int], name: str, path: Path) -> None:
    """Writes a font with these letters alone."""
    font = TTFont(BytesIO(whole), recalcTimestamp=False)
    names = [COPYRIGHT, VERSION, LICENCE, LICENCE_URL]
    options = subset.Options(layout_features=FEATURES, name_IDs=names, hinting=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, {**axes, "wght": WEIGHTS})
    font["fvar"].instances = []
    del font["STAT"]  # it and the instances have names of their own
    font["name"].names = [each for each in font["name"].names if each.nameID <= LICENCE_URL]
    for number, text in {FAMILY: name, STYLE: "Regular", IDENTIFIER: name, FULL: name}.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["name"].setName(name.replace(" ", ""), POSTSCRIPT, 3, 1, 0x409)
    font.flavor = "woff2"
    font.save(path)


if __name__ == "__main__":
    main()
