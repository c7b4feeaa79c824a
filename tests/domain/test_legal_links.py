"""The links to what payers must be able to read, and to whom they can ask."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pfennig.domain.legal_links import legal_links, missing_pages, support_links
from pfennig.domain.parties import Contract, Merchant

NOW = datetime(2026, 3, 2, tzinfo=UTC)
URL = "https://pay.example.test"
SHOP = "https://shop.example"


def contract(**look: Any) -> Contract:
    """A contract with that branding."""
    return Contract(id="GCR_MINE", merchant_id="MRC_MINE", checkout=look, created=NOW)


def merchant(*published: tuple[str, str], email: str | None = None) -> Merchant:
    """A merchant who has published these types in these languages."""
    details = [
        {"id": f"LEG_{type}_{language}", "type": type, "content_type": "text/html", "language": language}
        for type, language in published
    ]
    data = {"legal_details": details}
    return Merchant(id="MRC_MINE", companyname="Shop", email=email, public_data=data, created=NOW)


def test_links_come_in_one_order_in_the_readers_language() -> None:
    pages = {name: f"{SHOP}/{name}" for name in ("cancellation", "terms", "imprint", "privacy")}
    links = legal_links(contract(legal=pages), merchant(), URL, "de@informal")
    assert [link.title for link in links] == ["Impressum", "Datenschutz", "AGB", "Widerruf"]
    assert [link.url for link in links] == [f"{SHOP}/{link.name}" for link in links]
    titles = [link.title for link in legal_links(contract(legal=pages), merchant(), URL, "en")]
    assert titles == ["Imprint", "Privacy", "Terms", "Right to cancel"]


def test_what_the_contract_does_not_say_the_merchant_may_have_published() -> None:
    published = merchant(("policy", "en"), ("imprint", "de"), ("revocation", "de"), ("logo", "de"))
    links = legal_links(contract(legal={"imprint": f"{SHOP}/i"}), published, URL, "fr")
    assert {link.name: link.url for link in links} == {
        "imprint": f"{SHOP}/i",
        "privacy": f"{URL}/pay/legal/MRC_MINE/policy?lang=fr",
        "cancellation": f"{URL}/pay/legal/MRC_MINE/revocation?lang=fr",
    }
    assert missing_pages(contract(), published) == ["terms"]
    assert missing_pages(contract(), merchant()) == ["imprint", "privacy", "terms", "cancellation"]
    assert legal_links(contract(), Merchant(id="MRC_X", companyname="x", created=NOW), URL, "de") == []


@pytest.mark.parametrize(
    ("support", "email", "expected"),
    [
        ({}, None, []),
        ({}, "shop@shop.example", ["mailto:shop@shop.example"]),
        ({"phone": "+49 (30) 90-18"}, "shop@shop.example", ["tel:+49309018"]),
        (
            {"email": "help+a@shop.example", "url": f"{SHOP}/help", "phone": "030 1234"},
            None,
            ["mailto:help%2Ba@shop.example", "tel:0301234", f"{SHOP}/help"],
        ),
    ],
)
def test_a_payer_reaches_the_shop(support: dict[str, str], email: str | None, expected: list[str]) -> None:
    links = support_links(contract(support=support), merchant(email=email), "de")
    assert [link.url for link in links] == expected
    assert all(link.title for link in links)
