"""An invoice for the fees of a payout."""

from collections.abc import Sequence

from pfennig.clock import german_day
from pfennig.documents.drawing import draw
from pfennig.documents.page import Document, Letterhead, Table
from pfennig.documents.statement import Row, payments_table
from pfennig.domain.settlement import Invoice
from pfennig.language import say, spoken_day
from pfennig.money import Money


def pdf(
    invoice: Invoice,
    rows: Sequence[Row],
    head: Letterhead,
    payout_number: int,
) -> bytes:
    """The invoice. rows: the payments in the payout, of which it charges some."""
    language = head.language
    charged = [row for row in rows if row.fee]
    document = Document(
        head,
        title=say("Invoice {number}", language, number=invoice.number),
        made=invoice.created,
        facts=[
            (say("Date of invoice and service", language), spoken_day(german_day(invoice.created), language)),
        ],
        tables=[sums(invoice, payout_number, language), *payments_table(charged, invoice.currency, language, False)],
        notes=[say("The amount was taken from the payout. Nothing is left to be paid.", language)],
    )
    return draw(document)


def sums(invoice: Invoice, payout_number: int, language: str) -> Table:
    """What is charged, the tax in it, and both together."""
    rows = [
        (say("Fees for the payments in payout {number}", language, number=payout_number), invoice.amount),
        (say("VAT {percent} %", language, percent=invoice.tax_percent), invoice.tax),
        (say("Total", language), invoice.total),
    ]
    in_words = [(what, Money(amount, invoice.currency).text_in(language)) for what, amount in rows]
    head = (say("Item", language), say("Amount", language))
    return Table(head, in_words, widths=(12, 5), numbers=1, has_total=True)
