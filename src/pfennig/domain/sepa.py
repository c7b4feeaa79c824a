"""Limits of SEPA: letters, lengths, amounts, who collects. Source: the EPC's implementation guidelines.

Checked wherever it comes in, so that no bank file fails after it was promised.
"""

import re
import unicodedata

from schwifty import IBAN
from text_unidecode import unidecode

from pfennig.domain.container import BankAccount, Container, Type, bank_account
from pfennig.domain.settlement import Remittance
from pfennig.errors import Malformed, NotAllowed

LONGEST_OWNER = 70
LONGEST_PURPOSE = 140

MOST = 999_999_999_99
"""The largest amount of one transfer, in cents."""

NOT_FOR_BANKS = re.compile(r"[^A-Za-z0-9/?:().,'+ -]+")
"""Characters that not every bank in SEPA takes."""


CREDITOR_ID = re.compile(r"(?P<country>[A-Z]{2})(?P<check>\d{2})[A-Z0-9]{3}(?P<national>[A-Z0-9]{1,28})")
"""A creditor identifier: its three characters of a branch of business do not count for the check digits."""

FOR_TESTS = "DE98ZZZ09999999999"
"""The creditor identifier that German banks publish for tests: nobody collects under it."""

CHECK_DIGITS = range(2, 99)
"""Check digits that ISO 7064 can give; others leave the same remainder."""


class BadCreditorId(Malformed):
    """The creditor identifier is not valid."""

    code = 3199


class NotInSepa(NotAllowed):
    """No direct debit is possible from this bank account: its country is not in SEPA."""

    code = 4200


class NotForBanks(Malformed):
    """A bank cannot write this name or purpose: it needs letters or digits, and must not be too long."""

    code = 3185


def bank_text(text: str, longest: int) -> str:
    """The text in letters that every bank takes, cut where it grew too long; empty if nothing of it is left."""
    plain = NOT_FOR_BANKS.sub(" ", unidecode(unicodedata.normalize("NFKC", text).replace("&", "+")))
    plain = " ".join(plain.split())[:longest].strip()
    return plain if any(letter.isalnum() for letter in plain) else ""


def require_bank_text(field: str, text: str, longest: int) -> None:
    """Raises NotForBanks, with the name of the field and not with what it holds."""
    if len(text) > longest:
        raise NotForBanks(f"{field} has more than {longest} characters")
    if not bank_text(text, longest):
        raise NotForBanks(f"{field} has no letter or digit that a bank can write")


def creditor_id(text: str) -> str:
    """A creditor identifier without spaces, in capitals. Raises BadCreditorId.

    Its check digits follow ISO 7064, MOD 97-10. Source: EPC262-08.
    """
    plain = "".join(text.split()).upper()
    parts = CREDITOR_ID.fullmatch(plain) if plain.isascii() else None
    if parts is None or int(parts["check"]) not in CHECK_DIGITS:
        raise BadCreditorId("a creditor identifier is a country, two check digits, three characters and a number")
    number = "".join(str(int(each, 36)) for each in parts["national"] + parts["country"] + parts["check"])
    if int(number) % 97 != 1:
        raise BadCreditorId("the check digits of the creditor identifier are wrong")
    return plain


def payee(owner: str, iban: str) -> BankAccount:
    """An account that money can be sent to. Raises BadIban, NotForBanks."""
    account = bank_account(owner, iban)
    require_bank_text("owner", owner, LONGEST_OWNER)
    return account


def is_debitable(container: Container) -> bool:
    """False for a bank account of a country without SEPA, which nobody there can debit."""
    iban = container.private.get("iban")
    if container.type is not Type.BANK_ACCOUNT or not iban:  # what was forgotten is refused for that
        return True
    return IBAN(iban, allow_invalid=True).in_sepa_zone


def require_debitable(iban: str) -> None:
    """Raises NotInSepa for the account of a country without SEPA. iban: a valid one."""
    if not IBAN(iban, allow_invalid=True).in_sepa_zone:
        raise NotInSepa("iban belongs to a country without SEPA")


def flaw(transfer: Remittance) -> str:
    """The reason why a transfer belongs into no bank file; empty if it does."""
    if transfer.is_diverted:
        return "it goes to another account than was meant when it was planned"
    account = transfer.account
    if not account.get("iban"):
        return "its account was forgotten"
    if not bank_text(account["owner"], LONGEST_OWNER):
        return "the owner of its account has no letter or digit that a bank can write"
    if not bank_text(transfer.purpose, LONGEST_PURPOSE):
        return "its purpose has no letter or digit that a bank can write"
    if transfer.amount > MOST:
        return f"more than {MOST // 100} euros are no single transfer"
    return ""
