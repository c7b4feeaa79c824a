"""WCAG 2.2 AA as far as a program can see it: axe, and what axe leaves out."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
OURS = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}
OF_COLOURS = RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What else a page says or does is the same in the light and in the dark."""

SCHEMES: tuple[Any, ...] = ("light", "dark")


def complaints(page: Page, frame: Frame | None = None, *, of_colours: bool = False) -> list[str]:
    """What is wrong with a page, or a frame in it, in the light or in the dark; of_colours: with those alone."""
    place, found = frame or page.main_frame, list[str]()
    place.evaluate(AXE)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way to another one
        rules = OF_COLOURS if of_colours or scheme == "dark" else RULES
        broken = place.evaluate("(rules) => axe.run(document, rules)", rules)["violations"]
        found += [f"{scheme}: {rule['help']}: {node['html']}" for rule in broken for node in rule["nodes"]]
        found += [f"{scheme}: {wrong}" for wrong in place.evaluate(OURS)]
    return found
