"""How the checkout of a contract looks, as General.Contracts shows and changes it.

Source: docs/wire/5-smart-checkout.md#appearance
"""

from msgspec import Struct, to_builtins

from pfennig.domain.contexts import Address
from pfennig.domain.look import Background
from pfennig.operations import access, looks
from pfennig.operations.call import Call
from pfennig.resources import references
from pfennig.resources.resource import Asked, Get, Json, Post


class BackgroundImage(Struct):
    """A picture behind the page."""

    enabled: bool = False
    image_url: Address = ""


class PaymentLinkOptions(Struct):
    """The body of savePaymentLinkConfiguration."""

    background: BackgroundImage


def iframe_options(call: Call, asked: Asked) -> Json:
    """GET or POST General/Contracts/{id}/IframeOptions: how its checkout looks."""
    with call.view() as view:
        contract = access.require_contract(call, view, asked.id)
    look = contract.look
    return {
        **look.texts,
        **({"project_logo": call.platform.url(contract.logo_path)} if contract.logo_path else {}),
        **({"primary_colour": look.primary_colour} if look.primary_colour else {}),
        "language": look.language,
        "is_basket_shown": look.is_basket_shown,
        "language_formality": look.language_formality,
    }


def save_payment_link_configuration(call: Call, asked: Asked) -> Json:
    """POST General/Contracts/{id}/savePaymentLinkConfiguration: the contract, with its background."""
    wish = asked.wish(PaymentLinkOptions).background
    contract = looks.set_background(call, asked.id, Background(wish.enabled, wish.image_url))
    options = {"background": to_builtins(contract.look.background)}
    return {**references.contract(contract.id), "payment_link_options": options}


ACTIONS = (
    Get("IframeOptions", iframe_options),
    Post("IframeOptions", iframe_options),
    Post("savePaymentLinkConfiguration", save_payment_link_configuration, body=PaymentLinkOptions),
)
