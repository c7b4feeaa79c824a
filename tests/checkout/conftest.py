"""A payer without a browser: opens links, fills in forms, and goes where he is sent, but never to another host."""

from dataclasses import dataclass, field

import httpx
import pytest

from pfennig.demo import Form
from tests.conftest import PUBLIC_URL


@dataclass
class Payer:
    """One payer and the page before him."""

    http: httpx.Client
    answer: httpx.Response = field(default_factory=lambda: httpx.Response(204))

    @property
    def page(self) -> str:
        """What he sees."""
        return self.answer.text

    @property
    def status(self) -> int:
        """The status of the page."""
        return self.answer.status_code

    @property
    def sent_to(self) -> str:
        """Where he is now: an address of ours without the host, or the shop's."""
        return self.answer.headers.get("Location") or self.answer.request.url.raw_path.decode()

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the page's form, with what they hold."""
        return Form.first(self.page).fields

    def open(self, url: str) -> "Payer":
        """Opens an address of ours."""
        return self.go("GET", url.removeprefix(PUBLIC_URL))

    def send(self, **values: str) -> "Payer":
        """Fills in the page's form and sends it."""
        form = Form.first(self.page)
        filled = form.fields | values
        if form.method == "get":
            return self.go("GET", form.action, params=filled)
        return self.go("POST", form.action, data=filled)

    def go(self, verb: str, path: str, **more: dict[str, str]) -> "Payer":
        """Asks, and follows as long as it stays with us."""
        self.answer = self.http.request(verb, path, **more)  # type: ignore[arg-type]
        while self.answer.headers.get("Location", "").startswith("/"):
            self.answer = self.http.get(self.answer.headers["Location"])
        return self


@pytest.fixture
def payer(http: httpx.Client) -> Payer:
    """Somebody who pays."""
    return Payer(http)
