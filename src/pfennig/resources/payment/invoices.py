"""Payment.Invoices on the wire: what the operator took. Source: docs/wire/13-payouts.md#invoices."""

from pfennig.clock import wire_time
from pfennig.domain.parties import Merchant
from pfennig.domain.settlement import Invoice
from pfennig.operations.core.call import Call
from pfennig.operations.files import downloads
from pfennig.resources import plain, references
from pfennig.resources.resource import Json, Resource
from pfennig.resources.rows import Rows
from pfennig.storage.lists import names
from pfennig.storage.unit import Unit


def shows(call: Call, unit: Unit, page: list[Invoice]) -> list[Json]:
    """A page of invoices."""
    merchants = unit.merchants.by_id(invoice.merchant_id for invoice in page)
    return [render(call, unit, invoice, merchants[invoice.merchant_id]) for invoice in page]


def render(call: Call, unit: Unit, invoice: Invoice, merchant: Merchant) -> Json:
    """One invoice as JSON."""
    return {
        **references.reference("payment.invoices", invoice.id),
        "merchant": references.merchant(merchant),
        "store_name": merchant.companyname,
        "invoice_id": invoice.number,
        "date": wire_time(invoice.created),
        "amount": invoice.amount,
        "tax_amount": invoice.tax,
        "total_amount": invoice.total,
        "currency": invoice.currency,
        "document_url": downloads.address(call, unit, f"{invoice.id}.pdf"),
    }


ROWS = Rows(Unit.invoices, shows, names.INVOICES)

invoices = Resource(
    name="Payment.Invoices", prefix="PIV", rows=ROWS, list=plain.list_of(ROWS), get=plain.one_of(ROWS)
)
