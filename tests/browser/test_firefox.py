"""Another browser than that of all other tests: each kind of method is paid in Firefox. Only by `make browser`."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.album import FOLDER
from tests.browser.conftest import Till, open_till
from tests.browser.firefox import Window, opened_window, running_firefox
from tests.browser.journeys import TO_BE_READ, WAYS
from tests.browser.test_journeys import CREDENTIALS, MARKETPLACE

PHONE, DESK = 390, 1280
NARROWEST = 320
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module", params=["script", "plain"])
def firefox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Window, str]]:
    """The system's Firefox, with and without scripts of pages."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program, "There is no Firefox; `make browser` installs it, or says how"
    folder = tmp_path_factory.mktemp("firefox")
    with running_firefox(program, folder, is_scripted=request.param == "script") as browser:
        yield browser, request.param


@pytest.fixture
def window(firefox: tuple[Window, str]) -> Iterator[Window]:
    """A window with nothing in it."""
    with opened_window(firefox[0]) as window:
        yield window


@pytest.fixture
def till(server: str, shop_url: str) -> Iterator[Till]:
    """A merchant who takes every method."""
    with open_till(server, shop_url, MARKETPLACE, CREDENTIALS) as till:
        yield till


@pytest.mark.parametrize("method", ["creditcard", "debit", "prepaid", "paypal"])
def test_a_payer_pays(firefox: tuple[Window, str], window: Window, till: Till, method: str) -> None:
    case, way, script = till.sell(payment_context={"auto_capture": True}), WAYS[method], firefox[1]
    window.open(case["payment_links"]["general"])
    window.see("#methods")
    keep(window, "choice", script)
    if not way.is_direct:
        window.click(f"label[for=method-{method}]")
    for name, value in way.entries.items():
        window.type(f"#{method}-{name}", value)
    if not way.is_direct:
        keep(window, f"form-{method}", script)
    window.click(f"#{method}-pay")
    if way.is_outside:
        window.see("#succeed")
        keep(window, f"outside-{method}", script)
        window.click("#succeed")
    if method in TO_BE_READ:
        window.see("#instructions")
        keep(window, f"result-{method}", script)
        window.click("#back")
    success = case["application_context"]["return_urls"]["url_success"]
    window.wait_until(f"location.href === {json.dumps(success)}")
    assert till.status(case) == way.status


def test_what_is_wrong_is_said_and_has_the_focus(firefox: tuple[Window, str], window: Window, till: Till) -> None:
    window.open(till.sell()["payment_links"]["debit"])
    window.type("#debit-iban", "DE00")
    window.click("#debit-pay")
    window.see("#debit-iban-error")
    keep(window, "debit-wrong", firefox[1])
    assert window.evaluate("document.activeElement.id") == "debit-iban"


def keep(window: Window, screen: str, script: str) -> None:
    """Takes pictures of a screen, on a phone and a desk; on the narrowest, too, nothing is wider than the window."""
    assert FOLDER
    for width in (NARROWEST, DESK, PHONE):
        window.resize(width)
        assert window.evaluate(FITS), f"{screen} is wider than {width}"
        if width != NARROWEST:
            window.picture(Path(FOLDER) / screen / f"firefox-{width}-{script}-light.png")
