"""The map of the API: every noun, and where it stands."""

from pfennig.resources.cardprocessing.terminals import invoices as cardprocessing_invoices
from pfennig.resources.cardprocessing.terminals import transactions as cardprocessing_transactions
from pfennig.resources.document.uploads import uploads as document_uploads
from pfennig.resources.general.contracts import contracts as general_contracts
from pfennig.resources.general.merchants import merchants as general_merchants
from pfennig.resources.general.stores import stores as general_stores
from pfennig.resources.payment.containers import containers as payment_containers
from pfennig.resources.payment.contracts import contracts as payment_contracts
from pfennig.resources.payment.customers import customers as payment_customers
from pfennig.resources.payment.invoices import invoices as payment_invoices
from pfennig.resources.payment.legacy import endpoints as payment_secupay
from pfennig.resources.payment.mandates import mandates as payment_mandates
from pfennig.resources.payment.payout_transactions import secupaypayout as payment_secupaypayout
from pfennig.resources.payment.payouts import payouts as payment_payouts
from pfennig.resources.payment.plans import plans as payment_plans
from pfennig.resources.payment.subscriptions import subscriptions as payment_subscriptions
from pfennig.resources.payment.transactions import transactions as payment_transactions
from pfennig.resources.public.website import website as public_website
from pfennig.resources.resource import Resource
from pfennig.resources.services.idents import cases as services_identcases
from pfennig.resources.services.idents import found as services_identresults
from pfennig.resources.services.idents import requests as services_identrequests
from pfennig.resources.services.uploadidents import uploadidents as services_uploadidents
from pfennig.resources.smart.idents import idents as smart_idents
from pfennig.resources.smart.transactions import transactions as smart_transactions

RESOURCES: tuple[Resource, ...] = (
    cardprocessing_invoices,
    cardprocessing_transactions,
    document_uploads,
    general_contracts,
    general_merchants,
    general_stores,
    payment_containers,
    payment_contracts,
    payment_customers,
    payment_invoices,
    payment_mandates,
    payment_payouts,
    payment_plans,
    *payment_secupay,
    payment_secupaypayout,
    payment_subscriptions,
    payment_transactions,
    public_website,
    services_identcases,
    services_identrequests,
    services_identresults,
    services_uploadidents,
    smart_idents,
    smart_transactions,
)
