"""What shows that rows were changed by nobody else: the chain, marks, and new keys."""
