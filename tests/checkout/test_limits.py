"""Forms are sent as fast as people can, and not much faster."""

import httpx
import pytest

from pfennig import rates, web
from pfennig.checkout import limits
from pfennig.checkout.limits import SENT_PER_ADDRESS, SENT_PER_TRANSACTION
from pfennig.rates import WINDOW_SECONDS, Rates, TooFast
from tests.checkout.conftest import Payer
from tests.conftest import Api


def test_whoever_tries_card_after_card_is_told_to_wait(
    mine: Api, http: httpx.Client, payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "WINDOW_SECONDS", 10**9)  # no minute ends during the test
    case, other = mine.buy(), mine.buy()
    path = f"/pay/creditcard?stx={case['id']}"
    for _ in range(SENT_PER_TRANSACTION):
        assert http.post(path, data={"number": "4242"}).status_code == 403
    answer = http.post(path, data={"number": "4242"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Das ging zu schnell" in answer.text
    assert http.post(f"/pay/creditcard?stx={other['id']}", data={}).status_code == 403
    assert payer.open(case["payment_links"]["general"]).status == 200, "reading is not limited"


def test_a_minute_later_all_is_forgotten() -> None:
    moment = 0.0
    counted = Rates(now=lambda: moment)
    for _ in range(SENT_PER_ADDRESS):
        limits.require(counted, "address 203.0.113.7", SENT_PER_ADDRESS)
    with pytest.raises(TooFast):
        limits.require(counted, "address 203.0.113.7", SENT_PER_ADDRESS)
    limits.require(counted, "address 203.0.113.8", SENT_PER_ADDRESS)
    moment += WINDOW_SECONDS - 15
    assert counted.seconds_left == 15
    moment += 15
    limits.require(counted, "address 203.0.113.7", SENT_PER_ADDRESS)


def test_the_memory_of_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_KEYS", 10)
    counted = Rates()
    for number in range(100):
        counted.count(f"stx {number}")
    assert len(counted.counts) <= 10


def test_who_floods_it_with_names_is_not_forgotten_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_KEYS", 10)
    counted = Rates(now=lambda: 0.0)
    for _ in range(3):
        counted.count("user ada")
    for number in range(100):
        counted.count(f"user {number}")
    assert counted.count("user ada") == 4


def test_all_addresses_of_a_network_count_as_one() -> None:
    assert len({web.network_of(f"2001:db8:7::{number:x}") for number in range(9)}) == 1
    assert web.network_of("2001:db8:7:1::1") != web.network_of("2001:db8:7:2::1")
    assert [web.network_of(each) for each in ("203.0.113.7", "::1", "", "unix:")] == [
        "203.0.113.7",
        "::1",
        "",
        "unix:",
    ]


@pytest.mark.parametrize(
    ("address", "is_own"), [("127.0.0.1", True), ("::1", True), ("203.0.113.7", False), ("", False)]
)
def test_this_machine_itself_is_not_counted(address: str, is_own: bool) -> None:
    assert limits.is_own(address) is is_own
