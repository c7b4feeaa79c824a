"""Which language a page speaks: the link's, else the shop's, else the browser's, else the contract's."""

import re

import httpx
import pytest

from pfennig.storage.database import Database
from tests.conftest import PUBLIC_URL, Api, Dress, Json

POLISH = {"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.8"}
KLINGON = {"Accept-Language": "tlh"}


def language(http: httpx.Client, case: Json, headers: dict[str, str], **more: str) -> str:
    """What the page says that it is written in."""
    page = http.get(f"{PUBLIC_URL}/pay", params={"stx": case["id"]} | more, headers=headers, follow_redirects=True)
    [found] = re.findall(r'<html lang="(\w+)', page.text)
    return str(found)


def test_where_the_shop_asked_for_none_the_page_speaks_the_browsers(mine: Api, http: httpx.Client) -> None:
    case = mine.buy()
    assert language(http, case, POLISH) == "pl"
    assert language(http, case, KLINGON) == language(http, case, {}) == "de"
    assert case["application_context"]["language"] == "de", "the answer names the default, as ever"


def test_the_link_says_more_than_the_browser(mine: Api, http: httpx.Client) -> None:
    assert language(http, mine.buy(), POLISH, lang="fr") == "fr"


@pytest.mark.parametrize("context", [{"language": "fr_BE"}, {"iframe_opts": {"language": "fr"}}])
def test_the_shop_says_more_than_the_browser(mine: Api, http: httpx.Client, context: Json) -> None:
    assert language(http, mine.buy(application_context=context), POLISH) == "fr"


def test_a_language_that_nobody_knows_was_not_asked_for(mine: Api, http: httpx.Client) -> None:
    assert language(http, mine.buy(application_context={"language": "tlh"}), POLISH) == "pl"


def test_the_contracts_language_is_for_browsers_that_say_none(mine: Api, http: httpx.Client, dress: Dress) -> None:
    dress(language="nl")
    case = mine.buy()
    assert [language(http, case, headers) for headers in (POLISH, KLINGON, {})] == ["pl", "nl", "nl"]


def test_the_shop_may_ask_for_one_later(mine: Api, http: httpx.Client) -> None:
    case = mine.buy()
    mine.put(f"Smart/Transactions/{case['id']}", {"merchantRef": "7"})
    assert language(http, case, POLISH) == "pl"
    mine.put(f"Smart/Transactions/{case['id']}", {"application_context": {"language": "it"}})
    assert language(http, case, POLISH) == "it"


def test_a_page_of_a_legacy_endpoint_speaks_the_browsers_too(
    mine: Api, http: httpx.Client, database: Database
) -> None:
    for said, spoken in ({}, "pl"), ({"opt_data": {"language": "en_US"}}, "en"):
        mine.post("Payment/Secupayprepays", {"amount": 500, "currency": "EUR"} | said)
        with database.view() as view:
            case = view.smart_transactions.all()[-1]
        assert language(http, {"id": case.id}, POLISH) == spoken
