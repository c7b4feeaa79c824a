"""Streets and their numbers, and what an address has in which country."""

import pytest

from pfennig.domain import payer

STREETS = {
    "Musterstr. 55": ("Musterstr.", "55"),
    "Musterstr. 5 a-c": ("Musterstr. 5 a-c", None),
    "Musterstr. 5a - 7b": ("Musterstr.", "5a - 7b"),
    "Straße des 17. Juni 135": ("Straße des 17. Juni", "135"),
    "55 Main Street": ("55 Main Street", None),
    "Q7, 24": ("Q7,", "24"),
    "Dorfplatz": ("Dorfplatz", None),
    "Am  Markt   1": ("Am Markt", "1"),
}


@pytest.mark.parametrize("line", STREETS)
def test_a_street_is_parted_from_its_number_only_where_that_is_clear(line: str) -> None:
    street, number = STREETS[line]
    address = payer.with_details({"address": {"street_number": "old"}}, {"street": line})["address"]
    assert (address["street"], address.get("street_number")) == (street, number)
    assert payer.detail({"address": address}, "street") == " ".join(line.split())


@pytest.mark.parametrize(
    ("country", "without"),
    [
        ("DE", set()),
        ("PL", set()),
        ("GB", set()),
        ("US", set()),
        ("HK", {"postal_code", "city"}),
        ("AE", {"postal_code", "city"}),
        ("SG", {"city"}),
        ("IE", {"postal_code"}),
        ("PA", {"postal_code"}),
        ("", set()),
        ("XX", set()),
    ],
)
def test_an_address_needs_what_addresses_in_its_country_have(country: str, without: set[str]) -> None:
    known = {"address": {"street": "Main Street 1", "country": country}}
    lacking = set(payer.lacking({"companyname": "Ltd", **known})) - {"country"}
    assert lacking == {"postal_code", "city"} - without
    assert payer.wrong(known, ["postal_code", "city"]) == {"postal_code", "city"} - without


def test_what_is_not_needed_must_still_be_readable() -> None:
    known = {"address": {"country": "HK", "postal_code": "\x00", "city": "Kowloon"}}
    assert payer.wrong(known, ["postal_code", "city"]) == {"postal_code"}
