"""The bank account of a contract that has none of its own, where no money moves. No bank has it."""

import hashlib

UNKNOWN_BANK = "99999999"
"""A German bank code that no bank has: they begin with 1 to 8."""


def play_iban(contract_id: str) -> str:
    """The IBAN of a contract, always the same one; its check digits are right, so every form takes it."""
    number = int.from_bytes(hashlib.sha256(contract_id.encode()).digest()) % 10**10
    account = f"{UNKNOWN_BANK}{number:010d}"
    return f"DE{98 - int(f'{account}131400') % 97:02d}{account}"
