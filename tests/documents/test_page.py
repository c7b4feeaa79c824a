"""What stands on paper can be read, whatever letters it is written in."""

from datetime import UTC, datetime

import pytest

from pfennig.documents import page
from pfennig.language import LANGUAGES
from pfennig.money import Money

NOON = datetime(2026, 2, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Müller & Söhne – 5,00 €",
        "Łukasz Wiśniewski, Łódź: zażółć gęślą jaźń",
        "Đorđe Šćepanović, Žilina, Ružomberok, Kőszeg, Timișoara",
        "Ægir Þórsson, Ålesund",
        "Ελλάδα Α.Ε.",
        "ООО Привет",
        "İğdır Şirketi",
    ],
)
def test_the_scripts_of_europe_are_printed_as_they_are(text: str) -> None:
    assert page.printable_text(text) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Mu\u0308ller", "Müller"),
        ("人", "?"),
        ("\uff21\uff27", "AG"),
        ("\U0001f600", "?"),
    ],
)
def test_letters_that_the_font_does_not_have_look_like_their_nearest(text: str, printed: str) -> None:
    assert page.printable_text(text) == printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_amount_has_a_question_mark(language: str) -> None:
    assert "?" not in page.printable_text(Money(-123456789, "EUR").text_in(language))


def test_a_file_carries_the_letters_that_it_uses_and_can_be_searched_for_them() -> None:
    drawn = page.draw("Rechnung", NOON, [["Łukasz Wiśniewski, 人"]], [("Summe", "5,00 €")])
    told = drawn.upper()  # the table by which readers find the letters again stands in it as text
    assert b"<0141>" in told  # Ł
    assert b"<015B>" in told  # ś
    assert len(drawn) < 60_000
