"""Smart Transactions: orders with what is paid for them."""
