"""Streets and their numbers."""

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
