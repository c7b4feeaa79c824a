"""The door for callers: addresses, bodies, tokens and errors of the API. It translates and decides nothing."""
