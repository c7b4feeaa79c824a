"""Which language somebody is answered in, and how amounts are written in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.language import LANGUAGES, best_language, isolated_text, say
from pfennig.money import Money


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        (None, "de"),
        ("", "de"),
        ("de", "de"),
        ("en", "en"),
        ("EN-us", "en"),
        ("de_DE", "de"),
        ("en-GB, de;q=0.5", "en"),
        ("en;q=0.5, de", "de"),
        ("en;q=0.3,de;q=0.8", "de"),
        ("fr", "fr"),
        ("it-CH, de;q=0.9", "it"),
        ("nl_BE", "nl"),
        ("pl;q=0.2, en;q=0.1", "pl"),
        ("es", "de"),
        ("es, en;q=0.1", "en"),
        ("en;q=0", "de"),
        ("*", "de"),
        ("en;q=high", "de"),
        ("en; q=0.9, de; q=0.8", "en"),
        (",,;;q=,", "de"),
    ],
)
def test_the_language_that_fits_best_is_chosen(wish: str | None, language: str) -> None:
    assert best_language(wish) == language


def test_where_nothing_fits_it_is_the_one_we_were_told() -> None:
    assert best_language("es", "en") == "en"
    assert best_language(None, "en") == "en"


@given(st.text())
def test_any_wish_leads_to_a_language_we_speak(wish: str) -> None:
    assert best_language(wish) in LANGUAGES


def test_a_message_is_said_in_the_language_with_its_values() -> None:
    message = "An unknown error has occurred (code {code})."
    assert say(message, "en", code=2003) == "An unknown error has occurred (code 2003)."
    assert say(message, "de", code=2003).startswith("Es ist ein unbekannter Fehler aufgetreten (Code 2003)")
    assert say("Nobody translated this {word}", "de") == "Nobody translated this {word}"


@pytest.mark.parametrize(
    ("language", "amount"),
    [
        ("de", "1.234,50\xa0€"),
        ("en", "€1,234.50"),
        ("fr", "1\u202f234,50\xa0€"),
        ("it", "1.234,50\xa0€"),
        ("nl", "€\xa01.234,50"),
        ("pl", "1\xa0234,50\xa0€"),
    ],
)
def test_an_amount_is_written_as_people_write_it(language: str, amount: str) -> None:
    assert Money(123450, "EUR").text_in(language) == amount


@pytest.mark.parametrize("name", ["\u0642\u0647\u0648\u0629", "\u05e7\u05e4\u05d4 (1)", "Caf\u00e9 \u0645"])
def test_a_name_that_is_read_from_the_right_keeps_to_itself_in_a_sentence(name: str) -> None:
    assert say("Back to {shop}", "de", shop=name) == f"Zurück zu \u2068{name}\u2069"


@pytest.mark.parametrize("name", ["Café Łódź", "Ωμέγα", "漢字", "-5,00\xa0€", ""])
def test_any_other_name_stays_as_it_is(name: str) -> None:
    assert isolated_text(name) == name
    assert say("Back to {shop}", "en", shop=name) == f"Back to {name}"
