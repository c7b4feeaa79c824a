"""The check of the books: comparisons that say whether they are sound."""
