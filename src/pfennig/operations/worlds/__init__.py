"""World files: merchants, clients and payments that somebody wrote down."""
