"""How a payer goes with each method: what is typed, who else is asked, and where it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from pfennig.language import say
from pfennig.money import Money
from tests.browser import album
from tests.browser.conftest import Till
from tests.browser.traces import CODE

CARD = {"number": "4635440000002298", "expiry": "12/39", "cvv": CODE, "owner": "Max Mustermann"}
ACCOUNT = {"owner": "Max Mustermann", "iban": "DE35500105175418493188"}


SUM = 250_00
"""Enough for easyCredit, too."""

FARTHEST = 40
"""No control is so many keys away."""


@dataclass(frozen=True)
class Way:
    """What a method asks for in its form, whether a page of somebody else follows, and what our last page says."""

    entries: Mapping[str, str] = field(default_factory=dict)
    is_outside: bool = False
    ending: str = "Thank you, your payment is complete"
    status: str = "ok"

    @property
    def is_direct(self) -> bool:
        """Whether the method is a button that leads on at once."""
        return self.is_outside and not self.entries


WAYS: Mapping[str, Way] = {
    "creditcard": Way(CARD, is_outside=True),
    "debit": Way(ACCOUNT, ending="Thank you, your payment is confirmed"),
    "prepaid": Way(ending="Please transfer {amount}", status="pending"),
    "invoice": Way(ending="Thank you for your order"),
    **dict.fromkeys(("paypal", "sofort", "giropay", "eps"), Way(is_outside=True)),
    "easycredit": Way(is_outside=True, ending="Thank you, your order is paid"),
}
TO_BE_READ = ("prepaid", "invoice")
"""Where the last page has something to read, and the shop comes after it: this server sends no mail that says it."""


@dataclass
class Mouse:
    """Somebody who points at things."""

    page: Page

    def press(self, id: str) -> None:
        """Uses a button or a link."""
        self.page.locator(f"#{id}").click()

    def check(self, id: str) -> None:
        """Chooses one of several."""
        self.page.locator(f"label[for={id}]").click()

    def type(self, id: str, text: str) -> None:
        """Fills in a field."""
        self.page.locator(f"#{id}").fill(text)


@dataclass
class Keyboard:
    """Somebody who has nothing but keys, and goes from control to control in the order of the page."""

    page: Page

    def press(self, id: str) -> None:
        """Uses a button or a link."""
        self.reach(id)
        self.page.keyboard.press("Enter")

    def check(self, id: str) -> None:
        """Chooses one of several: into the group by Tab, to the right one by arrows."""
        self.reach(id, self.page.locator("input:checked").get_attribute("id"))
        self.reach(id, key="ArrowDown")

    def type(self, id: str, text: str) -> None:
        """Fills in a field; what stands in it is selected on arrival."""
        self.reach(id)
        self.page.keyboard.type(text)

    def reach(self, *ids: str | None, key: str = "Tab") -> None:
        """Presses the key until one of these has the focus."""
        for _ in range(FARTHEST):
            if self.page.evaluate("document.activeElement.id") in ids:
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{key} does not lead to {ids}")


@dataclass
class Walk:
    """One payer, who looks at every screen on his way. is_patient: not one who loads each anew.

    shot: the name of his pictures in the album.
    """

    hand: Mouse | Keyboard
    till: Till
    method: str
    language: str
    shot: str
    is_patient: bool = True
    case: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.till.language = self.language
        total, context = {"sum": SUM, "currency": "EUR"}, {"auto_capture": True}
        self.case = self.till.sell(basket_info=total, payment_context=context)
        self.amount = Money(SUM, "EUR").text_in(self.language)

    @property
    def page(self) -> Page:
        """What he sees."""
        return self.hand.page

    @property
    def way(self) -> Way:
        """The way of this method."""
        return WAYS[self.method]

    def shop(self, end: str) -> str:
        """A page of the shop."""
        url: str = self.case["application_context"]["return_urls"][f"url_{end}"]
        return url

    def see(self, screen: str, heading: str, *, is_chosen: bool = False) -> None:
        """The screen is there, and stays if it is loaded anew; what was chosen on it is chosen once more."""
        self.expect(heading)
        if not self.is_patient:
            self.page.reload()
            self.expect(heading)
            if is_chosen:
                self.hand.check(f"method-{self.method}")
        album.keep(self.page, screen, self.shot)

    def expect(self, heading: str) -> None:
        """The page has this heading, is in the right language, and does not scroll sideways."""
        expect(self.page.locator("h1")).to_have_text(say(heading, self.language, amount=self.amount))
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def open(self) -> None:
        """Opens the payment link."""
        self.page.goto(self.case["payment_links"]["general"])

    def choose(self) -> None:
        """Chooses the method, and sees what it asks; one that asks nothing is a button."""
        self.see("choice", "How would you like to pay?")
        if not self.way.is_direct:
            self.hand.check(f"method-{self.method}")
            self.see(f"form-{self.method}", "How would you like to pay?", is_chosen=True)

    def pay(self, choice: str = "succeed") -> None:
        """Fills in the form, sends it, and chooses an outcome: outside, or in the lab where nobody else is asked."""
        if choice != "succeed" and not self.way.is_outside:
            queued = self.till.http.post("/lab/v1/outcomes", json={"outcome": "account_refused"})
            queued.raise_for_status()
        for name, value in self.way.entries.items():
            self.hand.type(f"{self.method}-{name}", value)
        self.hand.press(f"{self.method}-pay")
        if self.way.is_outside:
            self.see(f"outside-{self.method}", "Do you want to confirm this payment?")
            self.hand.press(choice)

    def arrive(self) -> None:
        """It was paid, once: the shop says so, and the link tells how it went."""
        if self.method in TO_BE_READ:
            self.see(f"result-{self.method}", self.way.ending)
            self.hand.press("back")
        expect(self.page).to_have_url(self.shop("success"))
        assert self.till.status(self.case) == self.way.status
        assert len(self.till.now(self.case)["transactions"]) == 1
        self.open()
        self.see(f"result-{self.method}", self.way.ending)

    def fail(self, choice: str) -> None:
        """It was not paid, and the page offers to try again."""
        self.choose()
        self.pay(choice)
        self.see("refused", "The payment did not succeed")
        assert self.till.status(self.case) == "failed"

    def leave(self) -> None:
        """Thinks better of it outside, which is no refusal."""
        self.choose()
        self.pay("cancel")
        self.see("left", "How would you like to pay?")
        assert self.till.status(self.case) == "created"


def success(walk: Walk) -> None:
    """Pays."""
    walk.open()
    walk.choose()
    walk.pay()
    walk.arrive()


def reload(walk: Walk) -> None:
    """Pays, and loads every page anew."""
    walk.is_patient = False
    success(walk)


def failure(walk: Walk) -> None:
    """Is refused, and goes back to the shop."""
    walk.open()
    walk.fail("fail")
    walk.hand.press("back")
    expect(walk.page).to_have_url(walk.shop("error"))


def retry(walk: Walk) -> None:
    """Thinks better of it outside, or is refused; then tries again and pays."""
    walk.open()
    if walk.way.is_outside:
        walk.leave()
    else:
        walk.fail("fail")
        walk.hand.press("retry")
    expect(walk.page.locator("#notice")).to_be_visible()
    walk.choose()
    walk.pay()
    walk.arrive()


def abort(walk: Walk) -> None:
    """Gives up before paying."""
    walk.open()
    walk.choose()
    walk.hand.press("abort")
    expect(walk.page).to_have_url(walk.shop("abort"))
    assert walk.till.status(walk.case) == "aborted"
    walk.open()
    walk.see("aborted", "This payment has ended")


OUTCOMES = {each.__name__: each for each in (success, failure, abort, retry, reload)}
