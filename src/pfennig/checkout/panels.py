"""The ways to pay on the page: a button that leads on, a panel with its form, or a link that opens one.

Source: docs/checkout.md#the-screens
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pfennig import ids
from pfennig.checkout import banks, checks, customer, forms, offer, testdata, texts
from pfennig.checkout.buttons import button_label, row_label
from pfennig.checkout.customer import Asked
from pfennig.checkout.visit import Visit
from pfennig.domain.card import BEGINNINGS, SCHEME_NAMES
from pfennig.domain.methods import METHODS
from pfennig.domain.methods.method import Checkout, Outside
from pfennig.domain.smart_transaction import StxStatus
from pfennig.language import say
from pfennig.mails.terms import RHYTHMS
from pfennig.operations.pay import payers
from pfennig.operations.pay.payers import Part


@dataclass(frozen=True)
class Opened:
    """The panel that stands open: its method, what was typed there and is wrong with it, and what is to be changed.

    wanted: whether somebody has chosen the method, by the link or by a form.
    """

    method: str | None
    wanted: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    changed: str | None = None


def first(visit: Visit, methods: list[str]) -> str | None:
    """The method that stands open unless the payer chooses one: the one they tried, if it was not refused."""
    tried = visit.stx.method
    if tried in methods and visit.stx.status is not StxStatus.FAILED:
        return tried
    with_form = (each for each in methods if not is_direct(visit, each, customer.questions(visit, each, None, {})))
    return next((each for each in with_form if each != tried), None)


def is_direct(visit: Visit, method: str, asked: list[Asked]) -> bool:
    """True where a button leads on at once: nothing is asked here, and nothing is ordered before the next page."""
    page = offer.page(visit, method)
    is_plain = visit.stx.subscription_item is None and not visit.stx.is_for_instrument
    return page.outside is Outside.ALWAYS and not page.fields and not asked and is_plain


def panel(visit: Visit, method: str, key: str, opened: Opened) -> dict[str, Any]:
    """One way to pay, as the page draws it."""
    page, is_open = offer.page(visit, method), method == opened.method
    typed = opened.typed if is_open else {}
    asked = customer.questions(visit, method, opened.changed, typed)
    direct = is_direct(visit, method, asked) and not (is_open and opened.wanted)
    shown = {
        "name": method,
        "title": say(page.title, visit.language),
        "hint": hint(visit, page),
        "icon": page.icon,
        "brands": {},
        "is_open": is_open,
        "kind": "direct" if direct else "panel",
        "action": visit.url(f"/pay/{method}"),
        "token": visit.paying_token(method, key),
        "label": button_label(visit, page),
    }
    if direct:
        return shown | {"label": row_label(visit, page)}
    if not is_open and any("country" in part.names for part in asked):
        return shown | {"kind": "link", "url": opening_url(visit, method, opened.changed)}
    labels = {name: label for part in asked for name, label in part.labels(visit.language).items()}
    labels |= forms.labels(visit, method)
    errors = {name: opened.errors[name] for name in labels if name in opened.errors} if is_open else {}
    values = (
        forms.again(typed, visit.call.platform.can.test_data.numbers)
        if typed
        else {"owner": payers.contact(visit.stx, Part.CUSTOMER).get("name", "")}
    )
    return shown | {
        "template": f"{page.form}.html" if page.form else None,
        "asked": [{**part.heading(visit), "fields": part.fields(visit, typed)} for part in asked],
        "form": forms.Form(f"{method}-", values, errors, labels),
        **(details(visit, method, typed) if page.fields else {}),
        **(samples(visit, method, page, asked) if visit.call.platform.can.test_data.cards else {"samples": None}),
    }


def opening_url(visit: Visit, method: str, changed: str | None) -> str:
    """The address of the page with the panel of a method open."""
    return visit.url("/pay", **{"payment-method": method} | ({"change": changed} if changed else {}))


def panels(visit: Visit, methods: list[str], opened: Opened) -> dict[str, Any]:
    """All ways to pay, in their order, with what their forms have in common."""
    key = ids.new("KEY")
    shown = [panel(visit, method, key, opened) for method in methods]
    names = {name for each in shown if "form" in each for name in each["form"].labels}
    return {
        "panels": shown,
        "checks": forms.script_checks(visit, names),
        "calls_us": "iban" in names,
        "key": key,
        "wallets": offer.wallet_links(visit),
        "change_url": customer.change_url(visit),
        "errors": opened.errors,
    }


def hint(visit: Visit, page: Checkout) -> str:
    """The hint below the name of a method; it does not promise payment at once where nothing is due today."""
    text = page.hint
    return say(text if visit.due.amount else texts.NOTHING_DUE.get(text, text), visit.language)


def details(visit: Visit, method: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The content of this method's form beside its fields: brands, or the bank and the mandate."""
    if METHODS[method].takes_cards:
        schemes = forms.schemes(visit)
        brands = {SCHEME_NAMES[name]: BEGINNINGS[name] for name in schemes}
        return {"brands": brands, "code_hint": say(checks.code_hint(schemes), visit.language)}
    bank = {"bank_name": forms.bank_name(typed), "bank_url": visit.url(banks.PATH)}
    return {"mandate": None if visit.has_accepted_mandate else mandate(visit), **bank}


def samples(visit: Visit, method: str, page: Checkout, asked: list[Asked]) -> dict[str, Any]:
    """The twin's test data for a form, and what goes with each of them; none where nothing is to be filled in."""
    names = [customer.BEFORE[part.part] + name for part in asked for name in part.names]
    if not names and not page.fields:
        return {"samples": None}
    data, schemes = visit.call.platform.can.test_data, frozenset(forms.schemes(visit))
    rows = testdata.rows(data, method, schemes, visit.language)
    return {"samples": rows, "around": testdata.around(page.fields, names)}


def mandate(visit: Visit) -> dict[str, str | None]:
    """The facts of the mandate: who may collect, how often, and by which reference."""
    return {
        "creditor": visit.merchant.companyname,
        "creditor_id": visit.creditor_id,
        "rhythm": say(RHYTHMS[visit.stx.is_for_subscription], visit.language),
        "reference_note": say("will be sent to you separately", visit.language),
    }
