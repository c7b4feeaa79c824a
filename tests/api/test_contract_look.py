"""How the checkout of a contract looks, as the API shows and changes it."""

import pytest

from pfennig.domain.contexts import PaymentContext
from tests.conftest import Api, Change, Dress, Json

PATH = "General/Contracts/GCR_MINE"
DOMAIN = "https://shop.example.test"
PICTURE = f"{DOMAIN}/coffee.jpg"


@pytest.fixture(autouse=True)
def dressed(dress: Dress) -> None:
    """My contract says how it looks; the seller's says nothing."""
    dress(
        project_title="Kaffee-Abo",
        primary_colour="#b3134d",
        language_formality="informal",
        project_logo="data:image/svg+xml;base64,PHN2Zy8+",
        submit_button_title="Kaufen",
        is_basket_shown=False,
        domains=[DOMAIN],
    )


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_shop_reads_how_its_checkout_looks(mine: Api, verb: str) -> None:
    answer = mine.request(verb, f"{PATH}/IframeOptions").json()
    assert {name: value for name, value in answer.items() if name != "payment_config"} == {
        "project_title": "Kaffee-Abo",
        "project_logo": "https://pay.example.test/pay/logo/GCR_MINE/d4dc56669143",
        "primary_colour": "#b3134d",
        "submit_button_title": "Kaufen",
        "language": "de",
        "is_basket_shown": False,
        "language_formality": "informal",
    }


def test_a_contract_that_says_nothing_looks_as_ours_do(mine: Api) -> None:
    assert mine.get("General/Contracts/GCR_SELLER/IframeOptions") == {
        "language": "de",
        "is_basket_shown": True,
        "language_formality": "formal",
    }


def config(api: Api, contract: str = "GCR_MINE") -> Json:
    """What the buttons of a contract's wallets need."""
    found: Json = api.get(f"General/Contracts/{contract}/IframeOptions").get("payment_config", {})
    return found


def test_wallets_are_told_who_sells_and_the_networks_of_the_contract(mine: Api, contract: Change) -> None:
    assert config(mine)["Applepay"]["supported_networks"] == ["amex", "visa", "masterCard", "chinaUnionPay"]
    contract(payment_context=PaymentContext(creditcard_schemes=["visa", "american express", "cup"]))
    assert config(mine) == {
        "Googlepay": {
            "api_version": 2,
            "api_version_minor": 0,
            "type": "PAYMENT_GATEWAY",
            "allowed_auth_methods": ["CRYPTOGRAM_3DS"],
            "allowed_card_networks": ["VISA", "AMEX"],
            "gateway": "example",
            "gateway_merchant_id": "GCR_MINE",
            "merchant_name": "Mein Laden GmbH",
        },
        "Applepay": {
            "label": "Mein Laden GmbH",
            "supported_networks": ["visa", "amex", "chinaUnionPay"],
            "merchant_capabilities": ["supports3DS"],
        },
    }
    assert config(mine, "me") == config(mine)


def test_a_wallet_that_cannot_pay_is_told_nothing(mine: Api, contract: Change) -> None:
    assert config(mine, "GCR_ALL") == {}
    contract(wallets=["applepay"])
    assert set(config(mine)) == {"Applepay"}
    contract(methods=["debit"])
    assert config(mine) == {}


def saved(api: Api, background: Json, contract: str = PATH) -> Json:
    """The contract with that background."""
    return api.post(f"{contract}/savePaymentLinkConfiguration", {"background": background})


def test_a_shop_puts_a_picture_of_its_own_behind_its_pages(mine: Api) -> None:
    background = {"enabled": True, "image_url": PICTURE}
    contract = saved(mine, background)
    assert contract["payment_link_options"] == {"background": background}
    assert contract == mine.get(PATH) == mine.get("General/Contracts/me")
    off = {"enabled": False, "image_url": ""}
    assert saved(mine, {"enabled": False})["payment_link_options"]["background"] == off
    assert mine.get(f"{PATH}/IframeOptions")["project_title"] == "Kaffee-Abo"


@pytest.mark.parametrize(
    "background",
    [
        {"enabled": True, "image_url": "https://elsewhere.example/coffee.jpg"},
        {"enabled": True, "image_url": "http://shop.example.test/coffee.jpg"},
        {"enabled": True, "image_url": "https://shop.example.test@elsewhere.example/coffee.jpg"},
        {"enabled": True, "image_url": "https://shop.example.test\\.elsewhere.example/coffee.jpg"},
        {"enabled": False, "image_url": "javascript:alert(1)"},
        {"enabled": True},
    ],
)
def test_a_picture_from_elsewhere_is_refused(mine: Api, background: Json) -> None:
    body = {"background": background}
    refusal = mine.refused("POST", f"{PATH}/savePaymentLinkConfiguration", body)
    assert refusal == (400, "ProductFormatException", 3070)


def test_a_configuration_without_a_background_is_refused(mine: Api) -> None:
    refusal = mine.refused("POST", f"{PATH}/savePaymentLinkConfiguration", {})
    assert refusal == (400, "ProductFormatException", 3001)


def test_a_platform_sees_the_contracts_below_it_and_changes_none(mine: Api) -> None:
    path = "General/Contracts/GCR_SELLER/savePaymentLinkConfiguration"
    refusal = mine.refused("POST", path, {"background": {"enabled": False}})
    assert refusal == (403, "ProductNotAllowedException", 2101)


@pytest.mark.parametrize("action", ["IframeOptions", "savePaymentLinkConfiguration"])
def test_a_strangers_contract_stays_closed(stranger: Api, action: str) -> None:
    body = {"background": {"enabled": False}}
    assert stranger.refused("POST", f"{PATH}/{action}", body) == (404, "ProductNotFoundException", 3002)
    unknown = stranger.refused("POST", f"General/Contracts/GCR_NONE/{action}", body)
    assert unknown == (404, "ProductNotFoundException", 3002)


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_me_is_the_callers_own_contract(mine: Api, verb: str) -> None:
    answers = [mine.request(verb, f"General/Contracts/{id}/IframeOptions").json() for id in ("me", "GCR_MINE")]
    assert answers[0] == answers[1]
    assert mine.post("General/Contracts/me/savePaymentLinkConfiguration", {"background": {}})["id"] == "GCR_MINE"
