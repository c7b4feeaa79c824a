"""Who asks: the address that a trusted proxy tells, in one spelling, and never one that the caller made up."""

from ipaddress import ip_network

import httpx
import pytest
from structlog.testing import capture_logs

from pfennig import application, web
from pfennig.operations.core.call import Platform
from pfennig.settings import Settings
from tests.conftest import PUBLIC_URL

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6,198.51.100.1 , 10.0.0.2,fd00::2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, unknown", "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6,", "10.0.0.1"),
        ("10.0.0.1", ",", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1:4711", "10.0.0.1"),
        ("10.0.0.1", "_hidden", "10.0.0.1"),
        ("10.0.0.1", "for=198.51.100.1", "10.0.0.1"),
        ("10.0.0.1", "1" * 5000, "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        ("fd00::1", "2001:DB8::0001", "2001:db8::1"),
        ("fd00::1", "fe80::1%said by anybody", "fe80::1"),
        ("", "", ""),
        ("a socket", "198.51.100.1", "a socket"),
    ],
)
def test_an_address_is_the_last_one_that_no_proxy_of_ours_has(peer: str, forwarded: str, address: str) -> None:
    assert web.client_address(peer, forwarded, PROXIES) == address


def test_without_proxies_nobody_is_believed() -> None:
    assert web.client_address("10.0.0.1", "198.51.100.1", ()) == "10.0.0.1"


def test_the_log_has_the_address_that_the_proxy_tells(platform: Platform) -> None:
    app = application.create(platform, Settings(trusted_proxies="127.0.0.1"))
    headers = {"X-Forwarded-For": "6.6.6.6, ::ffff:198.51.100.1"}
    with httpx.Client(transport=httpx.WSGITransport(app), base_url=PUBLIC_URL) as http, capture_logs() as log:
        http.get("/health/live", headers=headers)
    assert log[-1]["address"] == "198.51.100.1"
