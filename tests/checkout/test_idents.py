"""The simulated page of a provider of identifications."""

import re

import pytest

from tests.api.test_idents import ANNA, BERT, RESULTS, asked
from tests.checkout.conftest import Payer
from tests.conftest import Api

URLS = {"url_success": "https://shop.example.test/ok", "url_failure": "https://shop.example.test/no"}


@pytest.mark.parametrize(("choice", "status", "end"), [("succeed", "ok", "/ok"), ("fail", "failed", "/no")])
def test_a_person_is_identified_or_not_and_goes_back(
    mine: Api, payer: Payer, choice: str, status: str, end: str
) -> None:
    request = asked(mine, redirect_urls=URLS)
    payer.open(request["person"][0]["redirect_url"])
    assert (payer.status, "Simulation" in payer.page, "idnow" in payer.page) == (200, True, True)
    payer.send(choice=choice)
    assert payer.sent_to == "https://shop.example.test" + end
    assert mine.get(RESULTS)["data"][0]["status"] == status


def test_where_nothing_is_said_of_what_follows_the_page_says_how_it_ended(mine: Api, payer: Payer) -> None:
    url = asked(mine)["person"][0]["redirect_url"]
    payer.open(url).send(choice="succeed")
    assert payer.status == 200
    assert "<form" not in payer.page
    assert payer.open(f"{url}&lang=en").page.count("This identification is over: ok.") == 1


def test_who_comes_twice_changes_nothing(mine: Api, payer: Payer) -> None:
    request = asked(mine, ANNA, BERT, redirect_urls=URLS)
    url = request["person"][0]["redirect_url"]
    payer.open(url)
    form = payer.answer
    payer.send(choice="succeed")
    payer.answer = form
    payer.send(choice="fail")
    assert payer.sent_to == "https://shop.example.test/ok"
    assert mine.get(f"Services/Identrequests/{request['id']}")["person"][0]["status"] == "ok"


def test_links_and_forms_that_are_not_ours_lead_nowhere(mine: Api, payer: Payer) -> None:
    url = asked(mine)["person"][0]["redirect_url"]
    assert payer.open(re.sub("SIT_.*", "SIT_OTHER", url)).status == 404
    assert payer.open(re.sub("SIR_[A-Z0-9]*", "SIR_OTHER", url)).status == 404
    payer.open(url)
    assert payer.send(token="forged", choice="succeed").status == 403
    assert mine.get(RESULTS)["count"] == 0
