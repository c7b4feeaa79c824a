"""The design of mails: the same letter as plain text and as HTML."""

from pathlib import Path

from pfennig.mails.letter import Letter
from pfennig.mails.look import Look
from pfennig.templates import environment

HERE = Path(__file__).parent


def draw(letter: Letter, look: Look, tongue: str, is_test: bool) -> tuple[str, str]:
    """The letter as text and as HTML, which say the same. is_test: whether to say that no money moves."""
    context = {"letter": letter, "look": look, "language": tongue[:2], "is_test": is_test}
    templates = environment(HERE / "templates", tongue)
    text, html = (templates.get_template(f"letter.{form}").render(context) for form in ("txt", "html"))
    return text, html
