"""Hold every entry against the table of entries: what it is about, in which accounts, and whose.

Source: docs/reference/ledger.md
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pfennig.domain.ledger import About, LedgerAccount, Lines, Posting
from pfennig.money import Money


@dataclass(frozen=True)
class Expected:
    """The postings that something must have.

    entries: what may be posted, by why. others: whose the lines of an account are, by merchant and contract, if they
    are not those of what the entry is about. is_either_way: whether an entry may also be the other way round.
    """

    about: About
    entries: Mapping[str, tuple[Lines, ...]]
    others: Mapping[LedgerAccount, frozenset[tuple[str, str]]] = field(default_factory=dict)
    is_either_way: bool = False


def plain(about: About, amount: int) -> str:
    """An amount in the currency of what it is about."""
    return Money(amount, about.currency).plain


def unlike(
    about: About, books: Mapping[LedgerAccount, int], expected: Mapping[LedgerAccount, int], asking: str
) -> Iterator[str]:
    """Balances that are not what something asks for."""
    for account, amount in expected.items():
        if books.get(account, 0) != amount:
            yield f"{account} is {plain(about, books.get(account, 0))}, {asking} asks for {plain(about, amount)}"


def check_entries(expected: Expected, postings: Iterable[Posting]) -> Iterator[str]:
    """Faults in the postings about something."""
    entries: dict[str, list[Posting]] = {}
    for posting in postings:
        entries.setdefault(posting.entry_id, []).append(posting)
        yield from check_posting(expected, posting)
    for lines in entries.values():
        yield from check_entry(expected, lines)


def check_posting(expected: Expected, posting: Posting) -> Iterator[str]:
    """Faults in one posting: it stands under somebody else, or in another currency."""
    about = expected.about
    if posting.currency != about.currency:
        yield f"{posting.id} is in {posting.currency}, and it is about {about.currency}"
    if posting.smart_transaction_id != about.smart_transaction_id:
        yield f"{posting.id} is about another Smart Transaction"
    owners = expected.others.get(posting.account, frozenset({(about.merchant_id, about.contract_id)}))
    if (posting.merchant_id, posting.contract_id) not in owners:
        yield f"{posting.id} stands under another merchant or contract than its payment"


def check_entry(expected: Expected, postings: list[Posting]) -> Iterator[str]:
    """Faults in one entry: it does not sum to zero, or is none that the table of entries knows."""
    if sum(posting.amount for posting in postings):
        yield "an entry does not sum to zero"
        return
    first = postings[0]
    if len({(each.why, each.created, each.currency) for each in postings}) > 1:
        yield f"the lines of {first.entry_id} differ in their reason, moment or currency"
    elif not any(is_like(postings, lines, expected.is_either_way) for lines in expected.entries.get(first.why, ())):
        yield f"{first.entry_id} is none of the entries that {first.why!r} can post"


def is_like(postings: list[Posting], lines: Lines, is_either_way: bool) -> bool:
    """True where an entry is those lines, times an amount above 0."""
    if len(postings) != len(lines) or {each.account for each in postings} != set(lines):
        return False
    amounts = {each.amount * lines[each.account] for each in postings}
    return len(amounts) == 1 and (is_either_way or min(amounts) > 0)
