"""Operations on a Smart Transaction: it is opened, paid, delivered and refunded."""
