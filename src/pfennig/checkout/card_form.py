"""/card-form: fields for a card in a shop's own page, framed there and spoken to by postMessage.

Source: docs/wire/5-smart-checkout.md#card-form
"""

from collections.abc import Mapping
from typing import Any

import falcon

from pfennig import language
from pfennig.checkout import checks, pages, texts
from pfennig.domain.card import BEGINNINGS, SCHEME_NAMES, scheme
from pfennig.language import LANGUAGES, say
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.instruments import card_form

FIELDS = frozenset({"number", "expiry", "cvv"})


class CardFormDoor:
    """Hands out the form, with all that it needs: once it is there it asks nobody any more."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The form. Any page may frame it: it knows nothing, keeps nothing, and takes nothing but test cards."""
        tongue = language.best_language(request.get_param("lang") or request.get_header("Accept-Language"))
        call = Call(self.platform, None, tongue)
        with call.view() as view:
            month = f"{view.now:%Y-%m}"
        pages.draw(
            request,
            response,
            self.platform,
            "card-form.html",
            tongue,
            framed_by="*",
            brands={SCHEME_NAMES[name]: begins for name, begins in BEGINNINGS.items()},
            cards={number: (scheme(number) or "").upper() for number in sorted(self.platform.can.test_data.numbers)},
            key=card_form.find_or_make_public_key(call),
            key_name=card_form.KEY_NAME,
            texts={code: form_texts(code, month) for code in LANGUAGES},
        )


def form_texts(tongue: str, month: str) -> Mapping[str, Any]:
    """Every text of the form, so that the shop can change the language while somebody is typing."""
    schemes = ", ".join(SCHEME_NAMES.values())
    said = {name: say(text, tongue, schemes=schemes) for name, text in texts.CARD_FORM.items()}
    checked = checks.for_script(FIELDS, tongue, month, tuple(SCHEME_NAMES))
    return said | {"cvv_hint": checked["cvv"]["hint"], "checks": checked}
