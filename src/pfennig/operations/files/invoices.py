"""Keep a shop's own invoice with its payment. Source: docs/wire/15-documents.md#invoices."""

from pfennig.domain.payment import Kind, Payment
from pfennig.domain.upload import Purpose, Upload
from pfennig.errors import Malformed, NotAllowed
from pfennig.operations.core import access, audit
from pfennig.operations.core.call import Call
from pfennig.operations.files import uploads
from pfennig.storage.unit import Unit


class NoPdf(Malformed):
    """An invoice must be a PDF file."""

    code = 3164


class InvoiceExists(NotAllowed):
    """This payment has an invoice already."""

    code = 4161


class NothingSold(NotAllowed):
    """Only what was sold has an invoice."""

    code = 4162


def assign(call: Call, payment: Payment, upload_id: str, replaces: bool) -> Upload:
    """Hands in a file as the invoice of a payment. replaces: whether it may stand for an earlier one.

    Raises NoPdf, InvoiceExists, NothingSold, UploadExpired, UnknownId.
    """
    with call.unit() as unit:
        access.lock(call, unit, unit.payments, payment.id)
        if payment.kind in (Kind.REFUND, Kind.SHARE):
            raise NothingSold(f"{payment.id} is a {payment.kind}")
        upload = uploads.usable(call, unit, upload_id)
        if upload.type != "application/pdf":
            raise NoPdf(f"{upload.id} is {upload.type}")
        earlier = unit.documents.all(object_id=payment.id, purpose=Purpose.INVOICE)
        if earlier and not replaces:
            raise InvoiceExists(f"{payment.id} has an invoice; update_existing would replace it")
        uploads.attach(unit, upload, payment.id, payment.merchant_id, Purpose.INVOICE)
        uploads.detach(unit, earlier)
        audit.note(unit, call, "assign invoice to", "payment", payment.id, payment.merchant_id)
    return upload


def of(unit: Unit, payment_ids: set[str]) -> dict[str, list[Upload]]:
    """The invoices of these payments, by payment."""
    found: dict[str, list[Upload]] = {}
    assigned = unit.documents.all(object_id=payment_ids, purpose=Purpose.INVOICE) if payment_ids else []
    files = unit.uploads.by_id(document.upload_id for document in assigned)
    for document in assigned:
        found.setdefault(document.object_id, []).append(files[document.upload_id])
    return found
