"""What is compared to say whether the books are sound."""
