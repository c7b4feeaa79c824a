"""Contacts in their normal form."""

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.card import CardNumberInName
from pfennig.domain.contact import NAMES, BadDateOfBirth, Contact, normal_contact
from pfennig.domain.printable import NOT_IN_TEXTS, Unprintable

TODAY = date(2026, 2, 4)


def kept(**fields: Any) -> dict[str, Any]:
    """A contact as it is kept."""
    result: dict[str, Any] = msgspec.to_builtins(normal_contact(msgspec.convert(fields, Contact), TODAY))
    return result


texts = st.text().filter(lambda text: not NOT_IN_TEXTS.search(text))
words = texts.map(lambda text: text[:20])
countries = st.sampled_from(["DE", "fr", "AUT", "Germany", "Schweiz", "Far"])
contacts = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(["name", "forename", "surname", "companyname", "company_name", "email"], words),
        **dict.fromkeys(["phone", "mobile", "fax"], words),
        "gender": st.sampled_from(["m", "F", "male", "x", ""]),
        "dob": st.dates(date(1900, 1, 1), TODAY).map(str),
        "address": st.fixed_dictionaries({"country": countries}),
    },
)


@given(contacts)
def test_the_normal_form_is_its_own_normal_form(contact: dict[str, Any]) -> None:
    once = kept(**contact)
    assert kept(**once) == once
    assert "company_name" not in once


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        (" deutschland", "DE"),
        ("Österreich", "AT"),
        ("Pologne", "PL"),
        ("Niederlande", "NL"),
        ("", ""),
        ("Far away", "Far away"),
    ],
)
def test_a_country_is_known_by_its_codes_and_names(written: str, code: str) -> None:
    assert kept(address={"country": written})["address"]["country"] == code


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("+49 177 5555555", "+491775555555"),
        ("0049-123-456789", "0049123456789"),
        ("  030\t12 34\u00a05 ", "03012345"),
        ("(030) 1234/5", "(030)1234/5"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("field", ["phone", "mobile", "fax"])
def test_telephone_numbers_lose_their_blanks_and_dashes(field: str, written: str, dialled: str) -> None:
    assert kept(**{field: written})[field] == dialled


@given(texts)
def test_a_telephone_number_loses_nothing_else(number: str) -> None:
    kept_number = kept(phone=number[:255])["phone"]
    assert kept_number == re.sub(r"[\s\x1c-\x1f\x85-]", "", number[:255])


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1965-12-31", "1965-12-31T00:00:00+01:00"),
        ("1965-07-01", "1965-07-01T00:00:00+01:00"),  # no summer time in Germany then
        ("1985-07-01", "1985-07-01T00:00:00+02:00"),
        ("1965-12-31T00:00:00+01:00", "1965-12-31T00:00:00+01:00"),
        ("1965-12-31T00:00:00+00:00", "1965-12-31T00:00:00+01:00"),
        ("1965-12-30T23:30:00Z", "1965-12-31T00:00:00+01:00"),
        ("1965-12-31T23:59:59", "1965-12-31T00:00:00+01:00"),
    ],
)
def test_a_day_of_birth_is_the_first_moment_of_that_day_in_germany(written: str, day: str) -> None:
    assert kept(dob=written)["dob"] == day


@given(st.dates(date(1900, 1, 1), TODAY))
def test_any_day_of_birth_comes_back_as_the_same_day(day: date) -> None:
    moment = datetime.fromisoformat(kept(dob=str(day))["dob"])
    assert moment.astimezone(ZoneInfo("Europe/Berlin")).date() == day
    assert kept(dob=moment.isoformat()) == kept(dob=str(day))


@pytest.mark.parametrize(
    "text", ["31.12.1965", "1965-02-30", "yesterday", "1965", "0001-01-01T00:00:00+14:00", "2026-02-05"]
)
def test_what_is_no_day_is_no_day_of_birth(text: str) -> None:
    with pytest.raises(BadDateOfBirth):
        kept(dob=text)


def test_an_empty_day_of_birth_is_none() -> None:
    assert kept(dob="") == {}


def test_both_spellings_of_a_company_are_understood() -> None:
    assert kept(companyname="A") == {"companyname": "A"}
    assert kept(company_name="B") == {"companyname": "B"}
    assert kept(companyname="A", company_name="B") == {"companyname": "A"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"forename": "Ada", "surname": "Lovelace"}, "Ada Lovelace"),
        ({"forename": "Ada", "surname": "Lovelace", "name": "Somebody"}, "Ada Lovelace"),
        ({"surname": "Lovelace", "name": "Somebody"}, "Lovelace"),
        ({"name": "Somebody"}, "Somebody"),
        ({"forename": "", "surname": "", "name": "Somebody"}, "Somebody"),
        ({"email": "a@example.net"}, None),
    ],
)
def test_the_full_name_is_made_from_its_parts(given: dict[str, str], name: str | None) -> None:
    assert kept(**given).get("name") == name


@pytest.mark.parametrize(
    ("given", "salutation"),
    [
        ({"salutation": "Dr."}, "Dr."),
        ({"salutation": "Mr.", "gender": "f"}, "Mr."),
        ({"gender": "m"}, "Herr"),
        ({"gender": "FEMALE"}, "Frau"),
        ({"gender": "d"}, None),
        ({"forename": "Max", "surname": "Mustermann"}, "Herr"),
        ({"forename": "Max", "surname": "Meier"}, None),
    ],
)
def test_a_salutation_is_never_guessed_from_a_real_name(given: dict[str, str], salutation: str | None) -> None:
    assert kept(**given).get("salutation") == salutation


@pytest.mark.parametrize("fields", [{"email": "a\0b"}, {"address": {"city": "a\u202eb"}}])
def test_no_field_has_characters_that_steer(fields: dict[str, Any]) -> None:
    with pytest.raises(Unprintable):
        kept(**fields)


def test_who_is_born_today_is_born() -> None:
    assert kept(dob=str(TODAY))["dob"].startswith(str(TODAY))


@pytest.mark.parametrize("field", NAMES)
def test_no_name_has_a_card_number_in_it(field: str) -> None:
    with pytest.raises(CardNumberInName, match=f"contact.{field}"):
        kept(**{field: "Max 4111 1111 1111 1111"})
