"""The links below every page and mail: what a shop must tell its buyers, and how they reach it.

The contract's branding says where; what it does not say, the merchant may have published (General.Merchants).
Source: docs/checkout.md#what-the-contract-can-say
"""

from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from pfennig.domain.branding import Support
from pfennig.domain.parties import Contract, Merchant
from pfennig.language import DEFAULT, say

TITLES = {
    "imprint": "Imprint",
    "privacy": "Privacy",
    "terms": "Terms",
    "cancellation": "Right to cancel",
}
"""The pages by their names in a contract's branding, in the order of the links. English is the key."""

PUBLISHED = {"imprint": "imprint", "privacy": "policy", "terms": "terms", "cancellation": "revocation"}
"""The types of published texts that are the same."""


@dataclass(frozen=True)
class Link:
    """A link: its name, its words in the reader's language, and where it leads."""

    name: str
    title: str
    url: str


def legal_links(contract: Contract, merchant: Merchant, public_url: str, language: str) -> list[Link]:
    """The links to imprint, privacy, terms and cancellation, as far as there are any, in this order."""
    found = {name: legal_url(name, contract, merchant, public_url, language) for name in TITLES}
    return [Link(name, say(TITLES[name], language), url) for name, url in found.items() if url]


def legal_url(name: str, contract: Contract, merchant: Merchant, public_url: str, language: str) -> str:
    """The address of one of these pages; empty where there is none."""
    said: str = getattr(contract.branding.legal, name)
    if said or not published_text(merchant, PUBLISHED[name], language):
        return said
    return f"{public_url}/pay/legal/{merchant.id}/{PUBLISHED[name]}?lang={language[:2]}"


def missing_pages(contract: Contract, merchant: Merchant) -> list[str]:
    """The names of the pages that neither the contract nor its merchant has."""
    return [name for name in TITLES if not legal_url(name, contract, merchant, "", DEFAULT)]


def published_text(merchant: Merchant, type: str, language: str) -> str | None:
    """The id of what the merchant has published of that type: in this language, else in German, else in any."""
    texts = [text for text in (merchant.public_data or {}).get("legal_details", ()) if text["type"] == type]
    by_language = {text["language"]: str(text["id"]) for text in reversed(texts)}
    return by_language.get(language[:2]) or by_language.get(DEFAULT) or next(iter(by_language.values()), None)


def support_links(contract: Contract, merchant: Merchant, language: str) -> list[Link]:
    """The ways to reach the shop: by mail, by telephone, on a page. Without any there is the merchant's address."""
    support = contract.branding.support
    if support == Support() and merchant.email:
        support = msgspec.structs.replace(support, email=merchant.email)
    digits = "".join(letter for letter in support.phone if letter.isdigit() or letter == "+")
    found = (
        Link("email", support.email, f"mailto:{quote(support.email, safe='@')}"),
        Link("phone", support.phone, f"tel:{digits}"),
        Link("url", say("Help", language) if support.url else "", support.url),
    )
    return [link for link in found if link.title]
