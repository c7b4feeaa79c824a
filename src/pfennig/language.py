"""The languages people read: English is in the code, the others are catalogues beside it.

A language may carry a tone, as locales write it: de@informal is German that says du, in a catalogue of what differs.
"""

import re
from datetime import date
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.pofile import read_po

LANGUAGES = {
    "de": "Deutsch",
    "en": "English",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
}
"""Languages by their first two letters, with their own names for themselves."""

DEFAULT = "de"
BRITISH = "en_GB"

FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Letters of scripts that are read from the right, such as Arabic and Hebrew."""

ISOLATE, END_OF_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"

CATALOGUES = Path(__file__).parent / "locale"


def best_language(request: str | None, default: str = DEFAULT) -> str:
    """The language that fits a preference such as "en-GB, de;q=0.5" or "de_DE" best; the default if none does."""
    if not request:
        return default
    best, weight = default, 0.0
    for part in request.split(","):
        tag, _, parameters = part.strip().partition(";")
        quality = parameters.strip().removeprefix("q=") or "1"
        try:
            value = float(quality)
        except ValueError:
            continue
        if tag[:2].lower() in LANGUAGES and value > weight:
            best, weight = tag[:2].lower(), value
    return best


def informal(language: str) -> str:
    """The language in the tone of friends, where it has one."""
    return "de@informal" if language == "de" else language


def say(message: str, language: str, **values: object) -> str:
    """The message in that language, with {names} filled in, whatever script these are in."""
    text = message if language == "en" else catalogue(language).get(message, message)
    return text.format(**{name: isolated_value(value) for name, value in values.items()}) if values else text


def isolated_value(value: object) -> object:
    """A value for a sentence or a place of its own: a text as it keeps to itself, anything else as it is."""
    return isolated_text(value) if isinstance(value, str) else value


def isolated_text(text: str) -> str:
    """A text that keeps to itself where it is read from the right: else digits and signs around it would jump."""
    needs_isolate = FROM_THE_RIGHT.search(text) and not text.startswith(ISOLATE)
    return f"{ISOLATE}{text}{END_OF_ISOLATE}" if needs_isolate else text


def locale_of(language: str) -> str:
    """The locale in which days are written; the English is British, as in all our texts."""
    return BRITISH if language == "en" else language[:2]


def spoken_day(day: date, language: str) -> str:
    """A day as people write it. No line breaks after its number."""
    said = format_date(day, "long", locale=locale_of(language))
    return said.replace(" ", "\N{NO-BREAK SPACE}", 1)


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every message of a language: the English text and its translation."""
    plain, _, tone = language.partition("@")
    return catalogue(plain) | own(language) if tone else own(language)


def own(language: str) -> dict[str, str]:
    """The translations in the file of a language."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}
