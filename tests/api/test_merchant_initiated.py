"""Payments while the payer is away: the first one with him, the later ones without."""

from typing import Any

import pytest

from tests.api.conftest import CHALLENGED, REFUSED, AtTheBank, Refuses, account, card
from tests.api.recurring import advance
from tests.api.test_outcomes import lab
from tests.conftest import Api, Change, Json

pytestmark = pytest.mark.usefixtures("books")
CIT = {
    "type": "cit",
    "standing_instruction": "recurring",
    "recurring_frequency": 30,
    "recurring_expiry": "2026-12-31",
}
MIT = CIT | {"type": "mit", "recurring_expiry": None}
NOBODY = "PCI_NONE"


def wish(said: Json, **more: Any) -> Json:
    """A wish for a Smart Transaction that says so of a series."""
    told = {name: value for name, value in said.items() if value is not None}
    return {
        "basket_info": {"sum": 990, "currency": "EUR"},
        "payment_context": {"auto_capture": True, "mit_instructions": told},
    } | more


def begun(api: Api, at_the_bank: AtTheBank) -> tuple[str, str]:
    """A series whose payer confirmed the first payment: the ids of the payment and of what he paid with."""
    case = api.post("Smart/Transactions", wish(CIT))
    waiting = api.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", CHALLENGED)
    assert "iframe_url" in waiting
    at_the_bank(waiting, "succeed")
    paid = api.get(f"Smart/Transactions/{case['id']}")
    assert (paid["status"], paid["payment_context"]["mit_instructions"]) == ("ok", CIT)
    return paid["transactions"][0]["id"], paid["container"]["id"]


@pytest.mark.parametrize("standing", ["recurring", "ucof"])
def test_a_later_payment_asks_nobody(mine: Api, at_the_bank: AtTheBank, standing: str) -> None:
    first, stored = begun(mine, at_the_bank)
    said = MIT | {"cit_reference": first, "standing_instruction": standing}
    case = mine.post("Smart/Transactions", wish(said))
    assert case["payment_context"]["mit_instructions"]["cit_reference"] == first
    lab(mine, "outcomes", outcome="challenge")
    paid = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", {"container": {"id": stored}})
    assert (paid["status"], "iframe_url" in paid) == ("ok", False)


def test_without_auto_capture_a_later_payment_is_reserved_first(mine: Api, at_the_bank: AtTheBank) -> None:
    first, stored = begun(mine, at_the_bank)
    later = wish(MIT | {"cit_reference": first})
    later["payment_context"]["auto_capture"] = False
    path = f"Smart/Transactions/{mine.post('Smart/Transactions', later)['id']}"
    assert mine.post(f"{path}/prepare/creditcard", {"container": {"id": stored}})["status"] == "approved"
    assert mine.post(f"{path}/start/creditcard")["status"] == "ok"


def test_a_later_payment_can_be_refused(mine: Api, at_the_bank: AtTheBank) -> None:
    first, stored = begun(mine, at_the_bank)
    lab(mine, "outcomes", outcome="do_not_honour")
    case = mine.post("Smart/Transactions", wish(MIT | {"cit_reference": first}))
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    assert mine.post(path, {"container": {"id": stored}})["status"] == "failed"


def test_a_payer_who_is_there_confirms_with_a_stored_card(mine: Api, at_the_bank: AtTheBank) -> None:
    _, stored = begun(mine, at_the_bank)
    case = mine.buy(payment_context={"container_instructions": {"request_token": False}})
    again = mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", {"container": {"id": stored}})
    assert (again["status"], "iframe_url" in again, again["container"]["id"]) == ("created", True, stored)


def test_the_legacy_word_for_a_payer_who_is_away(mine: Api, at_the_bank: AtTheBank, refuses: Refuses) -> None:
    _, stored = begun(mine, at_the_bank)
    path = f"Smart/Transactions/{mine.buy(payment_context={'merchant_initiated': True})['id']}/prepare"
    refuses(f"{path}/creditcard", card(), 400, 3124)
    paid = mine.post(f"{path}/creditcard", {"container": {"id": stored}})
    assert (paid["status"], "iframe_url" in paid) == ("approved", False)
    assert mine.post(f"{path}/debit", account())["status"] == "approved", "for other methods it says nothing"


def test_older_sdks_spell_the_standing_instruction_in_another_way(mine: Api) -> None:
    said = {"type": "cit", "standing_instructions": "ucof"}
    told = mine.post("Smart/Transactions", wish(said))["payment_context"]["mit_instructions"]
    assert told == {"type": "cit", "standing_instruction": "ucof"}


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({}, 400, 3122),
        ({"type": None}, 400, 3122),
        ({"standing_instruction": None}, 400, 3122),
        ({"recurring_frequency": None}, 400, 3122),
        ({"recurring_expiry": "2026-02-03"}, 400, 3122),
        ({"recurring_expiry": "soon"}, 400, 3122),
        ({"type": "mit"}, 400, 3123),
        ({"type": "mit", "cit_reference": NOBODY}, 400, 3123),
        ({"type": "neither"}, 400, 3001),
        ({"standing_instruction": "sometimes"}, 400, 3001),
        ({"recurring_frequency": 0}, 400, 3001),
        ({"recurring_frequency": 731}, 400, 3001),
        ({"recurring_frequency": "monthly"}, 400, 3001),
        ({"cit_reference": 7}, 400, 3001),
    ],
)
def test_what_is_not_said_properly_is_refused(refuses: Refuses, said: Json, status: int, code: int) -> None:
    body = wish(CIT | said)
    if said == {}:
        body["payment_context"]["mit_instructions"] = {"recurring_frequency": 3}
    refuses("Smart/Transactions", body, status, code)


@pytest.mark.parametrize("way", ["refused", "debit", "another merchant's", "another currency", "waiting"])
def test_not_every_payment_can_begin_a_series(mine: Api, stranger: Api, refuses: Refuses, way: str) -> None:
    owner = stranger if way == "another merchant's" else mine
    instrument = {"refused": REFUSED, "debit": account(), "waiting": CHALLENGED}.get(way, card())
    method = "debit" if way == "debit" else "creditcard"
    first = owner.post(f"Smart/Transactions/{owner.buy()['id']}/start/{method}", instrument)
    body = wish(MIT | {"cit_reference": first["transactions"][0]["id"]})
    if way == "another currency":
        body["basket_info"]["currency"] = "CHF"
    refuses("Smart/Transactions", body, 400, 3123)


def test_a_series_needs_what_was_stored_with_its_first_payment(
    mine: Api, at_the_bank: AtTheBank, refuses: Refuses
) -> None:
    first, _ = begun(mine, at_the_bank)
    other = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", card())["container"]["id"]
    case = mine.post("Smart/Transactions", wish(MIT | {"cit_reference": first}))
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    refuses(path, card("555555XXXXXX4444"), 400, 3124)
    refuses(path, {"container": {"id": other}}, 403, 4124)


def test_a_series_ends_on_the_day_that_was_agreed(mine: Api, at_the_bank: AtTheBank, refuses: Refuses) -> None:
    first, stored = begun(mine, at_the_bank)
    body = wish(MIT | {"cit_reference": first})
    early = mine.post("Smart/Transactions", body)
    lab(mine, "clock/set", now="2026-12-31T23:00:00")
    mine.post("Smart/Transactions", body)
    advance(mine, hours=1)
    refuses("Smart/Transactions", body, 403, 4123)
    refuses(f"Smart/Transactions/{early['id']}/prepare/creditcard", {"container": {"id": stored}}, 403, 4123)


def test_a_contract_must_be_enabled_for_payments_without_the_payer(
    mine: Api, at_the_bank: AtTheBank, refuses: Refuses, contract: Change
) -> None:
    first, stored = begun(mine, at_the_bank)
    case = mine.post("Smart/Transactions", wish(MIT | {"cit_reference": first}))
    older = mine.buy(payment_context={"merchant_initiated": True})
    contract(recurring=False)
    refuses("Smart/Transactions", wish(MIT | {"cit_reference": first}), 403, 4121)
    for each in (case, older):
        path = f"Smart/Transactions/{each['id']}/prepare/creditcard"
        refuses(path, {"container": {"id": stored}}, 403, 4121)
    assert mine.post("Smart/Transactions", wish(CIT))["status"] == "created"


def test_a_later_payment_over_nothing_is_none(mine: Api, at_the_bank: AtTheBank, refuses: Refuses) -> None:
    first, stored = begun(mine, at_the_bank)
    body = wish(MIT | {"cit_reference": first}, basket_info={"sum": 0})
    path = f"Smart/Transactions/{mine.post('Smart/Transactions', body)['id']}/prepare/creditcard"
    refuses(path, {"container": {"id": stored}}, 400, 3017)


@pytest.mark.parametrize(
    "said",
    [
        {"merchant_name": ""},
        {"merchant_name": "x" * 23},
        {"merchant_city": "x" * 14},
        {"merchant_city": "Köln"},
        {"merchant_name": "a/b"},
    ],
)
def test_a_descriptor_has_its_limits_wherever_it_is_said(mine: Api, refuses: Refuses, said: Json) -> None:
    refuses("Smart/Transactions", {"payment_context": {"dynamic_descriptor": said}}, 400, 3001)
    path = f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard"
    refuses(path, card() | {"dynamic_descriptor": said}, 400, 3001)


def test_a_descriptor_can_come_with_the_payment(mine: Api) -> None:
    said = {"merchant_name": "Shop", "merchant_city": "Berlin"}
    path = f"Smart/Transactions/{mine.buy()['id']}"
    mine.post(f"{path}/prepare/creditcard", card() | {"dynamic_descriptor": said})
    assert mine.get(path)["payment_context"]["dynamic_descriptor"] == said
