"""IBANs as people type them: which bank they name, and what is wrong with one. Source: ISO 13616, by schwifty."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from schwifty import IBAN, registry
from schwifty.domain import Component, IBANSpec
from schwifty.exceptions import InvalidCountryCode, SchwiftyException

from pfennig.domain.payer import COUNTRIES

KINDS = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
"""The characters of a country's account numbers, in the words of the standard."""

FULL_REGISTERS = frozenset({"DE"})
"""Countries of which every bank is known, so that an unknown bank code is a wrong one."""

DEPENDENT = frozenset(
    {"AX", "BL", "GF", "GG", "GP", "IM", "JE", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"}
)
"""Territories whose IBANs begin with the letters of another country: FI, FR or GB."""

START = 4
"""Characters before the account number of a country: its two letters and two check digits."""


class Mistake(StrEnum):
    """What can be wrong with an IBAN."""

    COUNTRY = "country"
    LENGTH = "length"
    GROUP = "group"
    BANK = "bank"
    ACCOUNT = "account"
    CHECK = "check"


@dataclass(frozen=True)
class IbanFault:
    """What is wrong with an IBAN, and the values for a sentence about it."""

    mistake: Mistake
    values: Mapping[str, str] = field(default_factory=dict)


def plain(text: str) -> str:
    """An IBAN in capitals, without blanks, dashes, dots, and the word IBAN that is copied with it."""
    return re.sub(r"[\s.-]|^\s*IBAN\b:?", "", text.upper())


def groups(number: str, first: int, after: int) -> str:
    """The groups of four in which these characters of a number stand."""
    start = first // 4 * 4
    return " ".join(re.findall(".{1,4}", number[start : -(-after // 4) * 4]))


def fault(text: str) -> IbanFault | None:
    """The first thing that is wrong with an IBAN; None if nothing is."""
    number = plain(text)
    spec = known_spec(number[:2])
    if spec is None or not re.fullmatch("[0-9]{2}", number[2:START]):
        return IbanFault(Mistake.COUNTRY)
    if (at := misfit(number, spec)) is not None:
        return IbanFault(Mistake.GROUP, {"group": groups(number, at, at + 1), "character": number[at]})
    if len(number) != spec.iban_length:
        sizes = {"length": str(spec.iban_length), "count": str(len(number))}
        return IbanFault(Mistake.LENGTH, {"country": spec.country, **sizes})
    return unchecked_part(IBAN(number, allow_invalid=True), spec)


def misfit(number: str, spec: IBANSpec) -> int | None:
    """The place of the first character that cannot stand where it does; None if there is none."""
    kinds = "aann" + structure(spec)
    for place, character in enumerate(number):
        if not re.fullmatch(KINDS[kinds[place] if place < len(kinds) else "c"], character):
            return place
    return None


def unchecked_part(iban: IBAN, spec: IBANSpec) -> IbanFault | None:
    """The part of an IBAN in which a mistake must be sought, if its check digits or those of its bank do not fit."""
    bank = spec.positions[Component.BANK_CODE]
    bank_groups = groups(iban, START + bank.start, START + bank.end)
    is_right, is_known = iban.is_valid, iban.bank_name is not None
    if not is_right and not is_known and spec.country in FULL_REGISTERS:
        return IbanFault(Mistake.BANK, {"group": bank_groups})
    try:
        iban.bban.validate_national_checksum()
    except (SchwiftyException, ValueError):
        account = spec.positions[Component.ACCOUNT_CODE]
        return IbanFault(Mistake.ACCOUNT, {"group": groups(iban, START + account.start, START + account.end)})
    return None if is_right else IbanFault(Mistake.CHECK, {"group": iban[:START]})


def known_spec(country: str) -> IBANSpec | None:
    """The rules of a country for its IBANs; None for a country that has none."""
    try:
        return registry.get_iban_spec(country)
    except InvalidCountryCode:
        return None


def structure(spec: IBANSpec) -> str:
    """The kind of each character after the check digits: "nnnn…" for Germany."""
    return "".join(kind * int(size) for size, kind in re.findall(r"(\d+)!?([nac])", spec.bban_spec))


def bank_code(number: str) -> str:
    """The characters of an IBAN that name its bank; empty of a country without IBANs."""
    spec = known_spec(number[:2])
    return number[START : START + bank_code_end(spec)] if spec else ""


def bank_code_end(spec: IBANSpec) -> int:
    """The characters after the check digits that a bank is known by."""
    return spec.positions[Component.BANK_CODE].end


def bank_name(country: str, code: str) -> str | None:
    """The name of a bank by a country and the beginning of its account numbers, and no character more.

    None where nobody knows the bank, and for what is longer or shorter than a bank code.
    """
    spec = known_spec(country)
    if spec is None or len(code) != bank_code_end(spec):
        return None
    banks = registry.get_banks_by_code(country, code[spec.positions[Component.BANK_CODE].start :])
    return next((bank.name for bank in sorted(banks, key=lambda bank: not bank.primary)), None)


@cache
def sepa_shapes() -> str:
    """The shapes of the IBANs from which euros can be collected, for a script: "DE8-18n" and so on.

    The two letters of each country, the characters of its bank codes, and the kinds of its characters.
    """
    return " ".join(each for country in sorted(COUNTRIES - DEPENDENT) for each in shape(country))


def shape(country: str) -> Iterator[str]:
    """The shape of a country's IBANs, if euros can be collected there."""
    spec = known_spec(country)
    if spec and spec.in_sepa_zone:
        runs = re.findall(r"((.)\2*)", structure(spec))
        yield f"{country}{bank_code_end(spec)}-" + "".join(f"{len(run)}{kind}" for run, kind in runs)
