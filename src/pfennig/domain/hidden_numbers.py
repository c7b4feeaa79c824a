"""Find card numbers and IBANs in any text: glued to words, with marks between, in the digits of any script.

Part of redaction.py. Where a text has numbers that only might be one, the check digits decide.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pfennig.domain import card

Span = tuple[int, int]

BETWEEN = r"[\s.,·•_/\\\u00ad\u200b-\u200f\u2010-\u2015\u2212-]{0,2}"
"""What people and programs write between groups of digits, and what nobody sees."""

NUMBER = re.compile(rf"\d(?:{BETWEEN}\d){{12,}}")
NETWORK = re.compile("|".join(f"(?={begins})" for begins in card.BEGINNINGS.values()))
SHORTEST_CARD, LONGEST_CARD = 15, 19
BEGINS = re.compile(r"[A-Za-z]{2}(?=[0-9]{2})")

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

FOREIGN = re.compile(r"[^\W\x00-\x7f]")
"""Letters and digits that are not plain."""

LETTER = re.compile(r"[A-Za-z0-9]")
APART = re.compile(BETWEEN)


def found(text: str) -> list[Span]:
    """From where to where there are card numbers and IBANs, in order, one not in another."""
    plain = "".join(map(latin, text)) if FOREIGN.search(text) else text
    spans: list[Span] = []
    for begin, end in sorted([*cards(plain), *ibans(plain)]):
        if spans and begin < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return spans


@lru_cache(maxsize=4096)
def latin(character: str) -> str:
    """A digit or letter of any width or script as the plain one that is meant; anything else as it is."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    other = unicodedata.normalize("NFKC", character)
    return other if len(other) == 1 else character


def cards(plain: str) -> Iterator[Span]:
    """A whole number that can be a card's; or a part of it that looks like one of a network that we know."""
    for match in NUMBER.finditer(plain):
        places = [place for place in range(*match.span()) if plain[place].isdecimal()]
        digits = "".join(plain[place] for place in places)
        if card.is_valid(digits):
            yield match.span()
            continue
        for first in (begin.start() for begin in NETWORK.finditer(digits)):
            for length in range(SHORTEST_CARD, min(LONGEST_CARD, len(digits) - first) + 1):
                part = digits[first : first + length]
                if card.scheme(part) and card.is_valid(part):
                    yield places[first], places[first + length - 1] + 1


def ibans(plain: str) -> Iterator[Span]:
    """What begins with a country and is as long as an IBAN there, with right check digits."""
    for match in BEGINS.finditer(plain):
        length = LENGTHS.get(match[0].upper())
        if length and (end := after(plain, match.start(), length)):
            letters = "".join(LETTER.findall(plain[match.start() : end])).upper()
            if int("".join(str(int(each, 36)) for each in letters[4:] + letters[:4])) % 97 == 1:
                yield match.start(), end


def after(plain: str, place: int, length: int) -> int | None:
    """Where so many letters and digits end that begin there, None if there are fewer."""
    for number in range(length):
        if number:
            gap = APART.match(plain, place)  # nothing is one, too
            place = gap.end() if gap else place
        if place >= len(plain) or not LETTER.match(plain, place):
            return None
        place += 1
    return place
