"""The unit of work: one transaction with its moment, and a shelf for each noun."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Generic, overload

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, or_

from pfennig.domain import (
    attempt,
    audit,
    bank,
    calendar,
    chain,
    claim,
    container,
    fold,
    history,
    ident,
    ledger,
    mail,
    mandate,
    notice,
    parties,
    payment,
    plan,
    premises,
    session,
    settlement,
    smart_transaction,
    subscription,
    upload,
)
from pfennig.storage import tables
from pfennig.storage.connections.connection import DriverConnection
from pfennig.storage.shelf import F, Shelf


@dataclass(frozen=True)
class Kept(Generic[F]):
    """The shelf of a noun as an attribute: asked of a unit, it is the shelf in that unit's transaction."""

    table: Table
    fact: type[F]

    @overload
    def __get__(self, unit: None, owner: type) -> "Kept[F]": ...

    @overload
    def __get__(self, unit: "Unit", owner: type) -> Shelf[F]: ...

    def __get__(self, unit: "Unit | None", owner: type) -> "Kept[F] | Shelf[F]":
        return self if unit is None else self.of(unit)

    def of(self, unit: "Unit") -> Shelf[F]:
        """The shelf in a unit's transaction, for code that gets the noun as a parameter."""
        return unit.shelf(self.table, self.fact)


@dataclass(frozen=True)
class Unit:
    """One transaction: its moment, and a shelf for each noun.

    real_now: the moment by which tokens, leases and time-outs run. merchant_id: whose clock `now` shows.
    after: what is told once it is committed. made: the ids of what was written anew. until: when by time.monotonic()
    it has to end.
    """

    line: DriverConnection
    real_now: datetime
    merchant_id: str | None = None
    has_lab: bool = True
    after: list[Callable[[], None]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    until: float | None = None

    merchants = Kept(tables.merchants, parties.Merchant)
    """The merchant: who sells."""

    legal_texts = Kept(tables.legal_texts, premises.LegalText)
    """Texts that merchants must show, such as an imprint."""

    stores = Kept(tables.stores, premises.Store)
    """Stores: where merchants sell."""

    contracts = Kept(tables.contracts, parties.Contract)
    """Contracts of merchants with the platform."""

    clients = Kept(tables.clients, parties.Client)
    """The clients that call the API."""

    secrets = Kept(tables.secrets, parties.Secret)
    """Secrets by which clients prove who they are."""

    tokens = Kept(tables.tokens, parties.Token)
    """Access tokens, until they expire."""

    users = Kept(tables.users, session.User)
    """Users who log in to apps."""

    sessions = Kept(tables.sessions, session.Session)
    """Sessions of devices whose tokens can be renewed."""

    keys = Kept(tables.keys, parties.Key)
    """Keys that sign the forms of the checkout."""

    templates = Kept(tables.templates, parties.Template)
    """Templates of the checkout that shops may name."""

    customers = Kept(tables.customers, parties.Customer)
    """Customers that shops have named."""

    containers = Kept(tables.containers, container.Container)
    """Payment instruments that were stored."""

    mandates = Kept(tables.mandates, mandate.Mandate)
    """SEPA mandates: payers who allowed debits."""

    smart_transactions = Kept(tables.smart_transactions, smart_transaction.SmartTransaction)
    """Smart Transactions: orders with what is paid for them."""

    plans = Kept(tables.plans, plan.Plan)
    """Plans that payers can subscribe to."""

    subscriptions = Kept(tables.subscriptions, subscription.Subscription)
    """Subscriptions: recurring payments."""

    payments = Kept(tables.payments, payment.Payment)
    """Payments: parts, shares, refunds and payouts, too."""

    receipts = Kept(tables.receipts, bank.Receipt)
    """Bank lines: what arrived on our bank account."""

    allocations = Kept(tables.allocations, bank.Allocation)
    """Allocations: parts of a bank line that belong to payments."""

    returns = Kept(tables.returns, bank.Return)
    """Returns: parts of a bank line that go back to whoever sent them."""

    postings = Kept(tables.postings, ledger.Posting)
    """Postings of the ledger."""

    payouts = Kept(tables.payouts, settlement.Payout)
    """Payouts to merchants."""

    invoices = Kept(tables.invoices, settlement.Invoice)
    """Invoices to merchants about our fees."""

    remittances = Kept(tables.remittances, settlement.Remittance)
    """Remittances: transfers that our bank is to make."""

    attempts = Kept(tables.attempts, attempt.Attempt)
    """Attempts: questions to rails."""

    reports = Kept(tables.reports, notice.Report)
    """Reports that rails sent by themselves (webhooks)."""

    moves = Kept(tables.moves, history.Move)
    """The history of everything that has a status."""

    audit = Kept(tables.audit, audit.Entry)
    """Audit trail of credentials, contracts and money."""

    events = Kept(tables.events, history.Event)
    """Webhooks: events for shops, and whether they were delivered."""

    mails = Kept(tables.mails, mail.Mail)
    """Mails to payers and merchants."""

    clocks = Kept(tables.clocks, calendar.Shift)
    """Shifts of clocks that testers have moved."""

    appointments = Kept(tables.appointments, calendar.Appointment)
    """Appointments: what will happen by itself at a later moment."""

    uploads = Kept(tables.uploads, upload.Upload)
    """Uploads: files that were handed in, without their content."""

    pieces = Kept(tables.pieces, upload.Piece)
    """The bytes of those files, piece by piece."""

    documents = Kept(tables.documents, upload.Document)
    """Documents: the purposes of files that were handed in."""

    ident_requests = Kept(tables.ident_requests, ident.IdentRequest)
    """Requests to identify people (KYC)."""

    ident_results = Kept(tables.ident_results, ident.IdentResult)
    """Results of identification: what was found out about people."""

    service_issues = Kept(tables.service_issues, ident.ServiceIssue)
    """Service issues: evidence that somebody has to look at."""

    folds = Kept(tables.folds, fold.Watermark)
    """Watermarks: up to which row a noun was counted, or sealed, for good."""

    links = Kept(tables.links, chain.Link)
    """Links of the chain that seals the books."""

    claims = Kept(tables.claims, claim.IdempotencyKey)
    """Idempotency keys of requests that were begun."""

    checks = Kept(tables.checks, ledger.Check)
    """Results of complete checks of the books."""

    deliveries = Kept(tables.deliveries, history.Delivery)
    """Tries to deliver events."""

    def shelf(self, table: Table, fact: type[F]) -> Shelf[F]:
        """The rows of a table as facts."""
        return Shelf(self.line, table, fact, self.made)

    @property
    def connection(self) -> Connection:
        """The connection for questions that no shelf knows."""
        return self.line.connection

    @cached_property
    def now(self) -> datetime:
        """The moment of everything that happens in this unit."""
        return self.now_of(self.merchant_id)

    def now_of(self, merchant_id: str | None) -> datetime:
        """The time of a merchant's clock: the real moment, moved with the server's clock and with its own."""
        still = timedelta()
        return self.real_now + self.shifts.get(calendar.SERVER, still) + self.shifts.get(merchant_id or "", still)

    @cached_property
    def shifts(self) -> dict[str, timedelta]:
        """The shift of each clock."""
        return {shift.id: shift.by for shift in self.clocks.all()} if self.has_lab else {}

    def is_due(self, due: Column[datetime], merchant_id: Column[str]) -> ColumnElement[bool]:
        """The condition that a moment has come, by the clock of its merchant."""
        moved = sorted(self.shifts.keys() - {calendar.SERVER})
        others = and_(merchant_id.not_in(moved), due <= self.now_of(None))
        return or_(others, *(and_(merchant_id == id, due <= self.now_of(id)) for id in moved))
