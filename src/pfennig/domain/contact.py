"""People and companies as shops describe them. Source: docs/wire/4-smart-transactions.md#43-contact."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from pfennig.clock import german_day, read_moment, wire_date
from pfennig.domain import card
from pfennig.domain.countries import country_code
from pfennig.domain.printable import require_text
from pfennig.errors import Malformed

Short = Annotated[str, Meta(max_length=255)]
Maybe = UnsetType

SAMPLE_SALUTATIONS = {
    ("Max", "Mustermann"): "Herr",
    ("Erika", "Mustermann"): "Frau",
    ("Erika", "Musterfrau"): "Frau",
}
"""The documentation's own sample people. A real person's salutation is never guessed from a name."""

GENDER_SALUTATIONS = {"m": "Herr", "male": "Herr", "f": "Frau", "female": "Frau"}


class BadDateOfBirth(Malformed):
    """The date of birth is not a valid date."""

    code = 3021


class Address(Struct):
    """Where somebody lives."""

    street: Short | Maybe = UNSET
    street_number: Short | Maybe = UNSET
    additional_address_data: Short | Maybe = UNSET
    postal_code: Short | Maybe = UNSET
    city: Short | Maybe = UNSET
    country: Short | Maybe = UNSET
    type: Short | Maybe = UNSET


class Contact(Struct):
    """A person or company: who they are and how to reach them; `name` is always computed."""

    name: Short | Maybe = UNSET
    forename: Short | Maybe = UNSET
    surname: Short | Maybe = UNSET
    companyname: Short | Maybe = UNSET
    company_name: Short | Maybe = UNSET
    salutation: Short | Maybe = UNSET
    title: Short | Maybe = UNSET
    gender: Short | Maybe = UNSET
    dob: Short | Maybe = UNSET
    birthplace: Short | Maybe = UNSET
    nationality: Short | Maybe = UNSET
    email: Short | Maybe = UNSET
    phone: Short | Maybe = UNSET
    mobile: Short | Maybe = UNSET
    fax: Short | Maybe = UNSET
    url_website: Annotated[str, Meta(max_length=2000)] | Maybe = UNSET
    picture: Annotated[str, Meta(max_length=2000)] | Maybe = UNSET
    address: Address | Maybe = UNSET


NAMES = ("name", "forename", "surname", "companyname", "company_name", "salutation", "title")


def normal_contact(contact: Contact, today: date) -> Contact:
    """The contact as we keep it: phone numbers without blanks, a full name, a salutation if it is certain.

    Raises BadDateOfBirth, Unprintable, CardNumberInName.
    """
    require_text(**msgspec.structs.asdict(contact))
    if contact.address:
        require_text(**msgspec.structs.asdict(contact.address))
    for name in NAMES:
        card.require_none(getattr(contact, name) or "", f"contact.{name}")
    company = contact.companyname if contact.companyname is not UNSET else contact.company_name
    return msgspec.structs.replace(
        contact,
        name=full_name(contact),
        companyname=company,
        company_name=UNSET,
        salutation=salutation(contact),
        dob=birth(contact.dob, today),
        phone=plain_phone_number(contact.phone),
        mobile=plain_phone_number(contact.mobile),
        fax=plain_phone_number(contact.fax),
        address=with_country_code(contact.address),
    )


def full_name(contact: Contact) -> str | Maybe:
    """Forename and surname, or what was given as a name where both are missing."""
    parts = [part for part in (contact.forename, contact.surname) if part]
    return " ".join(parts) if parts else contact.name


def salutation(contact: Contact) -> str | Maybe:
    """The salutation: as the shop said, else by the gender, else by the samples, else empty."""
    if contact.salutation:
        return contact.salutation
    if contact.gender and contact.gender.lower() in GENDER_SALUTATIONS:
        return GENDER_SALUTATIONS[contact.gender.lower()]
    return SAMPLE_SALUTATIONS.get((contact.forename or "", contact.surname or ""), UNSET)


def with_country_code(address: Address | Maybe) -> Address | Maybe:
    """The address with its country as a code, where the word is known as that of one."""
    if not address or not address.country:
        return address
    return msgspec.structs.replace(address, country=country_code(address.country) or address.country)


def plain_phone_number(number: str | Maybe) -> str | Maybe:
    """A telephone number without blanks and dashes."""
    return number if number is UNSET else "".join(number.split()).replace("-", "")


def birth(text: str | Maybe, today: date) -> str | Maybe:
    """A day, given as a date or a date with time, as the wire writes a date of birth. Raises BadDateOfBirth."""
    if not text:
        return UNSET
    try:
        moment = read_moment(text)
    except ValueError:
        raise BadDateOfBirth("dob must be a date such as 1965-12-31") from None
    day = german_day(moment) if moment.tzinfo else moment.date()
    if day > today:
        raise BadDateOfBirth("dob lies ahead")
    return wire_date(day)
