"""References by which one object names another. Source: docs/wire/3-conventions.md#35-ids-and-references."""

from typing import Any

from pfennig.domain.parties import Merchant

Json = dict[str, Any]

INTERNET_SHOP = "11"
"""The kind of a merchant who sells, in the provider's numbers."""


def reference(object: str, id: str) -> Json:
    """An object by its kind and id."""
    return {"object": object, "id": id}


def merchant(merchant: Merchant) -> Json:
    """A merchant, with the name that people know."""
    return {**reference("general.merchants", merchant.id), "companyname": merchant.companyname}


def seller(who: Merchant) -> Json:
    """A merchant as payments name it: clients look for its names in `user`. Whoever is paid is an internet shop."""
    return {**merchant(who), "type": INTERNET_SHOP, "user": names(who)}


def names(who: Merchant) -> Json:
    """The names of a merchant: the person, and the company."""
    return {"name": (who.contact or {}).get("name") or who.companyname, "companyname": who.companyname}


def contract(id: str) -> Json:
    """A contract."""
    return reference("general.contracts", id)


def customer(snapshot: Json) -> Json:
    """A customer as kept in a Smart Transaction."""
    return {**reference("payment.customers", snapshot["id"]), "contact": snapshot["contact"]}
