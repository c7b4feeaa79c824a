"""The statement of a payout: as a PDF for people, as CSV for programs."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pfennig.clock import GERMAN_TIME, wire_time
from pfennig.documents import page
from pfennig.domain import printable
from pfennig.domain.payment import Payment
from pfennig.domain.settlement import Payout
from pfennig.language import say
from pfennig.money import Money

HEAD = ("trans_id", "payment_id", "created", "kind", "reference_id", "amount", "fee", "currency")

FORMULA = re.compile("(^|;)(\\s*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")
"""Beginnings of texts that a spreadsheet would calculate, also one that takes semicolons for separators."""


@dataclass(frozen=True)
class Row:
    """One payment in a payout: what the contract got of it, and the fee that was taken of that, in minor units."""

    payment: Payment
    amount: int
    fee: int


def table(payout: Payout, rows: Iterable[Row]) -> bytes:
    """A line for each payment, as CSV; the amounts less the fees add up to the payout."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(HEAD)
    for row in rows:
        paid = row.payment
        named = (paid.trans_id, paid.id, wire_time(paid.created), paid.kind, harmless(paid.reference_id or ""))
        lines.writerow((*named, row.amount, row.fee, payout.currency))
    return written.getvalue().encode()


def harmless(text: str) -> str:
    """A text of somebody else, in one line, that no spreadsheet takes for a formula."""
    return FORMULA.sub(r"\1\2'", printable.harmless(text))


def pdf(payout: Payout, merchant: str, receiver: str, language: str) -> bytes:
    """The arithmetic of a payout."""
    day = f"{payout.created.astimezone(GERMAN_TIME):%d.%m.%Y}"
    parts = (
        (say("Payments", language), payout.volume),
        (say("Refunds", language), -payout.refunds),
        (say("Shares of others", language), -payout.shares),
        (say("Return debits and charge-backs", language), -payout.claims),
        (say("Fees with tax", language), -payout.fees),
        (say("Other", language), -payout.misc),
    )
    rows = [(what, Money(amount, payout.currency).text_in(language)) for what, amount in parts]
    rows.append((say("Paid out", language), Money(payout.amount, payout.currency).text_in(language)))
    lines = [
        say("Date: {day}", language, day=day),
        say("To: {receiver}", language, receiver=receiver),
        say("Purpose: {purpose}", language, purpose=payout.purpose),
    ]
    title = say("Payout {number}", language, number=payout.trans_id)
    return page.draw(title, payout.created, [[merchant], lines], rows)
