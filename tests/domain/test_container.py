"""Instruments: what tells them apart, what is shown of them, and what follows from an IBAN."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pfennig.domain.card import CardNumberInName
from pfennig.domain.container import (
    BadBic,
    BadIban,
    BadOwner,
    BankAccount,
    Container,
    Type,
    account_of_iban,
    bank_account,
    bank_code,
    checked_owner,
    iban_in_groups,
    masked_text,
    with_legacy_names,
    without_fields,
)

NOW = datetime(2026, 2, 4, 9, 30, tzinfo=UTC)
IBAN = "DE35500105175418493188"
CARD = {"pan": "411111XXXXXX1111", "expiration_date": "2030-12", "owner": "Max"}


def a_container(type: Type, private: dict[str, Any], **fields: Any) -> Container:
    """An instrument."""
    whose: dict[str, Any] = {"id": "PCT_ONE", "merchant_id": "MRC_MINE", "contract_id": "GCR_MINE", "created": NOW}
    return Container(**(whose | {"type": type, "private": private} | fields))


@pytest.mark.parametrize(
    ("type", "private", "identity"),
    [
        (Type.BANK_ACCOUNT, {"iban": IBAN}, IBAN),
        (Type.CREDIT_CARD, CARD, "411111XXXXXX1111 2030-12"),
        (Type.PAYPAL, {"payer_id": "ABC", "email": "Max@example.net"}, "abc"),
        (Type.PAYPAL, {"email": "Max@example.net"}, "max@example.net"),
        (Type.GOOGLEPAY, {}, "PCT_ONE"),
        (Type.APPLEPAY, {}, "PCT_ONE"),
    ],
)
def test_an_instrument_is_told_apart_by_what_is_its_own(type: Type, private: dict[str, Any], identity: str) -> None:
    assert a_container(type, private).identity == identity


@pytest.mark.parametrize(
    ("type", "private", "shown"),
    [
        (Type.BANK_ACCOUNT, {"iban": IBAN}, "DE00 XXXX XXXX 3188"),
        (Type.CREDIT_CARD, CARD, "411111XXXXXX1111"),
        (Type.GOOGLEPAY, {"signedMessage": "x"}, "Google Pay"),
        (Type.CREDIT_CARD, {}, ""),
    ],
)
def test_back_offices_see_which_instrument_it_is(type: Type, private: dict[str, Any], shown: str) -> None:
    assert a_container(type, private).payment_data == shown


def test_only_a_token_of_apple_is_spent_by_use() -> None:
    assert a_container(Type.APPLEPAY, {}, used=NOW).is_spent
    assert not a_container(Type.APPLEPAY, {}).is_spent
    assert not a_container(Type.CREDIT_CARD, CARD, used=NOW).is_spent


def test_numbers_are_hidden_and_names_are_not() -> None:
    shown = a_container(Type.BANK_ACCOUNT, {"iban": IBAN, "owner": "Max Mustermann"}).masked_fields
    assert shown == {"iban": "DE35XXXXXXXXXXXXXX3188", "owner": "Max Mustermann"}


@pytest.mark.parametrize(
    ("number", "shown"),
    [("", ""), ("12345678", "XXXXXXXX"), ("123456789", "1234X6789"), ("1234567890", "1234XX7890")],
)
def test_of_a_number_the_first_and_the_last_four_are_shown(number: str, shown: str) -> None:
    assert masked_text(number) == shown


def test_an_emptied_instrument_says_nothing_and_keeps_when_it_was_archived() -> None:
    before = a_container(Type.BANK_ACCOUNT, {"iban": IBAN, "owner": "Max"}, fingerprint="x")
    after = without_fields(before, NOW)
    assert after.private == {"iban": "", "owner": ""}
    assert (after.fingerprint, after.archived, after.updated) == (None, NOW, NOW)
    earlier = datetime(2025, 1, 1, tzinfo=UTC)
    assert without_fields(a_container(Type.CREDIT_CARD, CARD, archived=earlier), NOW).archived == earlier


def test_an_account_follows_from_its_iban() -> None:
    assert bank_account("Max", "DE35 5001 0517 5418 4931 88") == BankAccount("Max", IBAN, "INGDDEFFXXX", "ING-DiBa")
    assert account_of_iban("FR5430041010050500013M02606") is None  # its own country's check digits are wrong
    nameless = account_of_iban("GB33BUKB20201555555555")
    assert nameless
    assert (nameless.owner, nameless.iban) == ("", "GB33BUKB20201555555555")
    assert isinstance(nameless.bankname, str)
    assert account_of_iban("DE36500105175418493188") is None
    with pytest.raises(BadIban) as caught:
        bank_account("Max", "DE36500105175418493188")
    assert "5418" not in caught.value.details


def test_an_owner_is_as_long_as_banks_take() -> None:
    assert checked_owner("x" * 70) == "x" * 70
    with pytest.raises(BadOwner):
        checked_owner("x" * 71)
    with pytest.raises(CardNumberInName):
        checked_owner("Max 4111 1111 1111 1111")


def test_a_bic_is_read_in_its_usual_form() -> None:
    assert bank_code("INGD DE FF 500") == "INGDDEFF500"
    with pytest.raises(BadBic):
        bank_code("nonsense")


def test_people_read_an_iban_in_groups_of_four() -> None:
    assert iban_in_groups(IBAN) == "DE35 5001 0517 5418 4931 88"
    assert iban_in_groups("") == ""


def test_legacy_answers_have_the_numbers_of_german_accounts_beside() -> None:
    german = {"owner": "Max", "iban": "DE89370400440532013000"}
    older = {"account_owner": "Max", "accountnumber": "532013000", "bankcode": "37040044"}
    assert with_legacy_names(german) == german | older
    dutch = {"iban": "NL91ABNA0417164300"}
    assert with_legacy_names(dutch) == dutch | {"account_owner": ""}
    assert with_legacy_names({}) == {}
