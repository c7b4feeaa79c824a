"""Draw a document on paper: A4, with pages that say which of how many they are."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import fpdf
import structlog
from PIL import Image

from pfennig.documents.fonts import FONTS, UNKNOWN, printable_text
from pfennig.documents.page import Document, Table
from pfennig.language import say

log = structlog.get_logger()

MARGIN, LINE, WIDTH = 20, 5, 170
"""Millimetres: around the page, from line to line, and between the margins."""

RIGHT, LABEL = 125, 65
"""Where the block of the sender begins, from the left, and how wide labels of facts are."""

LOGO = (60, 16)
"""The largest size of a logo."""

MOST_PIXELS = 4_000_000
"""A logo with more is not unpacked: a small file can hold a picture that fills the memory."""

SMALL, USUAL, LARGE, HUGE = 8, 10, 16, 120
ROW, GAP = 6.5, 0.75
THIN, THICK = 0.1, 0.4
FIRST_SHAPED = "\u0590"
"""The first letter of Hebrew; those of Latin, Greek and Cyrillic come before it, and stand side by side."""

PALE, GREY = (235, 235, 235), (96, 96, 96)


class Paper(fpdf.FPDF):
    """The paper on which a document is drawn."""

    def __init__(self, document: Document) -> None:
        super().__init__(format="A4")
        self.document, self.look, self.has_unknown = document, document.head.look, False
        for name, file in FONTS.items():
            self.add_font(name, fname=str(file))
        first, *others = FONTS
        self.set_fallback_fonts(others, exact_match=False)
        self.set_font(first, size=USUAL)
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, margin=MARGIN + 2 * LINE)
        self.set_title(self.prepare_text(document.title))
        self.set_lang(document.head.language[:2])
        self.set_creation_date(document.made)

    def draw(self) -> bytes:
        """The file."""
        self.add_page()
        self.parties()
        self.write_lines([self.document.title], size=LARGE)
        self.facts()
        for table in self.document.tables:
            self.draw_table(table)
        self.write_lines(self.document.notes)
        if self.has_unknown:
            self.write_lines([self.say("{sign} stands for a character that cannot be printed here.", sign=UNKNOWN)])
        return bytes(self.output())

    def prepare_text(self, text: str) -> str:
        """A text as it can be printed next. Only what is not written in plain letters is shaped, which takes long."""
        printed = printable_text(text)
        self.has_unknown |= UNKNOWN in printed
        self.set_text_shaping(any(letter >= FIRST_SHAPED for letter in printed))
        return printed

    def say(self, message: str, **values: object) -> str:
        """A message in the language of the document."""
        return say(message, self.document.head.language, **values)

    def header(self) -> None:
        """The top of each page: in the twin, that it is a test."""
        if not self.look.is_test:
            return
        with self.local_context(text_color=PALE, font_size_pt=HUGE), self.rotation(45, self.w / 2, self.h / 2):
            self.text(self.w / 2 - self.get_string_width("TEST") / 2, self.h / 2, "TEST")
        self.set_y(MARGIN / 2)
        self.cell(0, LINE, f"{self.say('TEST')} – {self.say('No money moves.')}", align="C")
        self.set_y(MARGIN)

    def footer(self) -> None:
        """The bottom of each page: who writes, and which page it is."""
        self.set_y(-MARGIN)
        with self.local_context(font_size_pt=SMALL, text_color=GREY):
            number = self.say("Page {page} of {pages}", page=self.page_no(), pages="{nb}")
            self.cell(30, LINE, self.prepare_text(number))
            self.cell(WIDTH - 30, LINE, self.prepare_text(self.document.head.sender[0]), align="R")

    def parties(self) -> None:
        """The logo, who writes, and to whom."""
        top = self.get_y()
        if picture := self.logo():
            self.image(picture, MARGIN, top, *LOGO, keep_aspect_ratio=True)
        self.set_xy(RIGHT, top)
        self.write_lines(self.document.head.sender, size=SMALL, left=RIGHT, gap=0)
        below = self.get_y()
        self.set_draw_color(self.look.colour)
        self.set_line_width(0.8)
        self.line(MARGIN, max(below, top + LOGO[1]) + 3, MARGIN + WIDTH, max(below, top + LOGO[1]) + 3)
        self.set_draw_color(0)
        self.set_y(max(below + 10, top + 28))
        self.write_lines(self.document.head.recipient, gap=14)

    def logo(self) -> Image.Image | None:
        """The logo, if it is a picture that can be unpacked."""
        if self.look.logo is None:
            return None
        try:
            picture = Image.open(BytesIO(self.look.logo), formats=["PNG"])
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError("it has too many pixels")
            return picture.convert("RGBA")
        except (Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
            log.warning("paper", problem="the logo cannot be printed", error=type(error).__name__)
            return None

    def write_lines(self, lines: Sequence[str], size: int = USUAL, left: float = MARGIN, gap: float = 6) -> None:
        """Lines below each other, and a gap."""
        with self.local_context(font_size_pt=size):
            for line in lines:
                self.set_x(left)
                self.multi_cell(0, size / 2, self.prepare_text(line), align="L", new_x="LMARGIN", new_y="NEXT")
        if lines:
            self.ln(gap)

    def facts(self) -> None:
        """Labels, and what they label beside them."""
        shown = [(label, value) for label, value in self.document.facts if value]
        for label, value in shown:
            self.multi_cell(LABEL, LINE, self.prepare_text(label), align="L", new_x="RIGHT", new_y="TOP")
            self.multi_cell(0, LINE, self.prepare_text(value), align="L", new_x="LMARGIN", new_y="NEXT")
        if shown:
            self.ln(6)

    def draw_table(self, table: Table) -> None:
        """A table whose head is on every page that it fills."""
        if table.title:
            self.need(4 * ROW)
            self.write_lines([table.title], size=USUAL + 2, gap=1)
        widths = [WIDTH * share / sum(table.widths) for share in table.widths]
        self.draw_row(table, table.head, widths, color=GREY)
        for place, cells in enumerate(table.rows, start=1):
            is_total = place == len(table.rows) and table.has_total
            if self.need(self.height(table, cells, widths)):
                self.draw_row(table, table.head, widths, color=GREY)
            self.line_above(THICK if is_total else THIN)
            self.draw_row(table, cells, widths, size=USUAL + 2 if is_total else USUAL)
        self.ln(6)

    def need(self, height: float) -> bool:
        """Goes to a new page if there is less room than that on this one; says whether it did."""
        is_over: bool = self.get_y() + height > self.page_break_trigger
        if is_over:
            self.add_page()
        return is_over

    def height(self, table: Table, cells: Sequence[str], widths: Sequence[float]) -> float:
        """The most that a row can be high, in millimetres: a line is left for what breaks early."""
        texts = zip(cells[: table.numbers], widths, strict=False)
        lines = max(
            (self.get_string_width(self.prepare_text(cell)) // (width / 2) for cell, width in texts), default=0
        )
        return float(ROW + lines * LINE)

    def line_above(self, width: float) -> None:
        """A line before the next row."""
        with self.local_context(line_width=width, draw_color=0 if width == THICK else GREY):
            self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())

    def draw_row(
        self, table: Table, cells: Sequence[str], widths: Sequence[float], size: int = USUAL, color: Any = 0
    ) -> None:
        """Cells beside each other. What is too long for its column goes on below; amounts are never broken."""
        top, bottom, left = self.get_y(), self.get_y() + ROW, float(MARGIN)
        with self.local_context(font_size_pt=size, text_color=color):
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                self.set_xy(left, top + GAP)
                text = self.prepare_text(cell)
                if column >= table.numbers or self.get_string_width(text) <= width - 2 * self.c_margin:
                    self.cell(width, LINE, text, align="R" if column >= table.numbers else "L")
                else:
                    self.multi_cell(width, LINE, text, align="L", new_y="NEXT")
                    bottom = max(bottom, self.get_y() + GAP)
                left += width
        self.set_xy(MARGIN, bottom)
