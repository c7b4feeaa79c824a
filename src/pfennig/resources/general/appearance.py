"""The appearance of a contract's checkout, as General.Contracts shows and changes it.

Source: docs/wire/5-smart-checkout.md#appearance
"""

from msgspec import Struct

from pfennig.domain.branding import Background
from pfennig.domain.card import SCHEME_NAMES
from pfennig.domain.container import Type
from pfennig.domain.contexts import Address
from pfennig.domain.methods import CARD
from pfennig.domain.parties import Contract
from pfennig.domain.wallet import APPLE_NETWORKS, GOOGLE_NETWORKS
from pfennig.operations.acquiring import rails
from pfennig.operations.core.call import Call
from pfennig.operations.parties import branding
from pfennig.operations.pay import payments
from pfennig.resources.general.shown import find, show
from pfennig.resources.resource import Asked, Get, Json, Post
from pfennig.storage.unit import Unit


class BackgroundImage(Struct):
    """A picture behind the page."""

    enabled: bool = False
    image_url: Address = ""


class PaymentLinkOptions(Struct):
    """The body of savePaymentLinkConfiguration."""

    background: BackgroundImage


def iframe_options(call: Call, asked: Asked) -> Json:
    """GET or POST General/Contracts/{id}/IframeOptions: how its checkout looks, and what its wallets need."""
    with call.view() as view:
        contract = find(call, view, asked.id)
        config = payment_config(call, view, contract)
    look = contract.branding
    return {
        **look.texts,
        **({"project_logo": call.platform.url(contract.logo_path)} if contract.logo_path else {}),
        **({"primary_colour": look.primary_colour} if look.primary_colour else {}),
        "language": look.language,
        "is_basket_shown": look.is_basket_shown,
        "language_formality": look.language_formality,
        **({"payment_config": config} if config else {}),
    }


def payment_config(call: Call, unit: Unit, contract: Contract) -> Json:
    """The settings of the contract's wallet buttons, by their names; empty where no wallet can pay.

    We have no account with Google: the twin names the gateway that Google's own tests are for, and no merchant_id.
    """
    is_possible = CARD in payments.contracted_methods(call, unit, contract) and rails.can_keep(
        call.platform, contract, CARD
    )
    if not is_possible or not call.platform.can.has_wallet_sheets:
        return {}
    name = unit.merchants.get(contract.merchant_id).companyname
    schemes = contract.payment_context.get("creditcard_schemes") or list(SCHEME_NAMES)
    configs = {
        Type.GOOGLEPAY: {
            "api_version": 2,
            "api_version_minor": 0,
            "type": "PAYMENT_GATEWAY",
            "allowed_auth_methods": ["CRYPTOGRAM_3DS"],
            "allowed_card_networks": [GOOGLE_NETWORKS[each] for each in schemes if each in GOOGLE_NETWORKS],
            "gateway": "example",
            "gateway_merchant_id": contract.id,
            "merchant_name": name,
        },
        Type.APPLEPAY: {
            "label": name,
            "supported_networks": [APPLE_NETWORKS[each] for each in schemes if each in APPLE_NETWORKS],
            "merchant_capabilities": ["supports3DS"],
        },
    }
    return {wallet.capitalize(): config for wallet, config in configs.items() if wallet in (contract.wallets or ())}


def save_payment_link_configuration(call: Call, asked: Asked) -> Json:
    """POST General/Contracts/{id}/savePaymentLinkConfiguration: the contract, with its background."""
    request = asked.body_as(PaymentLinkOptions).background
    return show(call, branding.set_background(call, asked.id, Background(request.enabled, request.image_url)))


ACTIONS = (
    Get("IframeOptions", iframe_options),
    Post("IframeOptions", iframe_options),
    Post("savePaymentLinkConfiguration", save_payment_link_configuration, body=PaymentLinkOptions),
)
