"""What stands on paper can be read, whatever letters it is written in."""

import pytest

from pfennig.money import Money
from pfennig.papers import page


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Müller & Söhne – 5,00 €", "Müller & Söhne – 5,00 €"),
        ("Łukasz Wiśniewski, Łódź", "Lukasz Wisniewski, Lódz"),
        ("Mu\u0308ller", "Müller"),
        ("Date\u202f: 12\u202f345,67\u00a0€", "Date : 12 345,67\u00a0€"),
        ("Đorđe", "Dorde"),
        ("人", "?"),
    ],
)
def test_letters_that_the_font_does_not_have_look_like_their_nearest(text: str, printed: str) -> None:
    assert page.known(text) == printed


@pytest.mark.parametrize("language", ["de", "en", "fr", "it", "nl", "pl"])
def test_no_amount_has_a_question_mark(language: str) -> None:
    assert "?" not in page.known(Money(-123456789, "EUR").spoken(language))
