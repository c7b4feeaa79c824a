"""What the shop left open about who pays and where the goods go: asked in the form that pays, and only that.

Source: docs/checkout.md#what-the-payer-is-asked
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup

from pfennig.checkout import texts
from pfennig.checkout.visit import Visit
from pfennig.domain import payer
from pfennig.domain.countries import countries
from pfennig.domain.payer import COUNTRIES, HOME, NAMES, SALUTATION
from pfennig.language import say
from pfennig.operations.pay import payers
from pfennig.operations.pay.payers import ALL_OF, Part

USUAL_COUNTRIES = {"de": "DE", "en": "DE", "fr": "FR", "it": "IT", "nl": "NL", "pl": "PL"}
"""The country of most readers of each language; the form's list begins with it."""

BEFORE: Mapping[Part, str] = {Part.CUSTOMER: "", Part.SHIPPING: "shipping_"}
"""What stands before the names of a part's fields, because one form may ask for both."""

HELP: Mapping[str, Mapping[str, str]] = {
    "salutation": {"autocomplete": "honorific-prefix"},
    "forename": {"autocomplete": "given-name", "autocapitalize": "words"},
    "surname": {"autocomplete": "family-name", "autocapitalize": "words"},
    "email": {"autocomplete": "email", "inputmode": "email", "type": "email", "autocapitalize": "off"},
    "street": {"autocomplete": "address-line1", "autocapitalize": "words"},
    "postal_code": {"autocomplete": "postal-code", "autocapitalize": "characters"},
    "city": {"autocomplete": "address-level2", "autocapitalize": "words"},
    "country": {"autocomplete": "country"},
}
"""Hints about each field for browsers and keyboards: its type, autocompletion and input mode."""


@dataclass(frozen=True)
class Asked:
    """The details of one part that a form asks for, in their order."""

    part: Part
    names: list[str]

    def fields(self, visit: Visit, typed: Mapping[str, str]) -> list[Mapping[str, object]]:
        """The fields of the form. typed: what the form holds already, by the names of the fields."""
        return [field(visit, self.part, name, typed) for name in self.names]

    def labels(self, language: str) -> dict[str, str]:
        """The labels of the fields, by their names."""
        return {BEFORE[self.part] + name: say(texts.ASKED[self.part][name].label, language) for name in self.names}

    def heading(self, visit: Visit) -> Mapping[str, str]:
        """The title above the fields, and the sentence that says why they are asked for."""
        return {"title": say(texts.TITLES[self.part], visit.language), "why": say(self.why(visit), visit.language)}

    def why(self, visit: Visit) -> str:
        """Why these details are asked for."""
        if self.part is Part.SHIPPING:
            return texts.WHY_DELIVERY
        if set(self.names) <= set(payers.own(visit.stx, self.part)):
            return texts.WHY_AGAIN
        return texts.WHY_ADDRESS if set(self.names) & set(HOME) else texts.WHY_PERSON


def questions(visit: Visit, method: str, changed: str | None, typed: Mapping[str, str]) -> list[Asked]:
    """What a method's form asks for: what is missing, what the payer wants to change, and what they typed before.

    Nothing is asked twice: goods go to the address of who pays, if that is asked, and to their name.
    """
    stx = visit.stx
    names = {
        Part.CUSTOMER: {*payers.details_to_ask(stx, [method])},
        Part.SHIPPING: {*visit.delivery_details},
    }
    for part in Part:
        if typed:
            names[part] |= {name for name in payers.sayable(stx, part) if BEFORE[part] + name in typed}
        names[part] |= {*changeable(visit, part)} if part == changed else set()
    if not payers.contact(stx, Part.SHIPPING) and changed != Part.SHIPPING:
        goes_along = HOME if names[Part.CUSTOMER] & set(HOME) else ()
        names[Part.SHIPPING] -= {*goes_along, *(names[Part.CUSTOMER] & set(NAMES))}
        names[Part.SHIPPING] = names[Part.SHIPPING] if names[Part.SHIPPING] & set(HOME) else set()
    return [Asked(part, [name for name in ALL_OF[part] if name in names[part]]) for part in Part if names[part]]


def changeable(visit: Visit, part: Part) -> list[str]:
    """Details that the payer may correct: about themselves those they gave, and a delivery address they gave."""
    return payers.own(visit.stx, part) if part is Part.CUSTOMER else payers.sayable(visit.stx, part)


def details_of(fields: Mapping[str, str]) -> Iterator[tuple[Part, dict[str, str]]]:
    """What a form says about each part. Who types only an address for the goods has them sent to themselves."""
    for part in Part:
        details = {name: fields[BEFORE[part] + name] for name in ALL_OF[part] if BEFORE[part] + name in fields}
        if details and part is Part.SHIPPING:
            details = {name: fields[name] for name in NAMES if name in fields} | details
        if details:
            yield part, details


def wrong(visit: Visit, fields: Mapping[str, str]) -> dict[str, str]:
    """Messages for the details of a form that are missing or cannot be right, by the names of their fields."""
    return {
        BEFORE[part] + name: say(texts.ASKED[part][name].wrong, visit.language)
        for part, details in details_of(fields)
        for name in payers.wrong_details(visit.stx, part, details)
        if BEFORE[part] + name in fields
    }


def known_detail(visit: Visit, part: Part, name: str) -> str:
    """A detail as far as it is known, so that nobody types it twice: the goods mostly go to who pays."""
    detail = payer.detail(payers.contact(visit.stx, part), name)
    if detail or name == SALUTATION:
        return detail
    other = Part.SHIPPING if part is Part.CUSTOMER else Part.CUSTOMER
    is_sayable = other is Part.CUSTOMER or name in payers.own(visit.stx, other)
    return payer.detail(payers.contact(visit.stx, other), name) if is_sayable else ""


def field(visit: Visit, part: Part, name: str, typed: Mapping[str, str]) -> Mapping[str, object]:
    """The form's field for one detail; options: what can be chosen."""
    help = dict(HELP[name])
    if part is Part.SHIPPING:
        help["autocomplete"] = f"shipping {help['autocomplete']}"
    full_name = BEFORE[part] + name
    value = typed[full_name] if full_name in typed else known_detail(visit, part, name)
    options = Markup("")
    if name == "country":
        chosen = value if value in COUNTRIES else USUAL_COUNTRIES[visit.call.language]
        options = country_options(visit.language, chosen)
    elif name == SALUTATION:
        options = option_markup(((key, say(text, visit.language)) for key, text in texts.SALUTATIONS.items()), value)
    return {
        "name": full_name,
        "help": help,
        "value": value,
        "options": options,
        "is_required": name != SALUTATION,
    }


@cache
def country_options(language: str, chosen: str) -> Markup:
    """The list of countries with one of them chosen, drawn once: drawing it takes as long as the rest of a page."""
    return option_markup(countries(language), chosen)


def option_markup(options: Iterable[tuple[str, str]], chosen: str) -> Markup:
    """The options of a select, with one of them chosen. Their end needs no tag: of 249 countries it weighs 2 KB."""
    return Markup("").join(
        Markup('<option value="{}"{}>{}').format(value, Markup(" selected") if value == chosen else Markup(""), title)
        for value, title in options
    )


def change_url(visit: Visit) -> str | None:
    """The address where the payer corrects details of their own; None if they gave none."""
    return visit.url("/pay", change=Part.CUSTOMER) if payers.own(visit.stx, Part.CUSTOMER) else None
