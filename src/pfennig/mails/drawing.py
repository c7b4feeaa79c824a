"""The design of mails: the same letter as plain text and as HTML."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pfennig.language import isolated_value
from pfennig.mails.letter import Letter
from pfennig.mails.look import Look
from pfennig.templates import environment

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent


@cache
def templates(tongue: str) -> "Environment":
    """The templates of mails. What others wrote keeps to its own direction, wherever it stands."""
    return environment(HERE / "templates", tongue).overlay(finalize=isolated_value)


def draw(letter: Letter, look: Look, tongue: str, is_test: bool) -> tuple[str, str]:
    """The letter as text and as HTML, which say the same. is_test: whether to say that no money moves."""
    context = {"letter": letter, "look": look, "language": tongue[:2], "is_test": is_test}
    text, html = (templates(tongue).get_template(f"letter.{form}").render(context) for form in ("txt", "html"))
    return text, html
