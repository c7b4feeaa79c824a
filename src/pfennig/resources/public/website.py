"""Public.Website on the wire. Source: docs/wire/14-merchants-and-stores.md#143-countries."""

from pfennig.domain.countries import countries
from pfennig.operations.core.call import Call
from pfennig.resources.resource import Asked, Get, Json, Resource


def available_countries(call: Call, asked: Asked) -> Json:
    """GET Public/Website/me/availableCountries: codes of ISO 3166, with their English and German names."""
    german = dict(countries("de"))
    return sorted(
        ({"iso_code": code, "en": name, "de": german[code]} for code, name in countries("en")),
        key=lambda country: country["iso_code"],
    )


website = Resource(
    name="Public.Website", prefix="", is_public=True, actions=(Get("availableCountries", available_countries),)
)
