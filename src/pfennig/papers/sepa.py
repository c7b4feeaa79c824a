"""A SEPA credit transfer (pain.001): the file by which the operator's bank makes many transfers."""

from collections.abc import Iterable
from datetime import date

from sepaxml import SepaTransfer

from pfennig.domain.container import BankAccount
from pfennig.domain.settlement import Remittance

SCHEMA = "pain.001.001.09"


def transfers(batch: str, payer: BankAccount, remittances: Iterable[Remittance], day: date) -> bytes:
    """The file, checked against its schema. batch: what the bank knows it by, and takes once. day: when to pay."""
    config = {"name": payer.owner, "IBAN": payer.iban, "batch": True, "currency": "EUR"}
    file = SepaTransfer(config | ({"BIC": payer.bic} if payer.bic else {}), schema=SCHEMA)
    file._xml.find("./*/GrpHdr/MsgId").text = batch  # the library would draw one, so that a repeat looked new
    for each in remittances:
        account = each.account
        payment = {
            "name": account["owner"],
            "IBAN": account["iban"],
            "amount": each.amount,
            "execution_date": day,
            "description": each.purpose,
            "endtoend_id": each.id,
        }
        file.add_payment(payment | ({"BIC": account["bic"]} if account["bic"] else {}))
    written: bytes = file.export(validate=True)
    return written
