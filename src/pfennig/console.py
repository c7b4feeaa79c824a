"""The only way to print. What others wrote into names and texts does nothing to a terminal, and forges no line."""

import json
import sys
from typing import Any, TextIO

from pfennig.domain.printable import harmless


def show(*lines: object, file: TextIO | None = None, flush: bool = False) -> None:
    """Prints each of these as one line, whatever is in it; none at all as an empty one."""
    for line in lines or ("",):
        print(harmless(str(line)), file=file or sys.stdout, flush=flush)


def count_text(number: int, one: str, several: str = "") -> str:
    """A number with its noun: 1 transfer, 2 transfers. several: the plural, if it takes more than an s."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def show_text(text: str) -> None:
    """Prints a text with the lines that it has."""
    show(*text.split("\n"))


def show_json(value: Any) -> None:
    """Prints a value as JSON for people."""
    show_text(json.dumps(value, indent=2, ensure_ascii=False))


def complain(text: str) -> None:
    """Prints on standard error what is wrong."""
    show(f"pfennig: {text}", file=sys.stderr)


def show_progress(text: str) -> None:
    """Shows progress on standard error, in the place of what was said before."""
    print(harmless(text), end="\r", file=sys.stderr)


def sentence(text: str) -> str:
    """A few words as a sentence; what is in capitals stays so."""
    return f"{text[0].upper()}{text[1:]}."
