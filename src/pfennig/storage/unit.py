"""The unit of work: one transaction with its moment, and a shelf for each noun."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, overload

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, or_

from pfennig.domain import (
    attempt,
    audit,
    bank,
    calendar,
    chain,
    container,
    history,
    idempotency_key,
    ident,
    ledger,
    mail,
    mandate,
    notice,
    parties,
    payment,
    plan,
    session,
    settlement,
    smart_transaction,
    subscription,
    upload,
    watermark,
)
from pfennig.domain import (
    stores as store_facts,
)
from pfennig.once import Once
from pfennig.storage import tables
from pfennig.storage.gathered import Gathered
from pfennig.storage.memory import References
from pfennig.storage.shelf import F, Shelf
from pfennig.storage.write_buffer import WriteBuffer, key


@dataclass(frozen=True)
class UnitShelf(Generic[F]):
    """The shelf of a noun as an attribute: asked of a unit, it is the shelf in that unit's transaction."""

    table: Table
    fact: type[F]

    @overload
    def __get__(self, unit: None, owner: type) -> "UnitShelf[F]": ...

    @overload
    def __get__(self, unit: "Unit", owner: type) -> Shelf[F]: ...

    def __get__(self, unit: "Unit | None", owner: type) -> "UnitShelf[F] | Shelf[F]":
        return self if unit is None else self.of(unit)

    def of(self, unit: "Unit") -> Shelf[F]:
        """The shelf in a unit's transaction, for code that gets the noun as a parameter."""
        return unit.shelf(self.table, self.fact)


@dataclass(frozen=True)
class Unit:
    """One transaction: its moment, and a shelf for each noun.

    writes: what it has written, and the way to its connection. references: reference data as this unit sees it.
    real_now: the moment by which tokens, leases and time-outs run. merchant_id: whose clock `now` shows.
    after: functions to call after the commit. made: the ids of what was written anew. until: when by time.monotonic()
    it has to end. gathered: rows that came along with the first statement; only a unit that writes nothing has any.
    """

    writes: WriteBuffer
    references: References
    real_now: datetime
    merchant_id: str | None = None
    has_lab: bool = True
    after: list[Callable[[], None]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    until: float | None = None
    gathered: Gathered = field(default_factory=Gathered)

    merchants = UnitShelf(tables.merchants, parties.Merchant)
    """The merchant: who sells."""

    legal_texts = UnitShelf(tables.legal_texts, store_facts.LegalText)
    """Texts that merchants must show, such as an imprint."""

    stores = UnitShelf(tables.stores, store_facts.Store)
    """Stores: where merchants sell."""

    contracts = UnitShelf(tables.contracts, parties.Contract)
    """Contracts of merchants with the platform."""

    clients = UnitShelf(tables.clients, parties.Client)
    """The clients that call the API."""

    secrets = UnitShelf(tables.secrets, parties.Secret)
    """Secrets by which clients prove who they are."""

    tokens = UnitShelf(tables.tokens, parties.Token)
    """Access tokens, until they expire."""

    users = UnitShelf(tables.users, session.User)
    """Users who log in to apps."""

    sessions = UnitShelf(tables.sessions, session.Session)
    """Sessions of devices whose tokens can be renewed."""

    keys = UnitShelf(tables.keys, parties.Key)
    """Keys that sign the forms of the checkout."""

    templates = UnitShelf(tables.templates, parties.Template)
    """Templates of the checkout that shops may name."""

    customers = UnitShelf(tables.customers, parties.Customer)
    """Customers that shops have named."""

    containers = UnitShelf(tables.containers, container.Container)
    """Payment instruments that were stored."""

    mandates = UnitShelf(tables.mandates, mandate.Mandate)
    """SEPA mandates: payers who allowed debits."""

    smart_transactions = UnitShelf(tables.smart_transactions, smart_transaction.SmartTransaction)
    """Smart Transactions: orders with what is paid for them."""

    plans = UnitShelf(tables.plans, plan.Plan)
    """Plans that payers can subscribe to."""

    subscriptions = UnitShelf(tables.subscriptions, subscription.Subscription)
    """Subscriptions: recurring payments."""

    payments = UnitShelf(tables.payments, payment.Payment)
    """Payments: parts, shares, refunds and payouts, too."""

    receipts = UnitShelf(tables.receipts, bank.Receipt)
    """Bank lines: what arrived on our bank account."""

    allocations = UnitShelf(tables.allocations, bank.Allocation)
    """Allocations: parts of a bank line that belong to payments."""

    returns = UnitShelf(tables.returns, bank.Return)
    """Returns: parts of a bank line that go back to whoever sent them."""

    postings = UnitShelf(tables.postings, ledger.Posting)
    """Postings of the ledger."""

    payouts = UnitShelf(tables.payouts, settlement.Payout)
    """Payouts to merchants."""

    invoices = UnitShelf(tables.invoices, settlement.Invoice)
    """Invoices to merchants about our fees."""

    remittances = UnitShelf(tables.remittances, settlement.Remittance)
    """Remittances: transfers that our bank is to make."""

    attempts = UnitShelf(tables.attempts, attempt.Attempt)
    """Attempts: questions to rails."""

    reports = UnitShelf(tables.reports, notice.Report)
    """Reports that rails sent by themselves (webhooks)."""

    moves = UnitShelf(tables.moves, history.Move)
    """The history of everything that has a status."""

    audit = UnitShelf(tables.audit, audit.Entry)
    """Audit trail of credentials, contracts and money."""

    events = UnitShelf(tables.events, history.Event)
    """Webhooks: events for shops, and whether they were delivered."""

    mails = UnitShelf(tables.mails, mail.Mail)
    """Mails to payers and merchants."""

    clocks = UnitShelf(tables.clocks, calendar.Shift)
    """Shifts of clocks that testers have moved."""

    appointments = UnitShelf(tables.appointments, calendar.Appointment)
    """Appointments: what will happen by itself at a later moment."""

    uploads = UnitShelf(tables.uploads, upload.Upload)
    """Uploads: files that were handed in, without their content."""

    pieces = UnitShelf(tables.pieces, upload.Piece)
    """The bytes of those files, piece by piece."""

    documents = UnitShelf(tables.documents, upload.Document)
    """Documents: the purposes of files that were handed in."""

    ident_requests = UnitShelf(tables.ident_requests, ident.IdentRequest)
    """Requests to identify people (KYC)."""

    ident_results = UnitShelf(tables.ident_results, ident.IdentResult)
    """Results of identification: what was found out about people."""

    service_issues = UnitShelf(tables.service_issues, ident.ServiceIssue)
    """Service issues: evidence that somebody has to look at."""

    watermarks = UnitShelf(tables.folds, watermark.Watermark)
    """Watermarks: up to which row a noun was counted, or sealed, for good."""

    links = UnitShelf(tables.links, chain.Link)
    """Links of the chain that seals the books."""

    idempotency_keys = UnitShelf(tables.claims, idempotency_key.IdempotencyKey)
    """Idempotency keys of requests that were begun."""

    checks = UnitShelf(tables.checks, ledger.Check)
    """Results of complete checks of the books."""

    deliveries = UnitShelf(tables.deliveries, history.Delivery)
    """Tries to deliver events."""

    def shelf(self, table: Table, fact: type[F]) -> Shelf[F]:
        """The rows of a table as facts."""
        return Shelf(self.writes, table, fact, self.references, self.made, gathered=self.gathered)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undoes what is written in the block if that raises, and nothing else of the unit."""
        told, made = len(self.after), len(self.made)
        try:
            with self.writes.savepoint():
                yield
        except BaseException:
            del self.after[told:], self.made[made:]
            raise

    @property
    def connection(self) -> Connection:
        """The connection for statements that no shelf knows."""
        return self.writes.connection

    @Once
    def now(self) -> datetime:
        """The moment of everything that happens in this unit."""
        return self.now_of(self.merchant_id)

    def now_of(self, merchant_id: str | None) -> datetime:
        """The time of a merchant's clock: the real moment, moved with the server's clock and with its own."""
        still = timedelta()
        return self.real_now + self.shifts.get(calendar.SERVER, still) + self.shifts.get(merchant_id or "", still)

    @Once
    def shifts(self) -> dict[str, timedelta]:
        """The shift of each clock."""
        return {shift.id: shift.by for shift in self.clocks.all()} if self.has_lab else {}

    def is_due(self, due: Column[datetime], merchant_id: Column[str]) -> ColumnElement[bool]:
        """The condition that a moment has come, by the clock of its merchant."""
        moved = sorted(self.shifts.keys() - {calendar.SERVER})
        others = and_(merchant_id.not_in(moved), due <= self.now_of(None))
        return or_(others, *(and_(merchant_id == id, due <= self.now_of(id)) for id in moved))


def hold_together(*wanted: tuple[Shelf[Any], str]) -> None:
    """Holds rows of different tables by one statement, in this order, for whoever asks for them then.

    If one of them is not there, none is held: who holds each of them by itself is told which.
    """
    missing = [(shelf, id) for shelf, id in wanted if key(shelf.table, id) not in shelf.writes.held]
    if len(missing) < 2 or any("\0" in id for _, id in missing):
        return
    writes, references = missing[0][0].writes, missing[0][0].references
    found = writes.hold({shelf.table: id for shelf, id in missing})
    references.expire()
    for (shelf, _), values in zip(missing, found, strict=False):
        shelf.keep(shelf.read(values))
