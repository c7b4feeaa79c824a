"""How long data that is not needed for ever is kept. Source: docs/operators.md#personal-data."""

from collections.abc import Mapping
from dataclasses import dataclass

from pfennig.domain import numbers

YEAR = 366


@dataclass(frozen=True)
class Rule:
    """A rule of retention: after how many days something goes, from when on they count, and what goes then."""

    days: int
    since: str
    what: str


RULES: Mapping[str, Rule] = {
    "events": Rule(90, "the change they are about", "removed, with all deliveries"),
    "mails": Rule(90, "the change they are about", "recipient, subject and text emptied"),
    "attempts": Rule(
        90, "the rail's answer", "addresses of the shop and of the rail's page emptied, and what that said"
    ),
    "reports": Rule(90, "they came", "what the rail says emptied"),
    "containers": Rule(426, "they were archived or deleted", "the instrument emptied"),
    "customers": Rule(4 * YEAR, "their last change, or the last transaction that names them", "contact emptied"),
    "contracts": Rule(6 * YEAR, "they were rejected or terminated", "accounts, credentials and details emptied"),
    "merchants": Rule(6 * YEAR, "their last change and that of their last contract", "contact and email emptied"),
    "transactions": Rule(11 * YEAR, "their last change", "contacts of payer and recipient removed"),
    "uploads": Rule(1, "they came, where nothing took them", "removed"),
    "invoices": Rule(11 * YEAR, "they were handed in", "removed, with the file"),
    "papers": Rule(6 * YEAR, "they were handed in", "removed, with the file"),
    "idents": Rule(6 * YEAR, "their last change", "persons emptied"),
    "receipts": Rule(11 * YEAR, "their arrival", "IBAN, owner and purpose emptied"),
    "remittances": Rule(11 * YEAR, "their order", "account and purpose emptied"),
}
"""An own period for each noun; docs/operators.md says why. What has none is kept: the books and all moves."""

LONGEST_DAYS = 100 * YEAR


class BadRetention(ValueError):
    """Periods that cannot be read; the text says why."""


def periods(text: str) -> dict[str, int]:
    """Days by noun, from a text such as `mails=30,events=7`; the default for the rest. Raises BadRetention."""
    known = {noun: rule.days for noun, rule in RULES.items()}
    for part in filter(None, (part.strip() for part in text.split(","))):
        noun, _, days = part.partition("=")
        if noun not in RULES:
            raise BadRetention(f"{noun!r} is none of {', '.join(RULES)}")
        try:
            known[noun] = numbers.whole(days, LONGEST_DAYS, least=1)
        except ValueError:
            example = f"{noun}={RULES[noun].days}"
            raise BadRetention(f"{noun} must be from 1 to {LONGEST_DAYS} days, such as {example}") from None
    return known
