"""HTTP without TLS, as the servers of the tests speak it."""

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. Each client without it reads the system's authorities, which takes longer than most requests."""
