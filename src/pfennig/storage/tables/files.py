"""The tables of files that were handed in, and of people who are to be identified. Part of tables.py."""

from sqlalchemy import Column, Index, Text

from pfennig.storage.crypto.encryption import sealed_json, sealed_text
from pfennig.storage.tables.columns import amount, flag, json, moment, name, table

uploads = table(
    "uploads",
    name("merchant_id"),
    name("contract_id"),
    sealed_text("name"),
    name("type"),
    amount("size"),
    Index(None, "merchant_id", "seq"),
)

pieces = table(
    "pieces",
    name("merchant_id"),
    name("upload_id"),
    sealed_text("content"),
    Index(None, "upload_id", "seq"),
)

documents = table(
    "documents",
    name("merchant_id"),
    name("object_id"),
    name("upload_id"),
    name("purpose"),
    Index(None, "object_id", "seq"),
    Index(None, "upload_id"),
)

ident_requests = table(
    "ident_requests",
    name("merchant_id"),
    name("contract_id"),
    name("case_id"),
    name("case_status"),
    name("provider"),
    name("type"),
    name("status"),
    flag("is_demo"),
    Column("owner_transaction_id", Text),
    json("redirect_urls"),
    sealed_json("persons"),
    moment("updated", nullable=False),
    Index(None, "merchant_id", "seq"),
    Index("ux_ident_requests_case", "case_id", unique=True),
)

ident_results = table(
    "ident_results",
    name("merchant_id"),
    name("contract_id"),
    name("request_id"),
    name("status"),
    flag("is_demo"),
    Index(None, "merchant_id", "seq"),
    Index("ux_ident_results_request", "request_id", unique=True),
)

service_issues = table(
    "service_issues",
    name("merchant_id"),
    name("contract_id"),
    name("object_id"),
)
