"""What anybody may ask, without a token."""
