"""A real browser before a real server: what a shopper does, a test does."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from pfennig import demo
from pfennig.settings import Settings
from tests.browser import traces
from tests.browser.album import FOLDER
from tests.browser.cafe import Cafe, running_cafe
from tests.patience import PATIENCE_SECONDS
from tests.plain import NO_TLS
from tests.postgres import free_port

collect_ignore = [] if FOLDER else ["test_firefox.py"]

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first of these is Chromium without its windows: the same pages at half the cost."""

OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One process fewer for drawing, and none for each site: starting them takes most of a short test.
    "--in-process-gpu",
    "--disable-software-rasterizer",
    "--disable-extensions",
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess",
    "--renderer-process-limit=1",
)


expect.set_options(timeout=1000 * PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the twin keeps its database and its log."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def cafe() -> Iterator[Cafe]:
    """A shop on another origin."""
    with running_cafe() as shop:
        yield shop


@pytest.fixture(scope="session")
def server(server_folder: Path, sqlite_tables: Path, cafe: Cafe, memory: Path) -> Iterator[str]:
    """The address of a started twin that knows the café. It has forgotten every card when the tests are over."""
    settings = Settings(port=free_port(), database=str(server_folder / "pfennig.db"))
    shutil.copyfile(sqlite_tables, settings.database)
    cafe.sign_up(settings.database, memory)
    with demo.running_server(settings, server_folder / "server.log"):
        yield settings.own_url
        assert traces.on_disk(server_folder) == []


@dataclass
class Till:
    """A shop that sells in one language and watches where its payers come back."""

    http: httpx.Client
    contract: str
    url: str
    language: str = "de"

    def sell(self, **fields: Any) -> dict[str, Any]:
        """A new Smart Transaction over five euros."""
        urls = {f"url_{end}": f"{self.url}/{end}?order=7" for end in ("success", "error", "abort")}
        context = {"return_urls": urls, "language": self.language}
        body = demo.ORDER | {"contract": {"id": self.contract}, "application_context": context} | fields
        answer: dict[str, Any] = self.http.post("/api/v2/Smart/Transactions", json=body).raise_for_status().json()
        return answer

    def now(self, case: dict[str, Any]) -> dict[str, Any]:
        """A Smart Transaction as it is now."""
        answer: dict[str, Any] = self.http.get(f"/api/v2/Smart/Transactions/{case['id']}").json()
        return answer

    def status(self, case: dict[str, Any]) -> str:
        """Where it stands now."""
        status: str = self.now(case)["status"]
        return status

    def payments(self) -> list[dict[str, Any]]:
        """Every payment so far."""
        found: list[dict[str, Any]] = self.http.get("/api/v2/Payment/Transactions?count=1000").json()["data"]
        return found


@contextmanager
def open_till(server: str, shop: str, contract: str, credentials: Mapping[str, str]) -> Iterator[Till]:
    """The till of a merchant, whose payers come back to the pages of a shop."""
    with httpx.Client(base_url=server, verify=NO_TLS, timeout=PATIENCE_SECONDS) as http:
        token = http.post("/oauth/token", json=credentials).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield Till(http, contract, shop)


@pytest.fixture(scope="session")
def shop_url() -> Iterator[str]:
    """A shop to come back to. It remembers nothing that a test could ask for: the address says where a payer is."""
    with demo.receiver() as shop:
        yield shop.url


@pytest.fixture
def till(server: str, shop_url: str) -> Iterator[Till]:
    """The guide's merchant."""
    with open_till(server, shop_url, demo.ORDER["contract"]["id"], demo.CREDENTIALS) as till:
        yield till


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert program, "There is no Chromium; `make test` installs it, or says how"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield browser
        browser.close()


@contextmanager
def opened(chromium: Browser, server: str, width: int, is_scripted: bool) -> Iterator[Page]:
    """A page of its own. Complaints of the browser about ours fail the test, and so does a card in an address."""
    page = new_page(chromium, width, 844, is_scripted)
    context = page.context
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        refused = re.match(r"Failed to load resource.*status of (403|404|422)", message.text)
        if message.location["url"].startswith(server) and not refused:
            complaints.append(message.text)

    def look(request: Request) -> None:
        complaints.extend(traces.in_text(request.url))

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    context.on("request", look)
    yield page
    context.remove_listener("request", look)
    for opened in context.pages[1:]:
        opened.close()
    context.clear_cookies()
    assert complaints == []


def new_page(chromium: Browser, width: int, height: int, is_scripted: bool = True) -> Page:
    """A page beside those that are open."""
    context = kept(chromium)
    page = context.new_page()
    if not is_scripted:  # of this page alone: a context without scripts would be a process more
        context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
    page.set_viewport_size({"width": width, "height": height})
    page.set_default_timeout(1000 * PATIENCE_SECONDS)
    return page


@cache
def kept(chromium: Browser) -> BrowserContext:
    """Where pages are opened one after the other. Its first page stays: without one, each would start a process."""
    context = chromium.new_context(locale="de-DE")
    context.new_page()
    return context


EITHER_WAY = pytest.mark.parametrize("page", ["with script", "without script"], indirect=True)
"""Of a test that is played without JavaScript, too, even if not everything is."""


@pytest.fixture
def desk(chromium: Browser, server: str) -> Iterator[Page]:
    """A wide page with JavaScript, whatever else is played."""
    with opened(chromium, server, 1280, is_scripted=True) as page:
        yield page


@pytest.fixture(params=["with script", pytest.param("without script", marks=pytest.mark.everything)])
def page(request: pytest.FixtureRequest, chromium: Browser, server: str) -> Iterator[Page]:
    """A phone's page, with and without JavaScript."""
    with opened(chromium, server, 390, request.param == "with script") as page:
        yield page
