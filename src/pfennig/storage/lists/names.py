"""Names by which lists are asked: each noun's wire names, for q, sort, aggregate and meta alike.

A name that is only computed in the answer is not here. Source: docs/wire/3-conventions.md#33-query-language.
"""

from typing import Any

from sqlalchemy import Table

from pfennig.domain.approval import Approval
from pfennig.domain.parties import FIRST_OLD_ID
from pfennig.domain.payment import FIRST_TRANS_ID
from pfennig.domain.settlement import FIRST_PAYOUT_ID
from pfennig.storage import tables
from pfennig.storage.lists import expressions as sql
from pfennig.storage.lists.search import Kind, Name
from pfennig.storage.tables import indexes
from pfennig.storage.tables.columns import inside

Found = dict[str, Name]

transactions = tables.smart_transactions.c
payments = tables.payments.c
receipts = tables.receipts.c
customers = tables.customers.c
containers = tables.containers.c
mandates = tables.mandates.c
payouts = tables.payouts.c
invoices = tables.invoices.c
plans = tables.plans.c
subscriptions = tables.subscriptions.c
contracts = tables.contracts.c
stores = tables.stores.c
merchants = tables.merchants.c
ident_requests = tables.ident_requests.c
ident_results = tables.ident_results.c


def common(table: Table) -> Found:
    """Names that almost every object has."""
    return {
        "id": Name(table.c.id, Kind.ID, is_bare=True),
        "created": Name(table.c.created, Kind.MOMENT, order=table.c.seq),
        "merchant.id": Name(table.c.merchant_id, Kind.ID),
        "merchant.companyname": company(table),
        "contract.id": Name(table.c.contract_id, Kind.ID),
    }


def company(table: Table) -> Name:
    """The name of a row's merchant."""
    return Name(merchants.companyname, Kind.WORDS, through=sql.merchant(table.c.merchant_id))


CONTACT = {
    "name": Kind.WORDS,
    "forename": Kind.TEXT,
    "surname": Kind.TEXT,
    "companyname": Kind.WORDS,
    "salutation": Kind.TEXT,
    "title": Kind.TEXT,
    "email": Kind.TEXT,
    "phone": Kind.TEXT,
    "mobile": Kind.TEXT,
    "address.street": Kind.WORDS,
    "address.postal_code": Kind.TEXT,
    "address.city": Kind.WORDS,
    "address.country": Kind.TEXT,
}
"""Names of a person."""


def contact(name: str, column: Any, path: str = "") -> Found:
    """Names of somebody, kept below a path in a JSON column."""
    return {
        f"{name}.{each}": Name(inside(column, path + each), kind, is_bare=each in ("email", "surname"))
        for each, kind in CONTACT.items()
    }


SMART_TRANSACTIONS: Found = {
    **common(tables.smart_transactions),
    "updated": Name(transactions.updated, Kind.MOMENT),
    "status": Name(transactions.status, Kind.TEXT),
    "intent": Name(transactions.intent, Kind.TEXT),
    "transactionRef": Name(transactions.transaction_ref, Kind.TEXT, is_bare=True),
    "merchantRef": Name(transactions.merchant_ref, Kind.TEXT, is_bare=True),
    "basket_info.sum": Name(transactions.amount, Kind.NUMBER),
    "basket_info.currency": Name(transactions.currency, Kind.TEXT),
    "is_demo": Name(transactions.is_demo, Kind.FLAG),
    "customer.id": Name(transactions.customer_id, Kind.ID),
    **contact("customer.contact", transactions.data, "customer.contact."),
    "subscription.id": Name(transactions.subscription_id, Kind.ID),
    "delivery_options.type": Name(inside(transactions.data, "delivery_options.type"), Kind.TEXT),
    "market": Name(inside(transactions.data, "market"), Kind.TEXT),
    "cashier": Name(inside(transactions.data, "cashier"), Kind.TEXT),
    "product": Name(inside(transactions.data, "product"), Kind.WORDS),
    "payment_method": Name(transactions.method, Kind.TEXT),
    "trans_id": Name(payments.seq, Kind.NUMBER, FIRST_TRANS_ID, through=sql.PAID),
    "transactions.id": Name(transactions.payment_id, Kind.ID),
    "transactions.trans_id": Name(payments.seq, Kind.NUMBER, FIRST_TRANS_ID, through=sql.PAID),
    "transactions.transaction_hash": Name(indexes.payment_hash, Kind.TEXT, through=sql.PAID),
    "container.id": Name(payments.container_id, Kind.ID, through=sql.PAID),
    "container.type": Name(containers.type, Kind.TEXT, through=sql.PAID_WITH),
}

PAYMENTS: Found = {
    **common(tables.payments),
    "updated": Name(payments.updated, Kind.MOMENT),
    "completion_date": Name(payments.completed, Kind.MOMENT),
    "trans_id": Name(payments.seq, Kind.NUMBER, FIRST_TRANS_ID, is_bare=True),
    "transaction_hash": Name(indexes.payment_hash, Kind.TEXT, is_bare=True),
    "amount": Name(payments.amount, Kind.NUMBER),
    "currency": Name(payments.currency, Kind.TEXT),
    "status": Name(sql.payment_status(lambda status: status.number), Kind.NUMBER),
    "details.status": Name(sql.payment_status(lambda status: status.number), Kind.NUMBER),
    "details.status_simple": Name(sql.payment_status(lambda status: status.simple.value), Kind.NUMBER),
    "details.status_simple_text": Name(sql.payment_status(lambda status: status.simple.text), Kind.TEXT),
    "accrual": Name(payments.is_held, Kind.FLAG),
    "invoice_number": Name(inside(payments.shipping, "invoice_number"), Kind.TEXT),
    "order_id": Name(inside(payments.shipping, "order_id"), Kind.TEXT),
    "subscription.id": Name(transactions.subscription_id, Kind.ID, through=sql.TRANSACTION),
    "customer.companyname": Name(
        inside(transactions.data, "customer.contact.companyname"), Kind.WORDS, through=sql.TRANSACTION
    ),
    "customer.forename": Name(
        inside(transactions.data, "customer.contact.forename"), Kind.TEXT, through=sql.TRANSACTION
    ),
    "customer.surname": Name(
        inside(transactions.data, "customer.contact.surname"), Kind.TEXT, through=sql.TRANSACTION
    ),
    "parents.id": Name(payments.parent_id, Kind.ID),
    "parents.trans_id": Name(sql.parents.c.seq, Kind.NUMBER, FIRST_TRANS_ID, through=sql.PARENT),
    "related_transactions.id": Name(sql.children.c.id, Kind.ID, through=sql.CHILDREN),
    "related_transactions.trans_id": Name(sql.children.c.seq, Kind.NUMBER, FIRST_TRANS_ID, through=sql.CHILDREN),
    "incoming_payment_date": Name(receipts.created, Kind.MOMENT, through=sql.ARRIVED),
    "incoming_payment_purpose": Name(receipts.purpose, Kind.WORDS, through=sql.ARRIVED),
}

CUSTOMERS: Found = {
    **common(tables.customers),
    "updated": Name(customers.updated, Kind.MOMENT),
    **contact("contact", customers.contact),
}

CONTAINERS: Found = {
    **common(tables.containers),
    "updated": Name(containers.updated, Kind.MOMENT),
    "customer.id": Name(containers.customer_id, Kind.ID),
    "type": Name(containers.type, Kind.TEXT),
    "private.owner": Name(inside(containers.private, "owner"), Kind.WORDS),
}
"""Names of containers, without any by which money could be asked for: no account number belongs in an address."""

MANDATES: Found = {
    **common(tables.mandates),
    "type": Name(mandates.type, Kind.TEXT),
    "status": Name(sql.mandate_status(), Kind.NUMBER),
    "identification": Name(inside(mandates.data, "identification"), Kind.TEXT, is_bare=True),
    "date_of_signature": Name(inside(mandates.data, "date_of_signature"), Kind.TEXT),
}

PAYOUTS: Found = {
    "id": Name(payouts.id, Kind.ID, is_bare=True),
    "trans_id": Name(payouts.seq, Kind.NUMBER, FIRST_PAYOUT_ID, is_bare=True),
    "merchant.id": Name(payouts.merchant_id, Kind.ID),
    "merchant.companyname": company(tables.payouts),
    "date": Name(payouts.created, Kind.MOMENT, order=payouts.seq),
    "currency": Name(payouts.currency, Kind.TEXT),
    "amount": Name(payouts.amount, Kind.NUMBER),
    "payout_amount": Name(payouts.amount, Kind.NUMBER),
    "transaction_volume": Name(payouts.volume, Kind.NUMBER),
    "refund_amount": Name(payouts.refunds, Kind.NUMBER),
    "stakeholder_amount": Name(payouts.shares, Kind.NUMBER),
    "claim_amount": Name(payouts.claims, Kind.NUMBER),
    "invoice_amount": Name(payouts.fees, Kind.NUMBER),
    "misc_amount": Name(payouts.misc, Kind.NUMBER),
}

INVOICES: Found = {
    "id": Name(invoices.id, Kind.ID, is_bare=True),
    "merchant.id": Name(invoices.merchant_id, Kind.ID),
    "merchant.companyname": company(tables.invoices),
    "date": Name(invoices.created, Kind.MOMENT, order=invoices.seq),
    "currency": Name(invoices.currency, Kind.TEXT),
    "amount": Name(invoices.amount, Kind.NUMBER),
    "tax_amount": Name(invoices.tax, Kind.NUMBER),
    "total_amount": Name(invoices.amount + invoices.tax, Kind.NUMBER),
}

IDENT_REQUESTS: Found = {
    **common(tables.ident_requests),
    "updated": Name(ident_requests.updated, Kind.MOMENT),
    "identcase.id": Name(ident_requests.case_id, Kind.ID),
    "owner_transaction_id": Name(ident_requests.owner_transaction_id, Kind.TEXT, is_bare=True),
    "provider": Name(ident_requests.provider, Kind.TEXT),
    "type": Name(ident_requests.type, Kind.TEXT),
    "status": Name(ident_requests.status, Kind.TEXT),
    "demo": Name(ident_requests.is_demo, Kind.FLAG),
}

IDENT_RESULTS: Found = {
    **common(tables.ident_results),
    "request.id": Name(ident_results.request_id, Kind.ID),
    "status": Name(ident_results.status, Kind.TEXT),
    "demo": Name(ident_results.is_demo, Kind.FLAG),
}

PLANS: Found = {
    **common(tables.plans),
    "updated": Name(plans.updated, Kind.MOMENT),
    "status": Name(plans.status, Kind.TEXT),
    "description": Name(plans.description, Kind.WORDS),
    "currency": Name(plans.currency, Kind.TEXT),
}

SUBSCRIPTIONS: Found = {
    **common(tables.subscriptions),
    "updated": Name(subscriptions.updated, Kind.MOMENT),
    "status": Name(subscriptions.status, Kind.TEXT),
    "customer.id": Name(subscriptions.customer_id, Kind.ID),
    "container.id": Name(subscriptions.container_id, Kind.ID),
    "plan.id": Name(subscriptions.plan_id, Kind.ID),
    "smart_transaction.id": Name(subscriptions.smart_transaction_id, Kind.ID),
    "start_at": Name(subscriptions.start_at, Kind.MOMENT),
    "billing_cycles.next_billing_time": Name(subscriptions.next_billing, Kind.MOMENT),
    "demo": Name(subscriptions.is_demo, Kind.FLAG),
}

CONTRACTS: Found = {
    "id": Name(contracts.id, Kind.ID, is_bare=True),
    "id_old": Name(contracts.seq, Kind.NUMBER, FIRST_OLD_ID),
    "description": company(tables.contracts),
    "merchant.id": Name(contracts.merchant_id, Kind.ID),
    "merchant.companyname": company(tables.contracts),
    "parent.id": Name(contracts.parent_id, Kind.ID),
    "approved": Name(contracts.state == Approval.ACTIVE, Kind.FLAG),
}

PAYMENT_CONTRACTS: Found = {
    "id": Name(contracts.id, Kind.ID, is_bare=True),
    "id_old": Name(contracts.seq, Kind.NUMBER, FIRST_OLD_ID),
    "merchant.id": Name(contracts.merchant_id, Kind.ID),
    "created": Name(contracts.created, Kind.MOMENT, order=contracts.seq),
    "updated": Name(contracts.updated, Kind.MOMENT),
    "parent.id": Name(contracts.parent_id, Kind.ID),
    "approved": Name(contracts.state == Approval.ACTIVE, Kind.FLAG),
}

STORES: Found = {
    "id": Name(stores.id, Kind.ID, is_bare=True),
    "id_old": Name(stores.seq, Kind.NUMBER, FIRST_OLD_ID),
    "merchant.id": Name(stores.merchant_id, Kind.ID),
    "name": Name(stores.name, Kind.WORDS, is_bare=True),
    "store_name": Name(stores.name, Kind.WORDS),
}

MERCHANTS: Found = {
    "id": Name(merchants.id, Kind.ID, is_bare=True),
    "id_old": Name(merchants.seq, Kind.NUMBER, FIRST_OLD_ID),
    "companyname": Name(merchants.companyname, Kind.WORDS, is_bare=True),
    "store_name": Name(merchants.companyname, Kind.WORDS),
}
