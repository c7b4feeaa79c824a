"""Every method, however it goes, in every language and width, with a script and without.

`make test` walks so many ways that each kind of method, end, language and width is met; `make test-all` so many that
any two of these meet; `make browser` walks those that show every screen in each language and width, with a script and
without, and keeps pictures.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from playwright.sync_api import Browser

from pfennig.language import LANGUAGES
from tests.browser.album import FOLDER
from tests.browser.conftest import Till, open_till, opened
from tests.browser.journeys import OUTCOMES, WAYS, Keyboard, Mouse, Walk
from tests.pairs import Row, diagonal, first_of_each, pairs, pairwise, with_rare

WIDTHS = ["390", "768", "1280"] if FOLDER else ["320", "768", "1280"]
COLUMNS = (list(WAYS), list(OUTCOMES), list(LANGUAGES), WIDTHS, ["script", "plain"])
PAIRS = pairwise(COLUMNS)
MOST = 60
MARKETPLACE = "GCR_2H69XY35227V2VKP9WRA3SJ0W95RP0"
CREDENTIALS = {
    "grant_type": "client_credentials",
    "client_id": "09ae83af7c37121b2de929b211bad944",
    "client_secret": "9c5f250b69f6436cb38fd780349bc00810d8d5051d3dcf821e428f65a32724bd",
}


def kind(row: Row) -> tuple[str, ...]:
    """What a method asks of its payer, and what is said at the end."""
    way = WAYS[row[0]]
    return *way.entries, way.ending


def usual(columns: Sequence[Sequence[str]]) -> list[Row]:
    """A way for each kind of method, which also meet whatever is in the other columns."""
    methods = [method for (method,) in first_of_each([(method,) for method in columns[0]], kind)]
    return diagonal((methods, *columns[1:]))


EVERY = list(product(*COLUMNS))
DRAWN = [row for row in EVERY if row[1] == "success" or row[0] == "creditcard"]
USUAL = DRAWN if FOLDER else usual(COLUMNS)
WALKED = with_rare(dict.fromkeys(USUAL if FOLDER else (*USUAL, *PAIRS)), USUAL)
METHODS = [(method,) for method in WAYS]
TYPED = with_rare(METHODS, [("debit",)])  # the page of somebody else is a screen as well


@pytest.fixture
def till(server: str, shop_url: str) -> Iterator[Till]:
    """A merchant who takes every method."""
    with open_till(server, shop_url, MARKETPLACE, CREDENTIALS) as till:
        yield till


@pytest.mark.parametrize(("method", "outcome", "language", "width", "script"), WALKED)
def test_a_payer_gets_where_he_wants(
    chromium: Browser, server: str, till: Till, method: str, outcome: str, language: str, width: str, script: str
) -> None:
    with opened(chromium, server, int(width), script == "script") as page:
        OUTCOMES[outcome](Walk(Mouse(page), till, method, language, f"{language}-{width}-{script}"))


@pytest.mark.parametrize("method", TYPED)
def test_every_method_can_be_paid_with_nothing_but_keys(
    chromium: Browser, server: str, till: Till, method: str
) -> None:
    with opened(chromium, server, 390, is_scripted=True) as page:
        OUTCOMES["success"](Walk(Keyboard(page), till, method, "de", "de-390-script"))


def test_the_ways_that_are_walked_are_few_and_have_every_pair() -> None:
    assert len(PAIRS) <= MOST
    assert {pair for row in EVERY for pair in pairs(row)} == {p for row in PAIRS for p in pairs(row)}


def test_the_usual_ways_meet_each_kind_of_method_and_every_end_language_and_width() -> None:
    _, *others = zip(*USUAL, strict=True)
    assert [set(values) for values in others] == [set(column) for column in COLUMNS[1:]]
    assert {kind(row) for row in USUAL} == {kind(row) for row in EVERY}
