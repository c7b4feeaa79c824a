"""Which database an address means."""

from typing import Any

import pytest
from sqlalchemy.engine import make_url

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
        "postgresql://me@db1.test,db2.test:many/shop",
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


@pytest.mark.parametrize(
    ("address", "hosts", "ports"),
    [
        ("postgresql://me:secret@db1,db2/shop?target_session_attrs=read-write", "db1,db2", "5432,5432"),
        ("postgresql://me:secret@db1:5433,db2/shop?target_session_attrs=read-write", "db1,db2", "5433,5432"),
        ("postgresql://me:secret@[::1]:5433,db2/shop?target_session_attrs=read-write", "::1,db2", "5433,5432"),
        ("postgresql://me:secret@/shop?host=db1:1&host=db2:2&target_session_attrs=read-write", "db1,db2", "1,2"),
    ],
)
def test_an_address_may_have_several_hosts_and_say_which_one_is_meant(address: str, hosts: str, ports: str) -> None:
    given = connects_with(address)
    assert (given["host"], given["port"]) == (hosts, ports)
    assert (given["user"], given["password"], given["dbname"]) == ("me", "secret", "shop")
    assert given["target_session_attrs"] == "read-write"


def test_a_comma_in_a_password_makes_no_second_host() -> None:
    given = connects_with("postgresql://me:a,b?c@db1/shop")
    assert (given["host"], given["password"], given["dbname"]) == ("db1", "a,b?c", "shop")


def connects_with(address: str) -> dict[str, Any]:
    """What the driver is told when we connect to an address."""
    url = make_url(normal_address(address))
    _, named = url.get_dialect()().create_connect_args(url)
    return dict(named)
