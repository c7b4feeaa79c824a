"""What a SEPA credit transfer can hold: letters, lengths and amounts. Source: the EPC's implementation guidelines.

Checked wherever an account or a purpose comes in, so that no bank file fails after it was promised.
"""

import re
import unicodedata

from text_unidecode import unidecode

from pfennig.domain.container import BankAccount, bank_account
from pfennig.domain.settlement import Remittance
from pfennig.errors import Malformed

LONGEST_OWNER = 70
LONGEST_PURPOSE = 140

MOST = 999_999_999_99
"""The largest amount of one transfer, in cents."""

NOT_FOR_BANKS = re.compile(r"[^A-Za-z0-9/?:().,'+ -]+")
"""What is none of the characters that every bank in SEPA takes."""


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


def payee(owner: str, iban: str) -> BankAccount:
    """An account that money can be sent to. Raises BadIban, NotForBanks."""
    account = bank_account(owner, iban)
    require_bank_text("owner", owner, LONGEST_OWNER)
    return account


def flaw(transfer: Remittance) -> str:
    """Why a transfer belongs into no bank file; empty if it does."""
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
