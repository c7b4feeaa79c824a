"""/pay/customer: what the shop left open about its customer, and only that. Source: docs/wire/5-smart-checkout.md."""

import unicodedata
from collections.abc import Mapping
from functools import cache

import falcon
from babel import Locale

from pfennig import web
from pfennig.checkout import offer, pages, testdata, texts
from pfennig.checkout.visit import FINISHED, Visit, enter
from pfennig.domain import payer
from pfennig.domain.payer import COUNTRIES, DETAILS, HOME
from pfennig.domain.states import WrongState
from pfennig.language import say
from pfennig.operations import payers
from pfennig.operations.call import Platform
from pfennig.operations.payers import BadDetails

USUAL_COUNTRIES = {"de": "DE", "en": "DE", "fr": "FR", "it": "IT", "nl": "NL", "pl": "PL"}
"""Where most live who read a language here; the form begins with it."""

INSEPARABLE = str.maketrans({"ł": "l", "ø": "o", "æ": "ae"})
"""Letters that Unicode does not take apart, as they are sorted among others."""

HELP: Mapping[str, Mapping[str, str]] = {
    "forename": {"autocomplete": "given-name", "autocapitalize": "words"},
    "surname": {"autocomplete": "family-name", "autocapitalize": "words"},
    "email": {"autocomplete": "email", "inputmode": "email", "type": "email", "autocapitalize": "off"},
    "street": {"autocomplete": "address-line1", "autocapitalize": "words"},
    "postal_code": {"autocomplete": "postal-code", "autocapitalize": "characters"},
    "city": {"autocomplete": "address-level2", "autocapitalize": "words"},
    "country": {"autocomplete": "country"},
}
"""What browsers and keyboards should know about each field."""


class CustomerDoor:
    """Takes what a payer says about himself."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """What the payer said, to be corrected; the payment, if there is nothing of the kind."""
        visit, method = enter(self.platform, request), request.get_param("payment-method")
        said = payers.own(visit.case)
        if visit.case.status in FINISHED or not said:
            raise falcon.HTTPSeeOther(visit.form_url(method))
        form(request, response, visit, said, method)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Keeps it and leads on, or says what is missing. Raises ExpiredForm, CustomerLocked."""
        visit, fields = enter(self.platform, request), web.form(request)
        method = request.get_param("payment-method")
        visit.require_token(fields, "customer")
        details = {name: fields[name] for name in DETAILS if name in fields}
        try:
            visit.call.insist(lambda: payers.complete(visit.call, visit.case.id, details))
        except WrongState:
            pass  # it was paid or ended meanwhile, as the next page says
        except BadDetails as refusal:
            response.status = 422
            errors = {name: say(texts.DETAILS[name].wrong, visit.language) for name in refusal.names}
            form(request, response, visit, list(details), method, details, errors)
            return
        raise falcon.HTTPSeeOther(visit.form_url(method))


def form(
    request: falcon.Request,
    response: falcon.Response,
    visit: Visit,
    names: list[str],
    method: str | None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> None:
    """The page that asks for these details on the way to a method, or to the choice."""
    known = payers.contact(visit.case)
    values = typed or {name: payer.detail(known, name) for name in names}
    asked = [
        {"name": name, "label": say(texts.DETAILS[name].label, visit.language), "help": HELP[name]} for name in names
    ]
    pages.show(
        request,
        response,
        visit,
        "customer.html",
        fields=asked,
        names=names,
        other_url=offer.other_url(visit) if method else None,
        countries=countries(visit.language) if "country" in names else [],
        lead=say(why(visit, names), visit.language),
        form={
            "action": visit.url("/pay/customer", **({"payment-method": method} if method else {})),
            "token": visit.token("customer"),
            "values": {"country": USUAL_COUNTRIES[visit.call.language]}
            | {name: value for name, value in values.items() if value},
            "errors": errors or {},
        },
        samples=testdata.people(names),
    )


def why(visit: Visit, names: list[str]) -> str:
    """What the page says above these fields."""
    if set(names) <= set(payers.own(visit.case)):
        return texts.WHY_AGAIN
    return texts.WHY_ADDRESS if set(names) & set(HOME) else texts.WHY_PERSON


def change_url(visit: Visit) -> str | None:
    """Where the payer corrects what he said himself; None if that is nothing."""
    return visit.url("/pay/customer") if payers.own(visit.case) else None


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """Codes and names, in the order of the names; accents do not count."""
    names = Locale.parse(language).territories
    return sorted(((code, str(names[code])) for code in COUNTRIES if code in names), key=by_name)


def by_name(country: tuple[str, str]) -> str:
    """The name without accents."""
    name = country[1].lower().translate(INSEPARABLE)
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
