"""Documents of payouts and invoices, behind addresses that are signed and expire.

Source: docs/wire/13-payouts.md#documents
"""

import re
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pfennig import ids
from pfennig.documents import bill, statement
from pfennig.documents.page import Letterhead, look_of, postal_lines
from pfennig.documents.statement import Row
from pfennig.domain.settlement import Invoice, Payout
from pfennig.errors import NotFound
from pfennig.operations.core.call import Call, Platform
from pfennig.storage.queries import settling
from pfennig.storage.unit import Unit

VALID_FOR = timedelta(hours=24)
"""How long an address is valid, by the real clock. Whoever reads the payout again gets a new one."""

NAME = re.compile(r"((?:PPO|PIV)_[A-Z0-9]{30})\.(csv|pdf)")


class NoDocument(NotFound):
    """This document does not exist, or its address has expired."""

    code = 3140


def address(call: Call, unit: Unit, name: str) -> str:
    """The address of a document, such as PPO_….pdf, for some time, for whoever knows the address."""
    until, language = str(int((unit.real_now + VALID_FOR).timestamp())), call.language
    sign = ids.sign(call.platform.signing_key, "document", name, until, language)
    query = urlencode({"lang": language, "until": until, "sign": sign})
    return call.platform.url(f"/documents/{name}?{query}")


def fetch(platform: Platform, name: str, language: str, until: str, sign: str) -> bytes:
    """The document behind an address. Raises NoDocument."""
    signed = ids.sign(platform.signing_key, "document", name, until, language)
    named = NAME.fullmatch(name)
    if named is None or not ids.same(sign, signed):
        raise NoDocument("the address is not one of ours")
    with platform.database.view() as view:
        if is_over(until, view.real_now):
            raise NoDocument("the address has expired")
        if named[1].startswith("PIV_"):
            return invoice(platform, view, named[1], language)
        return payout(platform, view, named[1], named[2], language)


def is_over(until: str, now: datetime) -> bool:
    """True once the moment, in Unix seconds, is past. It was signed, so it is one."""
    return int(until) <= now.timestamp()


def payout(platform: Platform, unit: Unit, id: str, kind: str, language: str) -> bytes:
    """The statement of a payout."""
    found, listed = unit.payouts.get(id), rows(unit, id)
    if kind == "csv":
        return statement.table(found, listed)
    remittance = unit.remittances.one(about_id=id)
    receiver = remittance.account.get("owner", "") if remittance else ""
    return statement.pdf(found, listed, letterhead(platform, unit, found, language), receiver)


def rows(unit: Unit, payout_id: str) -> list[Row]:
    """The payments in a payout, in the order in which their money came."""
    amounts: dict[str, list[int]] = {}
    for id, is_fee, amount in settling.by_payment(unit, payout_id):
        amounts.setdefault(id, [0, 0])[is_fee] += -amount if is_fee else amount
    payments = unit.payments.by_id(amounts)
    return [Row(payments[id], amount, fee) for id, (amount, fee) in amounts.items()]


def invoice(platform: Platform, unit: Unit, id: str, language: str) -> bytes:
    """An invoice."""
    found = unit.invoices.get(id)
    head, number = letterhead(platform, unit, found, language), unit.payouts.get(found.payout_id).trans_id
    return bill.pdf(found, rows(unit, found.payout_id), head, number)


def letterhead(platform: Platform, unit: Unit, about: Payout | Invoice, language: str) -> Letterhead:
    """The operator who writes to a merchant, with the look of the contract; in the twin it says that it is a test."""
    merchant, contract = unit.merchants.get(about.merchant_id), unit.contracts.get(about.contract_id)
    issuer = platform.issuer or platform.public_url
    return Letterhead(
        sender=[part.strip() for part in issuer.split(";")],
        recipient=postal_lines(merchant.companyname, merchant.contact, language),
        language=language,
        look=look_of(contract.branding, is_test=not platform.can.moves_money),
    )
