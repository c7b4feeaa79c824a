"""What the API shows: every noun, and where it stands. The map of the product."""

from pfennig.resources.payment.transactions import transactions as payment_transactions
from pfennig.resources.resource import Resource
from pfennig.resources.smart.transactions import transactions as smart_transactions

RESOURCES: tuple[Resource, ...] = (
    payment_transactions,
    smart_transactions,
)
