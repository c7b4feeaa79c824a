"""A payer who reads: the sums and days in the texts of a page, in any language, with nothing else to go by."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from html import unescape
from itertools import pairwise

from babel.numbers import parse_decimal

from pfennig.clock import GERMAN_TIME
from pfennig.domain.plan import LENGTHS, Unit
from pfennig.domain.schedule import later
from pfennig.language import say, spoken_day
from pfennig.mails.terms import EVERY, EVERY_FEW
from pfennig.money import decimals


@dataclass(frozen=True)
class Charges:
    """What somebody expects to pay: today, then so much on such a day, so often, at such an interval.

    later: first day, price in minor units, months and days between two payments, and how often; 0 without an end.
    """

    today: int
    later: tuple[tuple[date, int, tuple[int, int], int], ...]

    def until(self, last: date) -> Iterator[tuple[date, int]]:
        """The payments after today, as far as that day. A phase goes on until the next one begins."""
        ends = [*(first for first, *_ in self.later), last + timedelta(1)][1:]
        for (first, price, (months, days), times), end in zip(self.later, ends, strict=True):
            for number in range(times or 10_000):
                day = later(
                    datetime(first.year, first.month, first.day, 12, tzinfo=GERMAN_TIME),
                    months * number,
                    days * number,
                ).date()
                if day >= min(end, last + timedelta(1)):
                    break
                if price:
                    yield day, price


def amount(text: str, language: str, currency: str = "EUR") -> int:
    """The only amount in a text, in minor units."""
    [found] = re.findall(r"\d(?:[\d.,\u00a0\u202f’]*\d)?", text)
    number: Decimal = parse_decimal(found, locale=language)
    return int(number.scaleb(decimals(currency)))


@cache
def phrase(message: str, language: str) -> re.Pattern[str]:
    """What a text looks like in which a message is said, with a group for each of its values."""
    names = {name: f"(?P<{name}>.+)" for name in re.findall(r"\{(\w+)\}", message)}
    marked = say(message, language, **{name: f"<{name}>" for name in names})
    pattern = re.escape(marked)
    for name, group in names.items():
        pattern = pattern.replace(re.escape(f"<{name}>"), group)
    return re.compile(pattern)


@cache
def day_of(text: str, language: str) -> date | None:
    """The day that a text says; None where it says none."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if len(numbers) != 2 or not 1 <= numbers[0] <= 31 or not 2000 <= numbers[1] <= 2200:
        return None
    day, year = numbers
    months = [date(year, month, day) for month in range(1, 13) if day <= monthrange(year, month)[1]]
    return next((found for found in months if spoken_day(found, language) == text), None)


def charges(terms: dict[str, list[str]], today: date, language: str, currency: str = "EUR") -> Charges:
    """The charges that somebody expects who reads the terms on a page, by what each is about."""
    asked = amount(terms["today"][0], language, currency) if "today" in terms else 0
    lines = [charge(line, today, language, currency) for line in terms.get("later", [])]
    assert all(one[0] < other[0] for one, other in pairwise(lines)), "in their order"
    return Charges(asked, tuple(lines))


def charge(line: str, today: date, language: str, currency: str) -> tuple[date, int, tuple[int, int], int]:
    """One line about what comes later."""
    day, rest, times = today, line, 0
    for message in ("On {day}, once: {price}", "From {day}: {terms}"):
        if (found := phrase(message, language).fullmatch(line)) and (said := day_of(found["day"], language)):
            day, rest = said, found.groupdict().get("terms", "")
            if not rest:
                return day, amount(found["price"], language, currency), (0, 0), 1
            break
    else:
        if found := phrase("From today: {terms}", language).fullmatch(line):
            rest = found["terms"]
    if found := phrase("trial period, {terms}", language).fullmatch(rest):
        rest = found["terms"]
    if rest == say("free of charge", language):
        return day, 0, (0, 1), 0
    if found := phrase("{terms}, {count} times", language).fullmatch(rest):
        rest, times = found["terms"], int(found["count"])
    if (found := phrase("{price} once", language).fullmatch(rest)) and is_amount(found["price"]):
        return day, amount(found["price"], language, currency), (0, 0), 1
    for unit in Unit:
        if found := phrase(EVERY_FEW[unit], language).fullmatch(rest):
            months, length = (int(found["count"]) * one for one in LENGTHS[unit])
            return day, amount(found["price"], language, currency), (months, length), times
    for unit in Unit:
        if (found := phrase(EVERY[unit], language).fullmatch(rest)) and is_amount(found["price"]):
            return day, amount(found["price"], language, currency), LENGTHS[unit], times
    raise AssertionError(f"nobody can read {line!r}")


def is_amount(text: str) -> bool:
    """True for a text with one number, and no letters but those of a currency."""
    return len(re.findall(r"\d[\d.,\u00a0\u202f’]*", text)) == 1 and len(re.findall(r"[^\W\d_]+", text)) < 2


def shown_terms(page: str) -> dict[str, list[str]]:
    """The terms of a subscription on a page: the lines of each, by its name."""
    section = page.partition('id="subscription"')[2].partition("</section>")[0]
    rows = re.findall(r'<div class="(\w+)">(.*?)</div>', section, re.DOTALL)
    return {name: [unescape(line) for line in re.findall(r"<dd>(.*?)</dd>", row)] for name, row in rows}
