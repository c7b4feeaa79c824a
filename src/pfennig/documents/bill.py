"""An invoice for the fees of a payout."""

from pfennig.clock import GERMAN_TIME
from pfennig.documents import page
from pfennig.domain.settlement import Invoice
from pfennig.language import say
from pfennig.money import Money


def pdf(invoice: Invoice, issuer: str, merchant: str, payout_number: int, language: str) -> bytes:
    """The invoice. issuer: name, address and tax number, with semicolons."""
    day = f"{invoice.created.astimezone(GERMAN_TIME):%d.%m.%Y}"
    percent = invoice.tax_percent
    rows = [
        (say("Fees for the payments in payout {number}", language, number=payout_number), invoice.amount),
        (say("VAT {percent} %", language, percent=percent), invoice.tax),
        (say("Total", language), invoice.total),
    ]
    rows_in_words = [(what, Money(amount, invoice.currency).text_in(language)) for what, amount in rows]
    lines = [
        say("Date of invoice and service: {day}", language, day=day),
        say("The amount was taken from the payout. Nothing is left to be paid.", language),
    ]
    blocks = [[part.strip() for part in issuer.split(";")], [merchant], lines]
    return page.draw(say("Invoice {number}", language, number=invoice.number), invoice.created, blocks, rows_in_words)
