"""A simulated provider of identifications. It finds what was said of people, or what stands on a specimen."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pfennig.gateways.identities import IdentityRequest

Json = Mapping[str, Any]

SPECIMEN: Json = {
    "dob": "1964-08-12",
    "birthplace": "Berlin",
    "forename": "Erika",
    "surname": "Mustermann",
    "nationality": "DE",
    "gender": "F",
    "address": {
        "street": "Heidestr.",
        "street_number": "17",
        "city": "Köln",
        "postal_code": "51147",
        "country": "DE",
    },
}

PAPER: Json = {
    "country": "DE",
    "dateissued": "2020-11-02",
    "issuedby": "Stadt Köln",
    "number": "L01X00T471",
    "type": "IDCARD",
    "validuntil": "2030-11-01",
}
"""The data of every paper: those of the specimen."""


class SimulatedProvider:
    """A provider that identifies people on a page of ours, as they like."""

    def page(self, request: IdentityRequest) -> str:
        """The page of a person."""
        return f"/sim/ident/{request.id}?{urlencode({'person': request.task})}"


def findings(contact: Json, is_other: bool) -> dict[str, Any]:
    """Findings about a person. is_other: the paper says something else than was said of them."""
    return {
        "identificationdocument": {name: value(text, None) for name, text in PAPER.items()},
        "contactdata": {name: contact[name] for name in ("mobile", "email") if name in contact},
        "userdata": comparison(SPECIMEN, {} if is_other else contact),
    }


def comparison(paper: Json, said: Json) -> dict[str, Any]:
    """Each value compared: one that was said matches; one that was not is the paper's, and new."""
    return {
        name: comparison(text, said.get(name, {})) if isinstance(text, Mapping) else value(text, said.get(name))
        for name, text in paper.items()
    }


def value(paper: str, said: str | None) -> dict[str, str]:
    """One value, and whether it was known."""
    return {"value": said, "status": "MATCH"} if said else {"value": paper, "status": "NEW"}
