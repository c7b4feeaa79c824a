"""The file for the bank: the same bytes each time, and one bad transfer is found among good ones."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfennig import ids
from pfennig.documents import sepa
from pfennig.domain.container import BankAccount
from pfennig.domain.sepa import flaw
from pfennig.domain.settlement import Remittance

PAYER = BankAccount("Zahl & Söhne AG", "DE81850400611005523759", "COBADEFFXXX", "Commerzbank")
MADE = datetime(2026, 2, 4, 23, 30, tzinfo=UTC)


def a_transfer(**fields: object) -> Remittance:
    """A transfer of five euros."""
    account = {"owner": "Anna", "iban": "DE35500105175418493188", "bic": "INGDDEFFXXX", "bankname": "ING"}
    usual = Remittance(
        id=ids.new("RMT"),
        merchant_id="MRC_MINE",
        contract_id="GCR_MINE",
        about_id=ids.new("PPO"),
        amount=500,
        currency="EUR",
        account=account,
        purpose="PO 70000001",
        is_open=True,
        created=MADE,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]


def test_the_same_batch_gives_the_same_bytes() -> None:
    batch = [a_transfer(), a_transfer(purpose="Zinsen für März")]
    one, two = (sepa.transfers("BAT_ONE", PAYER, batch, MADE) for _ in range(2))
    assert one is not None
    assert one == two
    text = one.decode()
    assert text.count("BAT_ONE") == 2  # of the message, and of its only group
    assert "<CreDtTm>2026-02-05T00:30:00</CreDtTm>" in text
    assert "<Dt>2026-02-05</Dt>" in text
    assert "Zinsen fur Marz" in text
    assert "Zahl + Sohne AG" in text


def test_what_the_schema_refuses_is_found_among_many() -> None:
    good = [a_transfer() for _ in range(5)]
    bad = a_transfer(account=dict(good[0].account) | {"bic": "no bic"})
    assert sepa.transfers("BAT_ONE", PAYER, [*good, bad], MADE) is None
    assert [*sepa.misfits(PAYER, [*good[:2], bad, *good[2:]], MADE)] == [bad.id]
    assert sepa.misfits(PAYER, good, MADE) == {}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"account": {}}, "forgotten"),
        ({"amount": 999_999_999_99 + 1}, "single"),
        ({"purpose": "\U0001f389"}, "purpose"),
        ({}, ""),
    ],
)
def test_a_flaw_says_why(fields: dict[str, object], word: str) -> None:
    said = flaw(a_transfer(**fields))
    assert word in said
    assert bool(said) is bool(word)


@settings(max_examples=6)
@given(owner=st.text(max_size=80), purpose=st.text(max_size=150))
def test_whatever_has_no_flaw_fits_into_a_file(owner: str, purpose: str) -> None:
    one = a_transfer(purpose=purpose)
    one = replace(one, account=dict(one.account) | {"owner": owner})
    assert flaw(one) or sepa.transfers("BAT_ONE", PAYER, [one], MADE) is not None
