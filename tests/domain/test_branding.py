"""How a checkout looks: what may be said, and what would show it to strangers."""

import base64
from typing import Any

import msgspec
import pytest

from pfennig.domain.branding import LARGEST_LOGO, Branding, logo_of, origin

PNG = b"\x89PNG\r\n\x1a\n"
SHOP = "https://shop.example.com"


def uri(data: bytes, type: str = "image/png") -> str:
    """A picture as it is said."""
    return f"data:{type};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"language": "fr"},
        {"primary_colour": "#155e4B"},
        {"domains": [SHOP, "http://localhost:8000"]},
        {"project_logo": uri(PNG)},
        {"project_logo": uri(b"\n <svg/>", "image/svg+xml")},
        {"project_logo": uri(PNG.ljust(LARGEST_LOGO))},
        {"domains": [SHOP], "background": {"enabled": True, "image_url": f"{SHOP}/a.png"}},
        {"domains": [SHOP], "background": {"image_url": "HTTPS://Shop.example.com/a.png"}},
        {"background": {"enabled": False}},
    ],
)
def test_what_can_be_shown(said: dict[str, Any]) -> None:
    msgspec.convert(said, Branding)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"language": "xx"}, "language must be one of de, en, fr, it, nl, pl"),
        ({"primary_colour": "green"}, "primary_colour must be a colour"),
        ({"domains": [SHOP, f"{SHOP}/path"]}, "domains: 'https://shop.example.com/path' must be an origin"),
        ({"project_logo": "https://example.net/a.png"}, "project_logo must begin with"),
        ({"project_logo": "data:image/png;base64,abcde"}, "project_logo is not Base64"),
        ({"project_logo": uri(b"GIF89a")}, "project_logo is no image/png"),
        ({"project_logo": uri(PNG.ljust(LARGEST_LOGO + 1))}, "project_logo has 16385 bytes; there may be 16384"),
        ({"background": {"enabled": True}}, "background.image_url must be"),
        ({"background": {"image_url": f"{SHOP}/a.png"}}, "background.image_url must be"),
        ({"domains": [SHOP], "background": {"image_url": "https://shop.example.com:444/a"}}, "background.image_url"),
        ({"domains": [SHOP], "background": {"image_url": f"{SHOP}/a b"}}, "background.image_url"),
    ],
)
def test_what_cannot_be_shown_says_why(said: dict[str, Any], why: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(said, Branding)
    assert str(caught.value).startswith(why)


def test_a_contract_speaks_among_friends_if_it_says_so() -> None:
    assert Branding().tongue("de") == "de"
    assert Branding(language_formality="informal").tongue("de") == "de@informal"
    assert Branding(language_formality="informal").tongue("en") == "en"


def test_only_texts_that_are_said_are_shown() -> None:
    assert Branding(project_title="Tea", basket_title="", submit_button_title="Pay").texts == {
        "project_title": "Tea",
        "submit_button_title": "Pay",
    }


def test_a_logo_is_a_file_whose_address_changes_with_it() -> None:
    logo = Branding(project_logo=uri(PNG)).logo
    assert logo
    assert (logo.content_type, logo.data, len(logo.digest)) == ("image/png", PNG, 12)
    assert logo.digest != logo_of(uri(PNG + b"x")).digest
    assert Branding().logo is None


def test_origins_are_compared_as_browsers_do() -> None:
    assert origin("HTTPS://Shop.Example.com:8443/a?b") == "https://shop.example.com:8443"
