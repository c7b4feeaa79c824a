"""Firefox, driven over WebDriver BiDi: a window that types, clicks, looks, and is asked what it shows."""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.patience import PATIENCE_SECONDS
from tests.postgres import free_port

PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "services.settings.server": "data:,#none",
    "intl.accept_languages": "de",
}
"""It asks nobody but the pages that it is led to."""

LARGEST_MESSAGE = 64 * 1024 * 1024
"""A picture of a long page is a message."""


class FirefoxError(Exception):
    """What the browser answered when it could not do what it was told."""


@dataclass
class Window:
    """A page of the browser. Its elements are named by selectors."""

    socket: ClientConnection
    numbers: Iterator[int]
    context: str = ""

    def send(self, method: str, **parameters: Any) -> Any:
        """The result of a command. Raises FirefoxError. What the browser reports meanwhile is passed over."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=PATIENCE_SECONDS))
            if answer.get("id") == number:
                break
        if answer["type"] == "error":
            raise FirefoxError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def resize(self, width: int, height: int = 844, scale: float = 1) -> None:
        """Makes the page as wide and high, in pixels of CSS. scale: how many pixels of the screen each has."""
        viewport = {"width": width, "height": height}
        self.send("browsingContext.setViewport", context=self.context, viewport=viewport, devicePixelRatio=scale)

    def open(self, url: str) -> None:
        """Leads to an address, and waits until all of it is there."""
        self.send("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression: text, number, truth or None. The page's own scripts do not notice."""
        target = {"context": self.context, "sandbox": "test"}
        answer = self.send("script.evaluate", expression=expression, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def wait_until(self, expression: str) -> None:
        """Waits until an expression is true, on whatever page is there by then. Fails if it never is."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                if self.evaluate(expression):
                    return
            except FirefoxError:
                pass  # between two pages there is none to ask
            time.sleep(0.02)
        raise AssertionError(f"it never came to {expression} on {self.url}")

    def see(self, selector: str) -> None:
        """Waits for an element that can be seen."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.wait_until(f"document.readyState === 'complete' && !!{found}?.checkVisibility()")

    @property
    def url(self) -> str:
        """Where it is."""
        tree = self.send("browsingContext.getTree", root=self.context)
        address: str = tree["contexts"][0]["url"]
        return address

    def click(self, selector: str) -> None:
        """Points at the middle of an element, and clicks."""
        self.see(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        box = json.loads(
            self.evaluate(f"JSON.stringify(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")
        )
        x, y = round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)
        mouse = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.act({"type": "pointer", "id": "mouse", "actions": mouse})

    def type(self, selector: str, text: str) -> None:
        """Clicks into a field, and types over what is in it."""
        self.click(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        self.press(*text)

    def press(self, *keys: str) -> None:
        """Presses keys, one after the other."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keys", "actions": strokes})

    def act(self, device: dict[str, Any]) -> None:
        """Uses a device."""
        self.send("input.performActions", context=self.context, actions=[device])

    def picture(self, file: Path) -> None:
        """Takes a picture of all of the page."""
        shot = self.send("browsingContext.captureScreenshot", context=self.context, origin="document")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def running_firefox(program: str, profile: Path, *, is_scripted: bool = True) -> Iterator[Window]:
    """The browser, with a profile that nobody has used. is_scripted: scripts of pages run."""
    preferences = PREFERENCES | {"javascript.enabled": is_scripted}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items())
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    port = free_port()
    options = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", str(port)]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connected(f"ws://127.0.0.1:{port}/session") as socket:
                browser = Window(socket, count(1))
                browser.send("session.new", capabilities={})
                yield browser
        finally:
            process.terminate()


def connected(url: str) -> ClientConnection:
    """A connection to a browser that is just starting."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return connect(url, max_size=LARGEST_MESSAGE, proxy=None)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@contextmanager
def opened_window(browser: Window) -> Iterator[Window]:
    """A window with cookies and settings of its own."""
    user = browser.send("browser.createUserContext")["userContext"]
    page = browser.send("browsingContext.create", type="tab", userContext=user)["context"]
    yield Window(browser.socket, browser.numbers, page)
    browser.send("browser.removeUserContext", userContext=user)
