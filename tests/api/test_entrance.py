"""What somebody sees who looks at a server with a browser, at an address that is no payment's."""

from dataclasses import replace

import httpx

from pfennig import application
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from tests.conftest import PUBLIC_URL

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "de"}


def test_the_entrance_of_a_twin_leads_to_its_description(http: httpx.Client) -> None:
    answer = http.get("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/docs")


def test_an_operator_has_no_entrance(platform: Platform) -> None:
    operated = replace(platform, can=Abilities())
    transport = httpx.WSGITransport(application.create(operated))
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as http:
        assert http.get("/", headers=BROWSER).status_code == 404


def test_a_browser_reads_a_page_where_there_is_none_and_a_program_an_error(http: httpx.Client) -> None:
    page = http.get("/nothing/here", headers=BROWSER)
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Hier gibt es keine Seite" in page.text
    for path, headers in (("/nothing/here", {}), ("/lab/v1/nothing", BROWSER)):
        answer = http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "ProductNotFoundException")
