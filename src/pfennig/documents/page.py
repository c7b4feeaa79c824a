"""A page of paper: headings, paragraphs, tables, and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from fpdf import FPDF

FONT = "IBM Plex Sans"
"""The font, with Latin, Greek and Cyrillic letters. Each file carries those that it uses."""

FILE = files("fontpkg_ibm_plex_sans") / "files" / "IBMPlexSans[wdth,wght].ttf"

WITHOUT_STROKE = str.maketrans("łŁđĐ", "lLdD")
"""Letters that are no others with an accent, as Unicode sees it."""

THIN, THICK = 0.2, 0.6
"""The widths of lines, in millimetres."""


def draw(title: str, made: datetime, blocks: Sequence[Sequence[str]], rows: Sequence[tuple[str, str]]) -> bytes:
    """A PDF: the title, blocks of lines, and a table of what and how much, whose last row counts most.

    Letters that the font does not have lose their accents, or become question marks. made: when the file was made, as
    it says inside.
    """
    # Importing it takes a third of a second, and most processes never draw.
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.add_font(FONT, fname=str(FILE))
    pdf.set_title(title)
    pdf.set_creation_date(made)
    pdf.add_page()
    write(pdf, [title], size=18)
    for block in blocks:
        write(pdf, block)
    for place, (what, much) in enumerate(rows, start=1):
        pdf.set_line_width(THICK if place == len(rows) else THIN)
        pdf.cell(130, 8, printable_text(what), border="T")
        pdf.cell(0, 8, printable_text(much), border="T", align="R", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def write(pdf: "FPDF", lines: Sequence[str], size: int = 11) -> None:
    """Lines below each other, and a gap."""
    pdf.set_font(FONT, size=size)
    for line in lines:
        pdf.multi_cell(0, size / 2, printable_text(line), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(6)


def printable_text(text: str) -> str:
    """A text with the letters of the font."""
    return "".join(letter if is_known(letter) else nearest(letter) for letter in normalize("NFC", text))


def is_known(letter: str) -> bool:
    """Whether the font has a letter."""
    return ord(letter) in letters()


@cache
def letters() -> frozenset[int]:
    """The letters of the font, by their numbers in Unicode."""
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(str(FILE), lazy=True).getBestCmap())


def nearest(letter: str) -> str:
    """The letter that looks most like one the font lacks: a wide letter like a narrow one."""
    parts = normalize("NFKD", letter).translate(WITHOUT_STROKE)
    return "".join(filter(is_known, parts)) or "?"
