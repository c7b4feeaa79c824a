"""A payer without a browser: opens links, fills in forms, and goes where he is sent, but never to another host."""

import html
import re
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
    def form(self) -> Form:
        """The form of the method that stands open, or the only form of a page."""
        chosen = re.findall(r'name="payment-method"[^>]* value="(\w+)" checked', self.page)
        return Form.first(self.page, f"/pay/{chosen[0]}?" if chosen else "")

    @property
    def panel(self) -> str:
        """That form as it is drawn."""
        start = self.page.index(f'action="{html.escape(self.form.action)}"')
        return self.page[start : self.page.index("</form>", start)]

    @property
    def fields(self) -> dict[str, str]:
        """The fields of that form, with what they hold."""
        return self.form.fields

    def open(self, url: str) -> "Payer":
        """Opens an address of ours."""
        return self.go("GET", url.removeprefix(PUBLIC_URL))

    def choose(self, method: str) -> "Payer":
        """Opens the form of a method where the page does not show it yet."""
        return self.open(f"{self.sent_to.partition('&payment-method')[0]}&payment-method={method}")

    def send(self, **values: str) -> "Payer":
        """Fills in the form and sends it."""
        form = self.form
        return self.go("POST", form.action, data=form.fields | values)

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
