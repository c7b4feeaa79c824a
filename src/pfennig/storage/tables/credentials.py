"""The tables of those who call, and of what they prove it by. Part of tables.py."""

from sqlalchemy import Index

from pfennig.storage.tables.columns import flag, moment, name, table, when_open

clients = table(
    "clients",
    name("merchant_id"),
    name("contract_id"),
    name("name", length=255),
    flag("is_revoked"),
    Index(None, "merchant_id"),
)

secrets = table("secrets", name("client_id"), name("merchant_id"), moment("ends"), Index(None, "client_id"))

tokens = table(
    "tokens",
    name("client_id"),
    name("merchant_id"),
    name("contract_id"),
    name("session_id", nullable=True),
    name("secret_id", nullable=True),
    moment("expires", nullable=False),
    Index(None, "expires"),
    Index(None, "client_id"),
    Index("ux_tokens_session", "session_id", unique=True),
)

users = table("users", name("merchant_id"), name("contract_id"), name("password", length=255))

sessions = table(
    "sessions",
    name("client_id"),
    name("merchant_id"),
    name("contract_id"),
    name("username"),
    name("device", length=255),
    name("device_name", length=255),
    name("device_code", nullable=True),
    name("user_code", nullable=True),
    name("refresh", nullable=True),
    name("secret_id", nullable=True),
    flag("is_open"),
    moment("expires", nullable=False),
    Index(None, "expires"),
    Index(None, "client_id"),
    Index("ux_sessions_device_code", "device_code", unique=True),
    Index("ux_sessions_user_code", "user_code", unique=True),
    Index("ux_sessions_refresh", "refresh", unique=True),
    when_open("ux_sessions_device", "client_id", "merchant_id", "username", "device", is_unique=True),
)
