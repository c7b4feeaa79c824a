"""Who shall sell: what must be known, what it costs, and how the page looks."""

import base64
from typing import Any

import msgspec
import pytest

from pfennig.domain.contexts import BadUrl
from pfennig.domain.methods import METHODS
from pfennig.domain.onboarding import (
    AccountDetails,
    BadLook,
    CreateCard,
    Details,
    DetailsMissing,
    IframeOpts,
    Person,
    Price,
    UnknownCategory,
    UnknownProduct,
    branding,
    data_uri,
    fees,
    hundredths,
    inherited_look,
    require_complete,
    stored_details,
)

HOME = {"street": "Kolumbastr.", "postal_code": "50667", "city": "Köln"}
NAMED = {"salutation": "Herr", "forename": "Max", "surname": "Mustermann"}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
SVG = base64.b64encode(b" <svg/>").decode()


def person(**fields: Any) -> Person:
    """Somebody, as the wire says it."""
    return msgspec.convert(NAMED | {"address": HOME} | fields, Person)


def test_of_several_addresses_the_first_one_that_says_something_counts() -> None:
    several = person(
        email=[{"email": ""}, {"email": "a@example.net"}, {"email": "b@example.net"}], phone=[{"x": "1"}]
    )
    assert several.email == "a@example.net"
    assert several.phone is msgspec.UNSET
    assert person(email="c@example.net").email == "c@example.net"


def test_who_shall_sell_has_a_name_and_a_home() -> None:
    require_complete(person())
    with pytest.raises(DetailsMissing) as caught:
        require_complete(person(forename="", address=HOME | {"city": ""}))
    assert caught.value.details == "contact.forename, contact.address.city is missing"
    with pytest.raises(DetailsMissing, match=r"street, contact\.address\.postal_code, contact\.address\.city"):
        require_complete(msgspec.convert(NAMED, Person))


def test_an_account_is_kept_with_what_follows_from_its_iban() -> None:
    account = AccountDetails(iban="DE35 5001 0517 5418 4931 88", bic="INGDDEFF", bankname="Mine")
    assert account.stored_fields("Teewerk") == {
        "owner": "Teewerk",
        "iban": "DE35500105175418493188",
        "bic": "INGDDEFF",
        "bankname": "ING-DiBa",
    }
    assert AccountDetails(iban="DE35500105175418493188", owner="Max").stored_fields("Teewerk")["owner"] == "Max"
    assert AccountDetails(iban="DE35500105175418493188").stored_fields("Teewerk")["bic"] == "INGDDEFFXXX"
    assert AccountDetails(iban="DE35500105175418493188").stored_fields("x" * 71)["owner"] == "x" * 70


def test_only_a_plastic_card_needs_an_identifier() -> None:
    CreateCard(app_language="de", card_type="virtual")
    CreateCard(app_language="de", card_type="plastic", identifier="1")
    with pytest.raises(DetailsMissing):
        CreateCard(app_language="de", card_type="plastic")


def test_details_are_kept_as_they_were_said() -> None:
    said = {"merchant_category": 902, "project_url": "https://example.net", "notes": "x"}
    assert stored_details(msgspec.convert(said, Details)) == {"payin_account": False} | said
    assert stored_details(Details()) == {"payin_account": False}
    with pytest.raises(UnknownCategory):
        Details(merchant_category=5)
    with pytest.raises(BadUrl, match="url_website"):
        Details(url_website="ftp://example.net")


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("1.9", 190), ("0.35", 35), ("19.99", 1999), ("100", 10_000)])
def test_euros_and_percent_are_counted_in_hundredths(text: str, number: int) -> None:
    assert hundredths(text) == number


def test_prices_are_fees_by_method() -> None:
    debit = METHODS["debit"].products.collected.number
    assert fees([Price(debit, disagio="1.9", disagio_min="0.35", fix="0.1")]) == {
        "debit": {"basis_points": 190, "fixed": 10, "minimum": 35}
    }
    assert fees([]) == {}
    with pytest.raises(UnknownProduct):
        fees([Price(1)])


def test_a_look_is_that_of_the_contract_above_with_what_was_said() -> None:
    above = {"basket_title": "Above", "submit_button_title": "Pay", "is_basket_shown": False}
    after = branding(above, IframeOpts(basket_title="Mine", show_basket=True))
    assert after == {"basket_title": "Mine", "submit_button_title": "Pay", "language_formality": "informal"}
    assert branding({"language_formality": "informal"}, IframeOpts(cession="formal")) == {}
    assert branding({}, IframeOpts(logo_base64=PNG))["project_logo"] == f"data:image/png;base64,{PNG}"
    with pytest.raises(BadLook, match="iframe_opts: project_logo is no image/png"):
        branding({}, IframeOpts(logo_base64=base64.b64encode(b"GIF89a").decode()))


def test_a_contract_for_somebody_else_has_neither_imprint_nor_support_nor_pictures_of_the_one_above() -> None:
    above = {"font": "serif", "legal": {"imprint": "https://above.example"}, "support": {"email": "a@b.example"}}
    assert inherited_look(above) == {"font": "serif"}
    assert inherited_look({"legal": {}}) is None
    assert inherited_look(None) is None
    logo = data_uri(PNG)
    above = {"project_logo": logo, "project_logo_dark": logo, "favicon": logo}
    assert set(branding(above, IframeOpts(logo_base64=PNG))) == {"project_logo", "language_formality"}
    assert set(branding(above, IframeOpts(cession="formal"))) == set(above)


def test_a_picture_says_what_it_is() -> None:
    assert data_uri(PNG) == f"data:image/png;base64,{PNG}"
    assert data_uri(SVG) == f"data:image/svg+xml;base64,{SVG}"
    assert data_uri("data:x") == "data:x"
    with pytest.raises(BadLook):
        data_uri("no base64!")
