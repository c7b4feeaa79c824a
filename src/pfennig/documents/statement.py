"""The statement of a payout: as a PDF for people, as CSV for programs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from babel.dates import format_date

from pfennig.clock import german_day, wire_time
from pfennig.documents.drawing import draw
from pfennig.documents.page import Document, Letterhead, Table
from pfennig.domain import printable
from pfennig.domain.payment import Payment
from pfennig.domain.products import product
from pfennig.domain.settlement import Payout
from pfennig.language import locale_of, say, spoken_day
from pfennig.money import Money

MOST_ROWS = 250
"""Payments that are listed on paper, on about eight pages; more would take seconds to draw."""

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


def pdf(
    payout: Payout,
    rows: Sequence[Row],
    head: Letterhead,
    receiver: str,
) -> bytes:
    """The arithmetic of a payout, and the payments in it. receiver: the owner of the account it went to."""
    language = head.language
    document = Document(
        head,
        title=say("Payout {number}", language, number=payout.trans_id),
        made=payout.created,
        facts=[
            (say("Date", language), spoken_day(german_day(payout.created), language)),
            (say("Recipient", language), receiver),
            (say("Reference", language), payout.purpose),
        ],
        tables=[sums(payout, language), *payments_table(rows, payout.currency, language, True)],
    )
    return draw(document)


def sums(payout: Payout, language: str) -> Table:
    """What came in, what was taken from it, and what is left; what is nothing is not said."""
    parts = (
        (say("Payments", language), payout.volume),
        (say("Refunds", language), -payout.refunds),
        (say("Shares of others", language), -payout.shares),
        (say("Return debits and charge-backs", language), -payout.claims),
        (say("Fees with tax", language), -payout.fees),
        (say("Other", language), -payout.misc),
    )
    shown = [part for part in parts if part[1]]
    shown.append((say("Paid out", language), payout.amount))
    in_words = [(what, Money(amount, payout.currency).text_in(language)) for what, amount in shown]
    head = (say("Item", language), say("Amount", language))
    return Table(head, in_words, widths=(12, 5), numbers=1, has_total=True)


def payments_table(rows: Sequence[Row], currency: str, language: str, has_amounts: bool) -> list[Table]:
    """The payments of a document with their fees, and where it says so amounts; none where there is none.

    A long list ends with what it leaves out, which is in the table for programs.
    """
    if not rows:
        return []
    head = [say("Payment number", language), say("Date", language), say("Payment method", language)]
    head += [say("Amount", language)] if has_amounts else []
    cells = [payment_cells(row, currency, language, has_amounts) for row in rows[:MOST_ROWS]]
    if left_out := len(rows[MOST_ROWS:]):
        more = say("and {count} more, which are in the CSV file of the payout", language, count=left_out)
        cells.append(["", "", more, *[""] * (len(head) - 2)])
    widths = (8, 6, 15, 8, 5) if has_amounts else (8, 6, 23, 5)
    title = say("Payments", language)
    return [Table([*head, say("Fee", language)], cells, widths, numbers=3, title=title)]


def payment_cells(row: Row, currency: str, language: str, has_amounts: bool) -> list[str]:
    """The cells of a payment."""
    paid = row.payment
    day = format_date(german_day(paid.created), "medium", locale=locale_of(language))
    what = say(product(paid).name, language) + (f", {paid.reference_id}" if paid.reference_id else "")
    amounts = (row.amount, row.fee) if has_amounts else (row.fee,)
    return [str(paid.trans_id), day, what, *(Money(amount, currency).text_in(language) for amount in amounts)]
