"""The tables. Facts are rows, history is rows; what is only echoed is one JSON column in the wire's shape.

Every table counts its rows by an ascending `seq`, the order in which they were written. Columns are named as the
fields of their facts (domain/), so that rows and facts translate without a map. What is sealed is encrypted where the
database was given keys.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Integer,
    Text,
    literal_column,
    text,
)

from pfennig.storage.crypto.encryption import sealed_json, sealed_text
from pfennig.storage.tables.asking import attempts, reports
from pfennig.storage.tables.books import UNSETTLED, allocations, checks, postings, receipts
from pfennig.storage.tables.columns import (
    Moment,
    amount,
    flag,
    json,
    metadata,
    moment,
    name,
    partial,
    table,
    when_open,
)
from pfennig.storage.tables.counting import folds, links, tallies
from pfennig.storage.tables.credentials import clients, secrets, sessions, tokens, users
from pfennig.storage.tables.files import documents, ident_requests, ident_results, pieces, service_issues, uploads
from pfennig.storage.tables.instruments import containers, customers, mandates
from pfennig.storage.tables.messages import UNDELIVERED, UNSENT, deliveries, events, mails
from pfennig.storage.tables.outgoing import invoices, payouts, remittances, returns
from pfennig.storage.tables.parties import contracts, legal_texts, merchants, stores
from pfennig.storage.tables.paying import UNDER_WAY, appointments, moves, payments, smart_transactions
from pfennig.storage.tables.platform import audit, claims, clocks, keys, templates, versions
from pfennig.storage.tables.playing import outcomes, scenarios
from pfennig.storage.tables.recurring import plans, subscriptions
