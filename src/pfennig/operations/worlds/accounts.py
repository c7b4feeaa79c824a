"""Bank accounts in a world file: where payers send transfers to, and where the contract's money goes."""

from typing import Annotated

from msgspec import Meta, Struct

from pfennig.domain.girocode import LONGEST_OWNER
from pfennig.domain.play_account import play_iban
from pfennig.domain.sepa import payee

AccountOwner = Annotated[str, Meta(min_length=1, max_length=LONGEST_OWNER)]


class TransferAccount(Struct, forbid_unknown_fields=True):
    """The account that payers send transfers to."""

    owner: AccountOwner
    iban: str
    bic: Annotated[str, Meta(max_length=11)]
    bankname: Annotated[str, Meta(max_length=140)]


class PayoutAccount(Struct, forbid_unknown_fields=True):
    """The account that the contract's money is paid out to; what follows from the IBAN is looked up."""

    owner: AccountOwner
    iban: str


def play_account(owner: str, contract_id: str) -> TransferAccount:
    """The account of a contract in the twin whose author has named none."""
    return TransferAccount(owner[:LONGEST_OWNER], play_iban(contract_id), "", "TEST")


def paid_to(new: PayoutAccount | None) -> dict[str, str] | None:
    """The account of a contract's payouts, with what follows from the IBAN. Raises BadIban, NotForBanks."""
    return vars(payee(new.owner, new.iban)) if new else None
