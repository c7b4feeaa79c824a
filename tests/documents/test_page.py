"""What stands on paper can be read, whatever letters it is written in, and the page says what it is."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from pfennig.documents import drawing, fonts
from pfennig.documents.page import Document, Letterhead, Look, Table, postal_lines
from pfennig.language import LANGUAGES
from pfennig.money import Money
from tests.conftest import Json

NOON = datetime(2026, 2, 4, 12, tzinfo=UTC)
TABLE = Table(("Posten", "Betrag"), [("Summe", "5,00 €")], widths=(12, 5), numbers=1, has_total=True)


def drawn(*lines: str, look: Look | None = None, language: str = "de", tables: tuple[Table, ...] = (TABLE,)) -> bytes:
    """A document with these notes."""
    head = Letterhead(["Pfennig GmbH", "Berlin"], ["Łukasz Wiśniewski", "Łódź"], language, look or Look())
    return drawing.draw(Document(head, "Rechnung", NOON, [("Datum", "4. Februar 2026")], tables, lines))


def pages(file: bytes) -> list[str]:
    """The text of each page."""
    return [sheet.extract_text() for sheet in PdfReader(BytesIO(file)).pages]


def squeezed(text: str) -> str:
    """A text without its blanks, where lines may break."""
    return "".join(text.split())


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
    assert squeezed(text) in squeezed(pages(drawn(text))[0])


@pytest.mark.parametrize("text", ["شركة السلام التجارية ذ.م.م", "محمد لا 123", "פריסת שלום בע״מ", "فروشگاه می‌خواهم"])
def test_scripts_that_go_from_right_to_left_are_printed_with_all_their_letters(text: str) -> None:
    [said] = pages(drawn(text))
    assert sorted(set(text) - set(said) - set(fonts.JOINERS)) == []
    assert fonts.UNKNOWN not in said


def alphabet(*ranges: tuple[int, int]) -> st.SearchStrategy[str]:
    """Texts in the letters of these ranges that a font has."""
    known = [chr(number) for first, last in ranges for number in range(first, last + 1) if number in fonts.letters()]
    return st.text(st.sampled_from([letter for letter in known if letter.isalnum()]), min_size=1, max_size=40)


LEFT_TO_RIGHT = alphabet((0x21, 0x24F), (0x1E00, 0x1EFF), (0x391, 0x3CE), (0x400, 0x45F))
RIGHT_TO_LEFT = alphabet((0x5D0, 0x5EA), (0x620, 0x64A))


@settings(max_examples=3)  # a file takes long, and has many texts
@given(st.lists(LEFT_TO_RIGHT, min_size=20, max_size=20), st.lists(RIGHT_TO_LEFT, min_size=10, max_size=10))
def test_any_text_comes_back_from_the_file(ones: list[str], others: list[str]) -> None:
    said = squeezed("".join(pages(drawn(*ones, *others))))
    assert [text for text in ones if fonts.printable_text(text) not in said] == []
    assert sorted(set(fonts.printable_text("".join(others))) - set(said)) == []


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Mu\u0308ller", "Müller"),
        ("\uff21\uff27", "AG"),
        ("人", "\ufffd"),
        ("\U0001f600", "\ufffd"),
        ("a\u202eb\x07c\u2066", "abc"),
    ],
)
def test_letters_that_no_font_has_become_their_equals_or_a_sign(text: str, printed: str) -> None:
    assert fonts.printable_text(text) == printed


def test_a_page_says_what_could_not_be_printed_only_if_there_is_something() -> None:
    said = "steht für ein Zeichen, das hier nicht gedruckt werden kann"
    assert said in pages(drawn("人"))[0]
    assert said not in pages(drawn("Mensch"))[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_amount_can_be_printed(language: str) -> None:
    assert fonts.UNKNOWN not in fonts.printable_text(Money(-9999999999, "EUR").text_in(language))


def test_a_long_table_has_its_head_on_every_page_and_pages_are_counted() -> None:
    rows = [(f"Zeile {number}", "99.999.999,99 €") for number in range(90)]
    told = pages(drawn(tables=(Table(("Posten", "Betrag"), rows, (12, 5), numbers=1),)))
    assert [f"Seite {number} von 3" in text for number, text in enumerate(told, start=1)] == [True] * 3
    assert all("Posten" in text and "Betrag" in text for text in told)
    assert sum(text.count("99.999.999,99") for text in told) == 90


def test_each_page_of_the_twin_says_that_it_is_a_test() -> None:
    rows = [("Zeile", "1,00 €")] * 90
    table = Table(("Posten", "Betrag"), rows, (12, 5), numbers=1)
    for text in pages(drawn(look=Look(is_test=True), tables=(table,))):
        assert "TEST – Es fließt kein Geld." in text
    assert "TEST" not in pages(drawn())[0]


def test_the_same_document_has_the_same_bytes_and_the_day_on_which_it_was_made() -> None:
    file = drawn("Łukasz محمد", look=Look(is_test=True))
    assert file == drawn("Łukasz محمد", look=Look(is_test=True))
    information = PdfReader(BytesIO(file)).metadata
    assert information
    assert (information.creation_date, information.title) == (NOON, "Rechnung")
    assert len(file) < 60_000


def png(width: int, height: int) -> bytes:
    """A picture of that size."""
    written = BytesIO()
    Image.new("1", (width, height)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    ("logo", "is_printed"),
    [
        (png(200, 50), True),
        (png(20_000, 20_000), False),
        (png(200, 50)[:45], False),
        (b"\x89PNG\r\n\x1a\n", False),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, False),
    ],
    ids=["usual", "a bomb", "half", "begun", "none"],
)
def test_a_logo_is_printed_and_one_that_is_none_does_no_harm(logo: bytes, is_printed: bool) -> None:
    [sheet] = PdfReader(BytesIO(drawn(look=Look(logo=logo)))).pages
    assert (len(sheet.images) > 0) is is_printed


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        (None, ["Laden GmbH"]),
        ({"address": {"city": "Berlin"}}, ["Laden GmbH", "Berlin"]),
        (
            {
                "address": {
                    "street": "Am Hafen",
                    "street_number": "7",
                    "additional_address_data": "Hof 2",
                    "postal_code": "20457",
                    "city": "Hamburg",
                    "country": "DE",
                }
            },
            ["Laden GmbH", "Am Hafen 7", "Hof 2", "20457 Hamburg", "Deutschland"],
        ),
        ({"address": {"city": "Nirgends", "country": "XX", "street": None}}, ["Laden GmbH", "Nirgends", "XX"]),
    ],
    ids=["none", "a city", "all", "unknown"],
)
def test_a_merchant_is_written_to_at_its_address_as_far_as_that_is_known(
    contact: Json | None, expected: list[str]
) -> None:
    assert postal_lines("Laden GmbH", contact, "de") == expected
