"""What a SEPA file can hold, whatever people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.container import BadIban
from pfennig.domain.sepa import (
    LONGEST_OWNER,
    NOT_FOR_BANKS,
    BadCreditorId,
    NotForBanks,
    bank_text,
    creditor_id,
    payee,
    require_bank_text,
)

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


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("DE98ZZZ09999999999", "DE98ZZZ09999999999"),
        (" at61 zzz 01234567890\n", "AT61ZZZ01234567890"),
        ("AT61A0101234567890", "AT61A0101234567890"),
        ("FR72ZZZ123456", "FR72ZZZ123456"),
        ("ES64ZZZA12345674", "ES64ZZZA12345674"),
    ],
)
def test_a_creditor_identifier_is_written_in_one_way(said: str, written: str) -> None:
    assert creditor_id(said) == written


@pytest.mark.parametrize(
    "said",
    ["", "DE98", "DE98ZZZ", "DE97ZZZ09999999999", "DE98ZZZ09999999998", "DE98ZZZ0999999999-", "98DEZZZ09999999999",
     "DE98ZZZ" + "9" * 29, "DE٩٨ZZZ09999999999", "DE98ZZZ0999999999９", "DE98ßZZ09999999999",
     "DE35500105175418493188"],
)  # fmt: skip
def test_what_is_no_creditor_identifier_is_refused(said: str) -> None:
    with pytest.raises(BadCreditorId):
        creditor_id(said)


@given(st.from_regex(r"[A-Z]{2}[0-9]{2}ZZZ[A-Z0-9]{1,28}", fullmatch=True))
def test_one_wrong_digit_is_always_found(text: str) -> None:
    """Of all check digits one pair fits, and none with a digit changed."""
    fitting = []
    for check in range(100):
        try:
            fitting.append(creditor_id(f"{text[:2]}{check:02}{text[4:]}"))
        except BadCreditorId:
            continue
    assert len(fitting) == 1
