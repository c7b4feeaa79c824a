"""Rows that were kept long enough. Tables are read bit by bit along their counter, so no look at them is long."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, cast, exists, func, or_, select

from pfennig.domain.approval import OVER
from pfennig.domain.upload import Purpose
from pfennig.storage import tables
from pfennig.storage.shelf import Shelf
from pfennig.storage.unit import Unit, UnitShelf

Condition = Callable[[datetime], ColumnElement[bool]]

WINDOW = 500
"""Rows that are looked at together, and at most changed together."""

EMPTY = "{}"


def old_event(before: datetime) -> ColumnElement[bool]:
    """Events that were delivered or given up."""
    table = tables.events.c
    return and_(~table.is_open, table.created < before)


def old_mail(before: datetime) -> ColumnElement[bool]:
    """Mails that were sent or given up, and still say something."""
    table = tables.mails.c
    return and_(~table.is_open, table.created < before, table.recipient != "")


def old_attempt(before: datetime) -> ColumnElement[bool]:
    """Attempts that have their answer, and still hold addresses or what a rail has said."""
    table = tables.attempts.c
    says = or_(cast(table.return_urls, Text) != EMPTY, table.page.is_not(None), table.details.is_not(None))
    return and_(~table.is_open, table.updated < before, says)


def old_report(before: datetime) -> ColumnElement[bool]:
    """Reports of rails that still hold what the rail said beside what has happened."""
    table = tables.reports.c
    return and_(table.created < before, table.reason != "")


def old_container(before: datetime) -> ColumnElement[bool]:
    """Instruments that were put away and not touched since."""
    table = tables.containers.c
    ended = func.coalesce(table.deleted, table.archived, type_=table.created.type)
    return and_(ended < before, last_touch(tables.containers) < before)


def old_customer(before: datetime) -> ColumnElement[bool]:
    """Customers whom nobody changed since, and no transaction has named."""
    stx = tables.smart_transactions.c
    named = exists(select(stx.seq).where(stx.customer_id == tables.customers.c.id, stx.created >= before))
    return and_(last_touch(tables.customers) < before, ~named)


def old_contract(before: datetime) -> ColumnElement[bool]:
    """Contracts that ended, or never began, and still say something of their merchant."""
    table = tables.contracts.c
    said = (table.details, table.payout_account, table.asked_account, table.third_parties, table.rails)
    says = or_(*(column.is_not(None) for column in said))
    return and_(table.state.in_(OVER), last_touch(tables.contracts) < before, says)


def old_merchant(before: datetime) -> ColumnElement[bool]:
    """Merchants who have nothing but such contracts, and of whom more is known than the name."""
    contract, merchant = tables.contracts.c, tables.merchants.c
    lives = or_(contract.state.not_in(OVER), last_touch(tables.contracts) >= before)
    needed = exists(select(contract.seq).where(contract.merchant_id == merchant.id, lives))
    says = or_(merchant.contact.is_not(None), merchant.email.is_not(None))
    return and_(last_touch(tables.merchants) < before, ~needed, says)


def old_transaction(before: datetime) -> ColumnElement[bool]:
    """Transactions that nobody changed since."""
    return last_touch(tables.smart_transactions) < before


def old_receipt(before: datetime) -> ColumnElement[bool]:
    """Bank lines that still name somebody."""
    table = tables.receipts.c
    return and_(table.created < before, or_(table.iban != "", table.owner != "", table.purpose != ""))


def old_remittance(before: datetime) -> ColumnElement[bool]:
    """Transfers that were made, and still name somebody."""
    table = tables.remittances.c
    return and_(~table.is_open, table.created < before, or_(cast(table.account, Text) != EMPTY, table.purpose != ""))


def unused_upload(before: datetime) -> ColumnElement[bool]:
    """Files that were handed in for nothing, or for nothing that is still kept."""
    table, named = tables.uploads.c, tables.documents.c
    return and_(table.created < before, ~exists(select(named.seq).where(named.upload_id == table.id)))


def old_document(purpose: Purpose) -> Condition:
    """Documents that were handed in for that purpose."""
    table = tables.documents.c
    return lambda before: and_(table.created < before, table.purpose == purpose)


def old_ident(before: datetime) -> ColumnElement[bool]:
    """Identifications, however far they came, that nobody changed since."""
    return last_touch(tables.ident_requests) < before


def last_touch(table: Table) -> ColumnElement[datetime]:
    """The moment of a row's last change. Emptying counts, so that the row is not found again before its time."""
    moment: ColumnElement[datetime] = func.coalesce(table.c.updated, table.c.created, type_=table.c.created.type)
    return moment


IS_OLD: Mapping[str, Condition] = {
    "events": old_event,
    "mails": old_mail,
    "attempts": old_attempt,
    "reports": old_report,
    "containers": old_container,
    "customers": old_customer,
    "contracts": old_contract,
    "merchants": old_merchant,
    "transactions": old_transaction,
    "uploads": unused_upload,
    "invoices": old_document(Purpose.INVOICE),
    "papers": old_document(Purpose.IDENTIFICATION),
    "idents": old_ident,
    "receipts": old_receipt,
    "remittances": old_remittance,
}


SHELVES: Mapping[str, UnitShelf[Any]] = {
    "events": Unit.events,
    "mails": Unit.mails,
    "attempts": Unit.attempts,
    "reports": Unit.reports,
    "containers": Unit.containers,
    "customers": Unit.customers,
    "contracts": Unit.contracts,
    "merchants": Unit.merchants,
    "transactions": Unit.smart_transactions,
    "uploads": Unit.uploads,
    "invoices": Unit.documents,
    "papers": Unit.documents,
    "idents": Unit.ident_requests,
    "receipts": Unit.receipts,
    "remittances": Unit.remittances,
}
"""The shelves of these nouns."""


def shelf(unit: Unit, noun: str) -> Shelf[Any]:
    """The shelf of a noun in this transaction."""
    return SHELVES[noun].of(unit)


def window_end(unit: Unit, noun: str, seq: int) -> int | None:
    """The number of the last of the next rows behind that one; None behind the last of all."""
    column = shelf(unit, noun).table.c.seq
    rows = select(column).where(column > seq).order_by(column).limit(WINDOW).subquery()
    end: int | None = unit.connection.execute(select(func.max(rows.c.seq))).scalar_one()
    return end


def old_in_window(unit: Unit, noun: str, before: datetime, seq: int, end: int) -> list[Any]:
    """The rows that were kept long enough, behind one number and up to another."""
    kept = shelf(unit, noun)
    return kept.select(kept.table.c.seq > seq, kept.table.c.seq <= end, IS_OLD[noun](before))


def count_old(unit: Unit, noun: str, before: datetime) -> int:
    """The number of rows that were kept long enough."""
    return shelf(unit, noun).count(IS_OLD[noun](before))
