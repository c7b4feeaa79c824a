"""How a checkout looks: what may be said, and what would show it to strangers."""

import base64
from typing import Any

import msgspec
import pytest

from pfennig.domain.branding import LARGEST_FAVICON, Branding, origin
from pfennig.domain.picture import LARGEST_PICTURE, picture

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
        {"project_logo": uri(PNG.ljust(LARGEST_PICTURE))},
        {"domains": [SHOP], "background": {"enabled": True, "image_url": f"{SHOP}/a.png"}},
        {"domains": [SHOP], "background": {"image_url": "HTTPS://Shop.example.com/a.png"}},
        {"background": {"enabled": False}},
        {"project_logo": uri(PNG), "project_logo_dark": uri(PNG)},
        {"favicon": uri(PNG.ljust(LARGEST_FAVICON))},
        {"background_colour": "#000000", "corner_radius": 0, "font": "serif"},
        {"corner_radius": 24, "font": "system"},
        {"support": {"email": "hilfe@müller.example", "phone": "+49 (30) 901820-0", "url": f"{SHOP}/help"}},
        {"support": {"phone": "030 901820"}, "legal": {}},
        {"legal": {"imprint": f"{SHOP}/impressum", "privacy": SHOP, "terms": f"{SHOP}/a?b=c#d", "cancellation": ""}},
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
        ({"project_logo": uri(PNG.ljust(LARGEST_PICTURE + 1))}, "project_logo has 16385 bytes; there may be 16384"),
        ({"background": {"enabled": True}}, "background.image_url must be"),
        ({"background": {"image_url": f"{SHOP}/a.png"}}, "background.image_url must be"),
        ({"domains": [SHOP], "background": {"image_url": "https://shop.example.com:444/a"}}, "background.image_url"),
        ({"domains": [SHOP], "background": {"image_url": f"{SHOP}/a b"}}, "background.image_url"),
        ({"background_colour": "#fff"}, "background_colour must be a colour"),
        ({"corner_radius": 25}, "Expected `int` <= 24"),
        ({"corner_radius": -1}, "Expected `int` >= 0"),
        ({"font": "comic"}, "Invalid enum value 'comic'"),
        ({"project_logo_dark": uri(PNG)}, "project_logo_dark needs a project_logo"),
        ({"project_logo": uri(PNG), "project_logo_dark": uri(b"x")}, "project_logo_dark is no image/png"),
        ({"favicon": uri(PNG.ljust(LARGEST_FAVICON + 1))}, "favicon has 8193 bytes; there may be 8192"),
        ({"favicon": "data:image/x-icon;base64,AAAA"}, "favicon must begin with"),
        ({"support": {"email": "hilfe"}}, "support.email must be an e-mail address"),
        ({"support": {"phone": "javascript:1"}}, "support.phone must be a telephone number"),
        ({"support": {"phone": "030"}}, "support.phone must be a telephone number"),
        ({"support": {"url": "http://shop.example.com"}}, "support.url must be an https address"),
        ({"legal": {"imprint": "http://shop.example.com/i"}}, "legal.imprint must be an https address"),
        ({"legal": {"privacy": "javascript:alert(1)"}}, "legal.privacy must be an https address"),
        ({"legal": {"terms": "https://shop.example.com@evil.example/"}}, "legal.terms must be an https address"),
        ({"legal": {"cancellation": "/widerruf"}}, "legal.cancellation must be an https address"),
        ({"legal": {"terms": f"{SHOP}/\n"}}, "legal.terms must be an https address"),
        ({"legal": {"agb": SHOP}}, "Object contains unknown field `agb`"),
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
    assert logo.digest != picture("x", uri(PNG + b"x")).digest
    assert Branding().logo is None


def test_the_logo_stands_in_for_pictures_that_are_not_there() -> None:
    plain = Branding(project_logo=uri(PNG))
    assert (plain.tab_sign, plain.dark_logo) == (plain.logo, None)
    full = Branding(project_logo=uri(PNG), project_logo_dark=uri(PNG + b"dark"), favicon=uri(PNG + b"tab"))
    assert [each.data for each in full.pictures()] == [PNG, PNG + b"dark", PNG + b"tab"]
    assert Branding(favicon=uri(PNG)).logo is None
    assert list(Branding().pictures()) == []


def test_origins_are_compared_as_browsers_do() -> None:
    assert origin("HTTPS://Shop.Example.com:8443/a?b") == "https://shop.example.com:8443"
