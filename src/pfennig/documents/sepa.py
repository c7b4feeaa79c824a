"""A SEPA credit transfer (pain.001): the file by which the operator's bank makes many transfers.

The same batch gives the same bytes, whenever it is written.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from sepaxml import SepaTransfer

from pfennig.clock import GERMAN_TIME
from pfennig.domain.container import BankAccount
from pfennig.domain.sepa import LONGEST_OWNER, LONGEST_PURPOSE, bank_text
from pfennig.domain.settlement import Remittance

if TYPE_CHECKING:
    from xmlschema import XMLSchema

SCHEMA = "pain.001.001.09"


class File(SepaTransfer):  # type: ignore[misc]  # the library has no types
    """A file with the ids that it is given, where the library would draw random ones, so that a repeat looked new."""

    def __init__(self, batch: str, payer: BankAccount, made: datetime) -> None:
        """batch: the id of the file. made: when it was made first, which is the day to pay."""
        self.batch = batch
        self.made = made.astimezone(GERMAN_TIME)
        owner = bank_text(payer.owner, LONGEST_OWNER)
        config = {"name": owner, "IBAN": payer.iban, "batch": True, "currency": "EUR"}
        super().__init__(config | ({"BIC": payer.bic} if payer.bic else {}), schema=SCHEMA)

    def _finalize_batch(self) -> None:
        super()._finalize_batch()
        for path, text in (
            ("./*/GrpHdr/MsgId", self.batch),
            ("./*/GrpHdr/CreDtTm", f"{self.made:%Y-%m-%dT%H:%M:%S}"),
            ("./*/PmtInf/PmtInfId", self.batch),
        ):
            self._xml.find(path).text = text


def transfers(batch: str, payer: BankAccount, remittances: Sequence[Remittance], made: datetime) -> bytes | None:
    """The file, None if it does not fit its schema. batch: what the bank knows it by, and takes once."""
    file = File(batch, payer, made)
    for each in remittances:
        account = each.account
        payment = {
            "name": bank_text(account["owner"], LONGEST_OWNER),
            "IBAN": account["iban"],
            "amount": each.amount,
            "execution_date": file.made.date(),
            "description": bank_text(each.purpose, LONGEST_PURPOSE),
            "endtoend_id": each.id,
        }
        file.add_payment(payment | ({"BIC": account["bic"]} if account["bic"] else {}))
    written: bytes = file.export(validate=False)
    return written if schema().is_valid(written.decode()) else None


@cache
def schema() -> "XMLSchema":
    """The schema of ISO 20022, read once: the library would read it for each file, which takes half a second."""
    from xmlschema import XMLSchema  # large, and few processes write a file

    return XMLSchema(files("sepaxml").joinpath("schemas", f"{SCHEMA}.xsd").read_text(encoding="utf-8"))


def misfits(payer: BankAccount, remittances: Sequence[Remittance], made: datetime) -> dict[str, str]:
    """Transfers that keep a file from fitting its schema, by id, with the reason; found by halving."""
    if not remittances or transfers("BAT", payer, remittances, made) is not None:
        return {}
    if len(remittances) == 1:
        return {remittances[0].id: f"it does not fit into {SCHEMA}"}
    half = len(remittances) // 2
    return misfits(payer, remittances[:half], made) | misfits(payer, remittances[half:], made)
