"""Which database an address means."""

import pytest

from pfennig.storage.database import BadAddress, normal_address


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("pfennig.db", "sqlite:///pfennig.db"),
        ("/var/lib/pfennig.db", "sqlite:////var/lib/pfennig.db"),
        ("sqlite:///pfennig.db", "sqlite:///pfennig.db"),
        ("sqlite:////var/lib/pfennig.db", "sqlite:////var/lib/pfennig.db"),
        ("postgresql://me@db.test/shop", "postgresql+psycopg://me@db.test/shop"),
        ("postgres://me@db.test/shop", "postgresql+psycopg://me@db.test/shop"),
    ],
)
def test_an_address_is_brought_into_one_form(address: str, normal: str) -> None:
    assert normal_address(address) == normal


@pytest.mark.parametrize(
    "address",
    [
        "mysql://me@db.test/shop",
        "sqlite://pfennig.db",
        "http://db.test",
        "postgresql://me@db.test:many/shop",
        "sqlite:///",
        "sqlite:///:memory:",
        ":memory:",
        "",
    ],
)
def test_what_is_no_address_of_a_database_that_lasts_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        normal_address(address)


def test_a_refusal_does_not_repeat_the_password() -> None:
    with pytest.raises(BadAddress) as caught:
        normal_address("mysql://me:hunter2hunter2@db.test/shop")
    assert "hunter2hunter2" not in str(caught.value)
