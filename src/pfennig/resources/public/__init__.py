"""Resources that anybody may ask for, without a token."""
