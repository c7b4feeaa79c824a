"""A real browser before a real server: what a shopper does, a test does."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from pfennig import demo
from pfennig.settings import Settings
from tests.postgres import free_port

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the twin keeps its database and its log."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="session")
def server(server_folder: Path) -> Iterator[str]:
    """The address of a started twin."""
    settings = Settings(port=free_port(), database=str(server_folder / "pfennig.db"))
    with demo.served(settings, server_folder / "server.log"):
        yield settings.own_url


@dataclass
class Till:
    """A shop that sells and watches where its payers come back."""

    http: httpx.Client
    contract: str
    url: str

    def sell(self, **fields: Any) -> dict[str, Any]:
        """A new Smart Transaction over five euros."""
        urls = {f"url_{end}": f"{self.url}/{end}?order=7" for end in ("success", "error", "abort")}
        context = {"return_urls": urls, "language": fields.pop("language", "de")}
        body = demo.ORDER | {"contract": {"id": self.contract}, "application_context": context} | fields
        answer: dict[str, Any] = self.http.post("/api/v2/Smart/Transactions", json=body).raise_for_status().json()
        return answer

    def status(self, case: dict[str, Any]) -> str:
        """Where it stands now."""
        status: str = self.http.get(f"/api/v2/Smart/Transactions/{case['id']}").json()["status"]
        return status

    def payments(self) -> list[dict[str, Any]]:
        """Every payment so far."""
        found: list[dict[str, Any]] = self.http.get("/api/v2/Payment/Transactions?count=1000").json()["data"]
        return found


@pytest.fixture
def till(server: str) -> Iterator[Till]:
    """The guide's merchant, with a page of its own to come back to."""
    with demo.receiver() as shop, httpx.Client(base_url=server) as http:
        token = http.post("/oauth/token", json=demo.CREDENTIALS).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield Till(http, demo.ORDER["contract"]["id"], shop.url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's browser."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert program, "There is no Chromium; `make test` installs it, or says how"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield browser
        browser.close()


@pytest.fixture(params=["with script", "without script"])
def page(request: pytest.FixtureRequest, chromium: Browser, server: str) -> Iterator[Page]:
    """A phone's page, with and without JavaScript; what the browser says against our pages fails the test."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=request.param == "with script"
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        refused = re.match(r"Failed to load resource.*status of (403|404|422)", message.text)
        if message.location["url"].startswith(server) and not refused:
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
