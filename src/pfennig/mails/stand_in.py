"""The code that stands for a transfer where no money moves: it says TEST, and no banking app can pay by it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

LETTERS = {
    "T": ("###", " # ", " # ", " # ", " # "),
    "E": ("###", "#  ", "## ", "#  ", "###"),
    "S": ("###", "#  ", "###", "  #", "###"),
}
WORD = [" ".join(LETTERS[letter][row] for letter in "TEST") for row in range(5)]
LABEL = [f" {row} " for row in (" " * len(WORD[0]), *WORD, " " * len(WORD[0]))]
"""The word in modules of a code, with a light one around it."""


def code(address: str) -> "segno.QRCode":
    """A code that leads to an address, with the word in its middle.

    At level H a reader repairs three tenths of a code; the word covers less than one.
    """
    import segno  # it takes a while to import, and a server starts faster without it

    drawn = segno.make_qr(address, error="h", boost_error=False)
    top, start = ((len(drawn.matrix) - size) // 2 for size in (len(LABEL), len(LABEL[0])))
    for y, row in enumerate(LABEL, top):
        for x, module in enumerate(row, start):
            drawn.matrix[y][x] = module == "#"
    return drawn
