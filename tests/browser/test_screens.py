"""WCAG 2.2 AA as far as a program can see it, on every kind of screen; with an album, in every language and width."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle, product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from pfennig import demo
from pfennig.domain.methods import METHODS
from pfennig.language import LANGUAGES
from tests.browser import album, audit
from tests.browser.conftest import new_page, open_till
from tests.browser.screens import KINDS, RARE

DOCS = (Path(__file__).parents[2] / "docs" / "checkout.md").read_text(encoding="utf-8")
NARROWEST = 320
"""A small phone, which is also a desk at 400 % zoom."""

DESK = 1280

SHOWN = (
    product(KINDS, LANGUAGES, (390, 768, 1280))
    if album.FOLDER
    else [
        pytest.param((kind, language, NARROWEST), marks=pytest.mark.everything if kind in RARE else ())
        for kind, language in zip(KINDS, cycle(LANGUAGES), strict=False)
    ]
)
TABS = 40

FOCUS = """() => {
    const element = document.activeElement;
    const ring = [element, element.closest("label")].filter(Boolean).map((each) => getComputedStyle(each));
    const [box] = element.getClientRects();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return {
        at: [...document.querySelectorAll("*")].indexOf(element),
        isRinged: ring.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
        isSeen: element.contains(top) || Boolean(top?.contains(element)),
    };
}"""
CONTROLS = "a, button, input:not([type=hidden]), select, summary"
STAYING = """() => [...document.querySelectorAll("*")].filter(
    (each) => ["sticky", "fixed"].includes(getComputedStyle(each).position) && each.checkVisibility()
).reduce((sum, each) => sum + each.getBoundingClientRect().height, 0) / innerHeight"""
"""How much of the window is taken by what does not scroll away."""

EDGED = "input:not([type=hidden], [type=radio]), select, button:not(.quiet, .copy)"
BARE = """(edged) => [...document.querySelectorAll(edged)]
    .filter((each) => each.checkVisibility() && parseFloat(getComputedStyle(each).borderTopWidth) < 1)
    .map((each) => each.id)"""
"""What would lie on the page without an edge once its colours are taken away."""

MOVING = """() => [...document.querySelectorAll("*")].map((each) => getComputedStyle(each)).filter(
    (style) => style.transitionDuration !== "0s" || style.animationName !== "none").length"""

REACHABLE = """(controls) => [...document.querySelectorAll(controls)].filter(
    (each) => each.checkVisibility() && (each.type !== "radio" || each.checked)).length"""


@pytest.fixture(scope="module", params=SHOWN, ids=lambda shown: f"{shown[0].__name__}-{shown[1]}-{shown[2]}")
def screen(request: pytest.FixtureRequest, chromium: Browser, server: str, shop_url: str) -> Iterator[Page]:
    """A screen, once for all that is looked for on it."""
    kind, language, width = request.param
    page = new_page(chromium, width, 640)
    with open_till(server, shop_url, demo.ORDER["contract"]["id"], demo.CREDENTIALS) as till, closing(page):
        till.language = language
        kind(page, till)
        album.keep(page, kind.__name__, f"{language}-{width}-script")
        yield page


def test_a_screen_keeps_what_can_be_checked_of_the_rules(screen: Page) -> None:
    assert audit.complaints(screen) == []


@pytest.mark.parametrize("zoom", [2, 4])
def test_at_every_zoom_nothing_scrolls_sideways_and_what_stays_in_sight_leaves_room(screen: Page, zoom: int) -> None:
    with resized(screen, DESK // zoom, 1024 // zoom):
        assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert screen.evaluate(STAYING) <= 0.5


def test_twice_the_size_of_text_needs_no_sideways_scrolling(screen: Page) -> None:
    with resized(screen, 2 * NARROWEST, 640):
        screen.evaluate("document.documentElement.style.fontSize = '200%'")
        assert screen.evaluate("document.documentElement.scrollWidth") <= 2 * NARROWEST
        screen.evaluate("document.documentElement.style.fontSize = ''")


def test_with_colours_of_the_payers_own_every_control_has_an_edge(screen: Page) -> None:
    screen.emulate_media(forced_colors="active")
    bare = screen.evaluate(BARE, EDGED)
    screen.emulate_media(forced_colors="none")
    assert bare == []


def test_nothing_moves_for_those_who_want_it_still(screen: Page) -> None:
    screen.emulate_media(reduced_motion="reduce")
    assert screen.evaluate(MOVING) == 0


@contextmanager
def resized(screen: Page, width: int, height: int) -> Iterator[None]:
    """In a window of another size for a while."""
    before = screen.viewport_size
    assert before is not None
    screen.set_viewport_size({"width": width, "height": height})
    yield
    screen.set_viewport_size(before)


def test_every_control_has_a_name_that_the_docs_tell(screen: Page) -> None:
    ids = screen.evaluate(
        "(controls) => [...document.querySelectorAll(controls)].map((each) => each.id || each.parentElement.id)",
        CONTROLS.replace("a,", "a:not(.wrong *),"),
    )
    names = {id: re.sub(f"^({'|'.join(METHODS)})-", "…-", id) for id in ids if "fill-" not in id}
    assert [id for id, name in names.items() if f"`{id}`" not in DOCS and f"`{name}`" not in DOCS] == []


def test_the_keyboard_gets_everywhere_in_the_order_of_the_page_and_one_sees_where(screen: Page) -> None:
    screen.evaluate("document.activeElement.blur()")
    screen.evaluate("document.body.tabIndex = -1; document.body.focus()")
    stops: list[Any] = []
    for _ in range(TABS):
        screen.keyboard.press("Tab")
        stop = screen.evaluate(FOCUS)
        if stops and stop["at"] <= stops[-1]["at"]:
            break
        stops.append(stop)
    assert len(stops) == screen.evaluate(REACHABLE, CONTROLS)
    assert [stop for stop in stops if not stop["isRinged"] or not stop["isSeen"]] == []
