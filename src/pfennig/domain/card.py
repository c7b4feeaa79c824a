"""Card numbers: recognise them, mask them, and let go of them."""

import re
from dataclasses import dataclass
from datetime import date

from pfennig.errors import Malformed

SCHEMES = {
    "american express": re.compile(r"3[47]\d{13}"),
    "visa": re.compile(r"4\d{12}(\d{3})?(\d{3})?"),
    "mastercard": re.compile(r"(5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"),
    "cup": re.compile(r"62\d{14,17}"),
}
"""The networks in the words of payment_context.creditcard_schemes, and what their numbers look like."""

SCHEME_NAMES = {
    "american express": "American Express",
    "visa": "Visa",
    "mastercard": "Mastercard",
    "cup": "UnionPay",
}

BEGINNINGS = {"american express": "3[47]", "visa": "4", "mastercard": "5[1-5]|2[2-7]", "cup": "62"}
"""The first digits of each network's card numbers, to name it while somebody is still typing."""

CODE_SIZES = {"american express": 4, "visa": 3, "mastercard": 3, "cup": 3}
"""Digits of each network's security codes: four are on the front of a card, three on the back."""

RUN = re.compile(r"\d(?:[ ./-]*\d){12,}")
"""Runs of digits that may hide a number, with what people write between them."""

EXPIRY = re.compile(r"\s*(\d{1,2})\s*/?\s*(?:20)?(\d{2})\s*")


class CardNumberInName(Malformed):
    """A name cannot contain a card number."""

    code = 3038


@dataclass(frozen=True)
class Masked:
    """The rest of a card number that may be shown: first six, last four, and its network."""

    pan: str
    scheme: str | None

    @property
    def key(self) -> tuple[str, str]:
        """The first six and last four digits."""
        return self.pan[:6], self.pan[-4:]


def digits(number: str) -> str:
    """The number without blanks and dashes."""
    return re.sub(r"[\s-]", "", number)


def is_valid(number: str) -> bool:
    """True for 12 to 19 digits whose check digit is right (Luhn)."""
    if not re.fullmatch(r"\d{12,19}", number):
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def scheme(number: str) -> str | None:
    """The network of a number; X stands for a masked digit."""
    plain = number.upper().replace("X", "0")
    return next((name for name, shape in SCHEMES.items() if shape.fullmatch(plain)), None)


def network(number: str) -> str | None:
    """The network that a number begins like, while it is typed or when it is not valid."""
    return next((name for name, begins in BEGINNINGS.items() if re.match(begins, number)), None)


def is_code(code: str, number: str) -> bool:
    """True for a security code as the card with this number has it; of an unknown network it has 3 or 4 digits."""
    size = CODE_SIZES.get(network(number) or "")
    return re.fullmatch(rf"[0-9]{{{size or '3,4'}}}", code) is not None


def masked_number(number: str) -> Masked:
    """The number with its first six and last four digits, and X between."""
    hidden = number[:6] + "X" * (len(number) - 10) + number[-4:]
    return Masked(hidden, scheme(number))


def expiry(text: str, today: date) -> str | None:
    """The last month of validity as 2027-03 from "03/27"; None if it is no month, or over."""
    match = EXPIRY.fullmatch(text)
    if not match or not is_month(text):
        return None
    month = f"20{match[2]}-{int(match[1]):02}"
    return month if month >= f"{today:%Y-%m}" else None


def is_month(text: str) -> bool:
    """True for what can be read as the last month of a card, such as 03/27, over or not."""
    match = EXPIRY.fullmatch(text)
    return match is not None and 1 <= int(match[1]) <= 12


def is_over(expiration: str, today: date) -> bool:
    """True for a card whose last month, 2027-03 or a date-time in it, has passed; False where none is known."""
    return bool(expiration) and expiration[:7] < f"{today:%Y-%m}"


def require_none(text: str, place: str) -> None:
    """Raises CardNumberInName for a text with a whole card number in it: it would be kept, and shown again."""
    for run in RUN.findall(text):
        plain = re.sub(r"\D", "", run)
        windows = (plain[start : start + size] for size in range(13, 20) for start in range(len(plain) - size + 1))
        if any(is_valid(window) and scheme(window) for window in windows):
            raise CardNumberInName(f"{place} contains a card number")
