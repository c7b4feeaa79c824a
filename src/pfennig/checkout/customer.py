"""/pay/customer and /pay/shipping: what the shop left open about who pays and where the goods go, and only that.

Source: docs/wire/5-smart-checkout.md#steps
"""

from collections.abc import Mapping

import falcon

from pfennig import web
from pfennig.checkout import delivery, offer, pages, testdata, texts
from pfennig.checkout.visit import FINISHED, Visit, enter
from pfennig.domain import payer
from pfennig.domain.countries import countries
from pfennig.domain.payer import DETAILS, HOME, SALUTATION
from pfennig.domain.states import WrongState
from pfennig.language import say
from pfennig.operations.core.call import Platform
from pfennig.operations.pay import payers
from pfennig.operations.pay.payers import BadDetails, Part

USUAL_COUNTRIES = {"de": "DE", "en": "DE", "fr": "FR", "it": "IT", "nl": "NL", "pl": "PL"}
"""The country of most readers of each language; the form's list begins with it."""

PATHS: Mapping[Part, str] = {Part.CUSTOMER: "/pay/customer", Part.SHIPPING: delivery.PATH}

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


class DetailsDoor:
    """Takes what a payer says about themselves, or about where the goods go."""

    def __init__(self, platform: Platform, part: Part) -> None:
        self.platform, self.part = platform, part

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Shows the payer's details to be completed or corrected; leads to the payment if there are none."""
        visit, method = enter(self.platform, request), request.get_param("payment-method")
        names = changeable(visit, self.part)
        if visit.stx.status in FINISHED or not names:
            raise falcon.HTTPSeeOther(visit.form_url(method))
        form(request, response, visit, self.part, names, method)

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Stores the details and leads on, or says what is missing. Raises ExpiredForm, CustomerLocked."""
        visit, fields = enter(self.platform, request), web.form(request)
        method = request.get_param("payment-method")
        visit.require_token(fields, visit.token(self.part))
        details = {name: fields[name] for name in DETAILS if name in fields}
        try:
            visit.call.insist(lambda: payers.complete(visit.call, visit.stx.id, self.part, details))
        except WrongState:
            pass  # it was paid or ended meanwhile, as the next page says
        except BadDetails as refusal:
            response.status = 422
            errors = {name: say(texts.ASKED[self.part][name].wrong, visit.language) for name in refusal.names}
            form(request, response, visit, self.part, list(details), method, details, errors)
            return
        raise falcon.HTTPSeeOther(visit.form_url(method))


def changeable(visit: Visit, part: Part) -> list[str]:
    """Details that the payer may correct: about themselves those they gave, and a delivery address they gave."""
    return payers.own(visit.stx, part) if part is Part.CUSTOMER else payers.sayable(visit.stx, part)


def form(
    request: falcon.Request,
    response: falcon.Response,
    visit: Visit,
    part: Part,
    names: list[str],
    method: str | None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> None:
    """The page that asks for these details on the way to a method, or to the choice."""
    values = typed or {name: known_detail(visit, part, name) for name in names}
    pages.show(
        request,
        response,
        visit,
        "customer.html",
        title=say(texts.TITLES[part], visit.language),
        fields=[field(visit, part, name) for name in names],
        names=names,
        other_url=offer.other_url(visit) if method else None,
        lead=say(why(visit, part, names), visit.language),
        form={
            "action": visit.url(PATHS[part], **({"payment-method": method} if method else {})),
            "token": visit.token(part),
            "values": {"country": USUAL_COUNTRIES[visit.call.language]}
            | {name: value for name, value in values.items() if value},
            "errors": errors or {},
        },
        samples=testdata.people(names),
        delivery=None,
    )


def known_detail(visit: Visit, part: Part, name: str) -> str:
    """A detail as far as it is known, so that nobody types it twice: the goods mostly go to who pays."""
    detail = payer.detail(payers.contact(visit.stx, part), name)
    if detail or name == SALUTATION:
        return detail
    other = Part.SHIPPING if part is Part.CUSTOMER else Part.CUSTOMER
    is_sayable = other is Part.CUSTOMER or name in payers.own(visit.stx, other)
    return payer.detail(payers.contact(visit.stx, other), name) if is_sayable else ""


def field(visit: Visit, part: Part, name: str) -> Mapping[str, object]:
    """The form's field for one detail; options: what can be chosen."""
    help = dict(HELP[name])
    if part is Part.SHIPPING:
        help["autocomplete"] = f"shipping {help['autocomplete']}"
    options: list[tuple[str, str]] = []
    if name == "country":
        options = countries(visit.language)
    elif name == SALUTATION:
        options = [(value, say(text, visit.language)) for value, text in texts.SALUTATIONS.items()]
    label = say(texts.ASKED[part][name].label, visit.language)
    return {"name": name, "label": label, "help": help, "options": options, "is_required": name != SALUTATION}


def why(visit: Visit, part: Part, names: list[str]) -> str:
    """The text above these fields, which says why they are asked for."""
    if part is Part.SHIPPING:
        return texts.WHY_DELIVERY
    if set(names) <= set(payers.own(visit.stx, part)):
        return texts.WHY_AGAIN
    return texts.WHY_ADDRESS if set(names) & set(HOME) else texts.WHY_PERSON


def change_url(visit: Visit) -> str | None:
    """The address where the payer corrects details of their own; None if they gave none."""
    return visit.url(PATHS[Part.CUSTOMER]) if payers.own(visit.stx, Part.CUSTOMER) else None
