"""A mail as it is written: what it says, in the order in which it is read. `drawing` makes text and HTML of it."""

from dataclasses import dataclass

from pfennig.mails.basket import Purchase

Details = tuple[tuple[str, str], ...]
"""Labels and what they label; what is empty is not shown."""


@dataclass(frozen=True)
class Button:
    """The one thing to do or see: words, and the address to which they lead."""

    label: str
    url: str


@dataclass(frozen=True)
class Letter:
    """The content of a mail, in the order in which it is read.

    code: the transfer as a code, a data URI; it says what the details say. purchase: what was bought.
    """

    subject: str
    heading: str
    greeting: str
    sentences: tuple[str, ...]
    details: Details
    notes: tuple[str, ...] = ()
    button: Button | None = None
    code: str = ""
    purchase: Purchase | None = None
