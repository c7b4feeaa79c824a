"""Find card numbers and IBANs in any text: glued to words, with anything between, in the digits of any script.

Part of redaction.py. Where a text has numbers that only might be one, the check digits decide. A text is read twice:
as it stands, and as whoever decodes it would: `4111%201111` may be one number with a blank in it, or with a sign.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from pfennig.domain import card

Span = tuple[int, int]

FEWEST_DIGITS = 13
"""The fewest digits of a card. An IBAN may have fewer, and letters."""

FEWEST_OF_ANY = 6
WIDEST_GAP = 8
"""Signs and blanks between two digits of a number; what nobody sees does not count. `", "` of a list has four."""

ENCODED = re.compile(
    r"%(?:25)*(?P<byte>[0-9A-Fa-f]{2})|\\+(?:u(?P<unit>[0-9A-Fa-f]{4})|x(?P<short>[0-9A-Fa-f]{2})|[nrt])"
    r"|(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});)|.",
    re.DOTALL,
)
"""A character as it stands, or as addresses, JSON and HTML write it."""

NOT_SEEN = frozenset({"Cc", "Cf", "Cs", "Me", "Mn"})
"""The categories of Unicode that take no place of their own: controls, joiners, marks above others."""

DIGIT = re.compile(r"\d")
FOREIGN = re.compile(r"[^\x00-\x7f]")
DAY = r"(?:19|20)\d\d([-./])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
GERMAN_DAY = r"(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d"
TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,9})?(?:[+-]\d\d:?\d\d)?"
MOMENT = re.compile(rf"(?<!\d)(?:{DAY}|{GERMAN_DAY})(?:[T ,]{{1,2}}{TIME})?(?!\d)", re.ASCII)
"""Texts with many digits that are moments and no card numbers: no card begins with 19 or 20."""

NETWORK = re.compile("|".join(f"(?={begins})" for begins in card.BEGINNINGS.values()))
SHORTEST_CARD, LONGEST_CARD = 15, 19
NO_CARD = ("0", "1", "20")
"""Beginnings of counts of seconds and years, and of no card, except those of airlines with 15 digits."""

AIRLINE_DIGITS = 15

LENGTHS = {
    pair[:2]: int(pair[2:])
    for pair in re.findall(
        r"\w+",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 "
        "EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 "
        "JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 "
        "NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 "
        "TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30 ",
    )
}
"""Characters of an IBAN, by country."""

BEGINS = re.compile(r"(?=([A-Z]{2})[0-9]{2})")
COUNTRY_AND_CHECK = 4


class Sign(NamedTuple):
    """A letter or a digit, from where to where it stands, and how much is between it and the one before."""

    character: str
    begin: int
    end: int
    gap: int


def has_digits(text: str) -> bool:
    """Whether there are enough digits for a number of any kind: all that are read as one count."""
    known = FOREIGN.sub(lambda match: latin(match[0]) or "", text)
    return len(DIGIT.findall(known)) >= FEWEST_OF_ANY


def number_spans(text: str) -> list[Span]:
    """The places of card numbers and IBANs in a text, in order, none inside another."""
    if not has_digits(text):
        return []
    plain = MOMENT.sub(lambda moment: "x" * len(moment[0]), text)
    readings = [signs(plain, as_it_stands(plain))]
    if any(mark in plain for mark in "%\\&"):
        readings.append(signs(plain, meant_characters(plain)))
    spans: list[Span] = []
    for begin, end in sorted(chain.from_iterable(chain(cards(each), ibans(each)) for each in readings)):
        if spans and begin < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


Characters = Iterator[tuple[str, int, int]]


def as_it_stands(text: str) -> Characters:
    """Each character of a text with its place."""
    return ((character, place, place + 1) for place, character in enumerate(text))


def meant_characters(text: str) -> Characters:
    """Each meant character of a text, with the place where it is written."""
    for match in ENCODED.finditer(text):
        code = match["byte"] or match["unit"] or match["short"]
        if code:
            number = int(code, 16)
            is_part = match["unit"] is None and number > 0x7F  # part of a character of several bytes, mostly a blank
            character = "\u200b" if is_part else chr(number)
        else:
            character = html.unescape(match["entity"]) if match["entity"] else match[0][:1]
        yield character[:1] or " ", *match.span()


def signs(text: str, characters: Characters) -> list[Sign]:
    """The letters and digits of a text, plain ones for those of any width and script."""
    read: list[Sign] = []
    gap = 0
    for character, begin, end in characters:
        plain = latin(character)
        if plain:
            read.append(Sign(plain, begin, end, gap))
            gap = 0
        elif plain is not None:
            gap += 1
    return read


@lru_cache(maxsize=4096)
def latin(character: str) -> str | None:
    """A letter or digit as the plain one that is meant, empty for what stands between, None for what nobody sees."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    other = unicodedata.normalize("NFKC", character)
    if len(other) == 1 and other.isalnum():
        return other.upper() if other.isascii() else other
    if character in "\t\n\r" or unicodedata.category(character) not in NOT_SEEN:
        return other if other.isalnum() else ""
    return None


def cards(read: list[Sign]) -> Iterator[Span]:
    """A whole number that can be a card's; or a part of it that looks like one of a network that we know."""
    for run in runs(read):
        digits = "".join(each.character for each in run)
        if card.is_valid(digits) and (not digits.startswith(NO_CARD) or len(digits) == AIRLINE_DIGITS):
            yield run[0].begin, run[-1].end
            continue
        for first in (begin.start() for begin in NETWORK.finditer(digits)):
            for length in range(SHORTEST_CARD, min(LONGEST_CARD, len(digits) - first) + 1):
                part = digits[first : first + length]
                if card.scheme(part) and card.is_valid(part):
                    yield run[first].begin, run[first + length - 1].end


def runs(read: list[Sign]) -> Iterator[list[Sign]]:
    """Digits that stand together, as far as they are enough for a number."""
    run: list[Sign] = []
    for each in read:
        is_digit = each.character.isdecimal()
        if not is_digit or each.gap > WIDEST_GAP:
            if len(run) >= FEWEST_DIGITS:
                yield run
            run = []
        if is_digit:
            run.append(each)
    if len(run) >= FEWEST_DIGITS:
        yield run


def ibans(read: list[Sign]) -> Iterator[Span]:
    """The places of IBANs: they begin with a country and have its length and right check digits."""
    text = "".join(each.character[0] for each in read)
    for match in BEGINS.finditer(text):
        length = LENGTHS.get(match[1], 0)
        part = read[match.start() : match.start() + length]
        letters = text[match.start() : match.start() + length]
        if (
            not length
            or len(part) < length
            or not letters.isascii()
            or any(each.gap > WIDEST_GAP for each in part[1:])
        ):
            continue
        turned = letters[COUNTRY_AND_CHECK:] + letters[:COUNTRY_AND_CHECK]
        if int("".join(str(int(each, 36)) for each in turned)) % 97 == 1:
            yield part[0].begin, part[-1].end
