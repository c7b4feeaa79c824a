"""Pictures of every screen, in the light and in the dark, in the folder that SCREENS names; without one, none."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import audit

FOLDER = os.environ.get("SCREENS")
IMAGES = Path(__file__).parents[2] / "docs" / "images"
IN_DOCS = (
    "choice",
    "customer",
    "form-creditcard",
    "form-debit",
    "basket",
    "outside-creditcard",
    "result-creditcard",
    "result-prepaid",
    "problem",
)
SHOT_FOR_DOCS = "de-390-script"


def keep(page: Page, screen: str, shot: str) -> None:
    """Takes a picture that the album lacks, and audits what is on it. Where no script runs, axe does not either.

    shot: language, width, and whether a script runs: de-320-script or de-320-plain.
    """
    if not FOLDER:
        return
    file = Path(FOLDER) / screen / shot
    if file.with_name(f"{shot}-light.png").exists():
        return
    complaints = [] if shot.endswith("plain") else audit.complaints(page)
    with in_full(page):
        for scheme in reversed(audit.SCHEMES):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=file.with_name(f"{shot}-{scheme}.png"), full_page=True)
        if screen in IN_DOCS and shot == SHOT_FOR_DOCS:
            page.screenshot(path=IMAGES / f"checkout-{screen}.jpg", type="jpeg", quality=60, full_page=True)
    assert complaints == []


@contextmanager
def in_full(page: Page) -> Iterator[None]:
    """In a window that shows all of the page, so that what stays in sight covers nothing."""
    before = page.viewport_size
    assert before is not None
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": before["width"], "height": max(height, before["height"])})
    yield
    page.set_viewport_size(before)
