"""A page of paper: headings, paragraphs, tables, and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from unicodedata import normalize

if TYPE_CHECKING:
    from fpdf import FPDF

FONT, ENCODING = "helvetica", "cp1252"
"""Every reader of PDF has it, so files stay small. It knows the letters of western Europe."""

WITHOUT_STROKE = str.maketrans("łŁđĐ", "lLdD")
"""Letters that are no others with an accent, as Unicode sees it."""


def draw(title: str, made: datetime, blocks: Sequence[Sequence[str]], rows: Sequence[tuple[str, str]]) -> bytes:
    """A PDF: the title, blocks of lines, and a table of what and how much, whose last row counts most.

    Letters that the font does not have lose their accents, or become question marks. made: when the file was made, as
    it says inside.
    """
    # It takes a third of a second to import, and most processes never draw.
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.core_fonts_encoding = ENCODING
    pdf.set_title(title)
    pdf.set_creation_date(made)
    pdf.add_page()
    write(pdf, [title], size=18, style="B")
    for block in blocks:
        write(pdf, block)
    for place, (what, much) in enumerate(rows, start=1):
        pdf.set_font(FONT, style="B" if place == len(rows) else "", size=11)
        pdf.cell(130, 8, known(what), border="T")
        pdf.cell(0, 8, known(much), border="T", align="R", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def write(pdf: "FPDF", lines: Sequence[str], size: int = 11, style: str = "") -> None:
    """Lines below each other, and a gap."""
    pdf.set_font(FONT, style=style, size=size)
    for line in lines:
        pdf.multi_cell(0, size / 2, known(line), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(6)


def known(text: str) -> str:
    """A text with the letters of the font."""
    return "".join(letter if is_known(letter) else nearest(letter) for letter in normalize("NFC", text))


def is_known(letter: str) -> bool:
    """Whether the font has a letter."""
    return bool(letter.encode(ENCODING, "ignore"))


def nearest(letter: str) -> str:
    """What a letter that the font does not have looks like most: ś like s, a narrow space like a space."""
    parts = normalize("NFKD", letter).translate(WITHOUT_STROKE)
    return "".join(filter(is_known, parts)) or "?"
