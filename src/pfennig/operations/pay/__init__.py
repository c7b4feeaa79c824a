"""How a Smart Transaction is opened, paid, delivered and refunded."""
