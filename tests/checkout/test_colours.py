"""Whatever colour a contract has, everything on its pages can be read, light and dark."""

import re

from hypothesis import example, given

from pfennig.checkout import colours
from pfennig.checkout.pages import STATIC
from pfennig.domain.colour import READABLE, contrast
from tests.domain.test_colour import COLOURS

STYLE = (STATIC / "checkout.css").read_text(encoding="utf-8")
SOFT = ("#59625d", "#a5aea8")
"""--soft of the style sheet, which also stands on tinted areas."""


def style(name: str) -> list[str]:
    """The values of a property of the style sheet, light before dark, in six digits."""
    found = re.findall(rf"--{name}: (#\w+);", STYLE)
    return [value if len(value) == 7 else "#" + "".join(digit * 2 for digit in value[1:]) for value in found]


def test_the_surfaces_are_those_of_the_style_sheet() -> None:
    for name, light, dark in zip(("card", "page", "raised"), colours.LIGHT, colours.DARK, strict=True):
        assert style(name)[0] == light
        assert dark in style(name)
    assert set(SOFT) <= set(style("soft"))


@given(COLOURS)
@example("#000000")
@example("#ffffff")
def test_a_page_in_any_colour_can_be_read(colour: str) -> None:
    light, dark = (dict(re.findall(r"--([\w-]+):(#\w{6})", rules)) for rules in colours.css(colour).split("@media"))
    for values, surfaces, soft in ((light, colours.LIGHT, SOFT[0]), (dark, colours.DARK, SOFT[1])):
        for ground in (*surfaces, values["tint"]):
            for text in (values["accent"], values["accent-deep"], soft):
                assert contrast(text, ground) >= READABLE
        for ground in (values["button"], values["button-deep"]):
            assert contrast(values["on-accent"], ground) >= READABLE
    assert light["button"] == colour
