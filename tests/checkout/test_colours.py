"""Whatever colour a contract has, everything on its pages can be read, light and dark."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from pfennig.checkout import colours
from pfennig.checkout.assets import STATIC
from pfennig.domain.colour import READABLE, VISIBLE, contrast
from tests.domain.test_colour import COLOURS

STYLE = (STATIC / "checkout.css").read_text(encoding="utf-8")


def style(name: str) -> list[str]:
    """The values of a property of the style sheet, light before dark, in six digits."""
    found = re.findall(rf"--{name}: (#\w+);", STYLE)
    return [value if len(value) == 7 else "#" + "".join(digit * 2 for digit in value[1:]) for value in found]


def test_the_schemes_are_those_of_the_style_sheet() -> None:
    for name in vars(colours.LIGHT):
        assert style(name)[0] == getattr(colours.LIGHT, name)
        assert getattr(colours.DARK, name) in style(name)


@given(COLOURS | st.just(""), COLOURS | st.just(""))
@example("#000000", "")
@example("#ffffff", "#ffffff")
@example("", "#777777")
@example("#ff0000", "#00ff00")
@example("#3b0764", "#ff5fa2")
@example("#000000", "#000000")
def test_a_page_in_any_colours_can_be_read(primary: str, page: str) -> None:
    rules = colours.css(primary, page).split("@media")
    for scheme, text in zip((colours.LIGHT, colours.DARK), rules, strict=True):
        values = vars(scheme) | {"accent-deep": scheme.accent} | dict(re.findall(r"--([\w-]+):(#\w{6})", text))
        grounds = [values["card"], values["raised"], values.get("tint", values["card"])]
        if not page:
            grounds.append(values["page"])
        for ground in grounds:
            for name in ("accent", "accent-deep", "soft", "ink", "bad"):
                assert contrast(values[name], ground) >= READABLE, (name, ground)
            assert contrast(values["edge"], ground) >= VISIBLE
        for name in ("accent", "accent-deep", "soft", "ink"):
            assert contrast(values.get(f"page-{name}", values[name]), values["page"]) >= READABLE, name
        if primary:
            for ground in (values["button"], values["button-deep"]):
                assert contrast(values["on-accent"], ground) >= READABLE
    assert not primary or f"--button:{primary};" in rules[0]
    assert not page or f"--page:{page};" in rules[0]
