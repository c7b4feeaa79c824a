"""The design of mails: the same letter as plain text and as HTML."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfennig.language import say
from pfennig.mails.letter import Letter
from pfennig.mails.look import Look

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def templates() -> "Environment":
    """The templates. What reads them takes a while to import, and a server starts faster without it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def draw(letter: Letter, look: Look, tongue: str, is_test: bool) -> tuple[str, str]:
    """The letter as text and as HTML, which say the same. is_test: whether to say that no money moves."""
    context: dict[str, Any] = {
        "letter": letter,
        "look": look,
        "language": tongue[:2],
        "is_test": is_test,
        "_": lambda message, **values: say(message, tongue, **values),
    }
    text, html = (templates().get_template(f"letter.{form}").render(context) for form in ("txt", "html"))
    return text, html
