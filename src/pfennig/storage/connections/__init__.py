"""Connections to SQLite and PostgreSQL, and what is done when there is none."""
