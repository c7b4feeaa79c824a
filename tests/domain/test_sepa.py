"""What a SEPA file can hold, whatever people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.container import BadIban
from pfennig.domain.sepa import LONGEST_OWNER, NOT_FOR_BANKS, NotForBanks, bank_text, payee, require_bank_text

IBAN = "DE35500105175418493188"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Erika Mustermann", "Erika Mustermann"),
        ("Müller & Söhne", "Muller + Sohne"),
        ("Łódź*", "Lodz"),
        ("Жук", "Zhuk"),
        ("日本", "Ri Ben"),
        ("𝐁𝐨𝐛", "Bob"),
        ("Bob 🎉 Builder", "Bob Builder"),
        ("🎉🎉", ""),
        ("... - /", ""),
        ("\u200b", ""),
        ("", ""),
    ],
)
def test_names_are_written_in_letters_that_every_bank_takes(said: str, written: str) -> None:
    assert bank_text(said, LONGEST_OWNER) == written


@given(st.text(max_size=200), st.integers(1, 140))
def test_whatever_is_written_fits_or_is_empty(text: str, longest: int) -> None:
    plain = bank_text(text, longest)
    assert len(plain) <= longest
    assert plain == plain.strip()
    assert not NOT_FOR_BANKS.search(plain)
    assert not plain or any(letter.isalnum() for letter in plain)


@pytest.mark.parametrize("owner", ["", " ", "🎉"])
def test_nobody_is_paid_whose_name_no_bank_can_write(owner: str) -> None:
    with pytest.raises(NotForBanks) as refusal:
        payee(owner, IBAN)
    assert "owner" in refusal.value.details
    assert "🎉" not in refusal.value.details


def test_who_is_paid_has_an_account() -> None:
    assert payee("x" * 70, IBAN).iban == IBAN
    with pytest.raises(BadIban):
        payee("Max", "DE00")
    require_bank_text("purpose", "x" * 140, 140)
