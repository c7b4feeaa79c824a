"""Services: people are to be identified, the lab or a page of the twin decides, and the caller is told."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from pfennig import application
from pfennig.domain.ident import FIRST_ISSUE
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.storage.database import Database
from tests.api.conftest import Everything, Refuses, bought
from tests.api.test_uploads import uploaded
from tests.conftest import MINE, PUBLIC_URL, Api, Json, StoppedClock
from tests.push.conftest import outbox

REQUESTS, RESULTS, CASES = "Services/Identrequests", "Services/Identresults", "Services/Identcases"
PAPERS = "Services/Uploadidents"
ANNA: Json = {"forename": "Anna", "surname": "Geheim", "email": "anna@example.net", "address": {"city": "Bonn"}}
BERT: Json = {"forename": "Bert", "surname": "Geheim", "email": "bert@example.net"}


def wish(*contacts: Json, **fields: Any) -> Json:
    """The body of a request."""
    persons = [{"contact": contact, "custom1": "7"} for contact in contacts or (ANNA,)]
    return {"provider": "idnow", "type": "person", "person": persons} | fields


def asked(api: Api, *contacts: Json, **fields: Any) -> Json:
    """A new request."""
    return api.post(REQUESTS, wish(*contacts, **fields))


def lab(api: Api, request: Json, status: str, **more: str) -> httpx.Response:
    """What the lab answers to a decision."""
    return api.http.post(f"/lab/v1/idents/{request['id']}", json={"status": status} | more, headers=api.headers)


def decided(api: Api, request: Json, status: str, **more: str) -> Json:
    """The request after a decision."""
    assert lab(api, request, status, **more).status_code == 200
    return api.get(f"{REQUESTS}/{request['id']}")


def test_somebody_is_asked_for(mine: Api) -> None:
    urls = {"url_success": "https://shop.example.test/ok", "url_failure": "https://shop.example.test/no"}
    made = asked(mine, owner_transaction_id="A-7", demo=True, redirect_urls=urls)
    [person] = made["person"]
    assert made["id"].startswith("SIR_")
    assert {name: made[name] for name in ("provider", "type", "status", "demo", "treated", "redirect_urls")} == {
        "provider": "idnow",
        "type": "person",
        "status": "requested",
        "demo": True,
        "treated": False,
        "redirect_urls": urls,
    }
    assert (person["contact"]["surname"], person["custom1"], person["status"]) == ("Geheim", "7", "requested")
    assert person["redirect_url"].startswith(f"{PUBLIC_URL}/sim/ident/{made['id']}?person=SIT_")
    assert mine.get(f"{REQUESTS}/{made['id']}") == made
    assert mine.get(REQUESTS, q="owner_transaction_id:A-7 AND status:requested")["data"] == [made]
    assert mine.get(RESULTS)["count"] == 0


def test_results_are_found_by_their_requests(mine: Api) -> None:
    first, second, third = asked(mine), asked(mine), asked(mine)
    for request in (first, second, third):
        decided(mine, request, "ok")
    found = mine.get(RESULTS, q=f"request.id:{first['id']} OR request.id:{second['id']}", sort="created:asc")
    assert sorted(each["request"]["id"] for each in found["data"]) == sorted([first["id"], second["id"]])
    assert mine.get(f"{RESULTS}/{found['data'][0]['id']}") == found["data"][0]


def test_a_result_says_what_was_known_and_what_is_new(mine: Api) -> None:
    request = asked(mine)
    decided(mine, request, "ok")
    [result] = mine.get(RESULTS)["data"]
    [person] = result["person"]
    assert result["status"] == "ok"
    assert person["identificationprocess"] == {
        "status": "ok",
        "identificationtime": "2026-02-04T10:30:00+01:00",
        "transactionnumber": request["person"][0]["transaction_id"],
    }
    assert person["userdata"]["surname"] == {"value": "Geheim", "status": "MATCH"}
    assert person["userdata"]["birthplace"] == {"value": "Berlin", "status": "NEW"}
    assert person["userdata"]["address"]["city"] == {"value": "Bonn", "status": "MATCH"}
    assert person["contactdata"] == {"email": "anna@example.net"}
    assert person["customdata"] == {"custom1": "7"}
    assert person["identificationdocument"]["type"] == {"value": "IDCARD", "status": "NEW"}


def test_a_paper_may_say_something_else(mine: Api) -> None:
    decided(mine, asked(mine), "ok", values="NEW")
    [result] = mine.get(RESULTS)["data"]
    assert result["person"][0]["userdata"]["surname"] == {"value": "Mustermann", "status": "NEW"}


def test_first_it_is_preliminary_and_each_step_is_told(mine: Api, database: Database) -> None:
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_MINE")
        unit.contracts.change(contract, replace(contract, url_push="https://shop.example.test/push"))
    request = asked(mine)
    for status in ("ok_preliminary", "ok"):
        assert decided(mine, request, status)["status"] == status
        assert [each["status"] for each in mine.get(RESULTS)["data"]] == [status]
    assert [(event.target, event.object_id, event.type) for event in outbox(database)] == [
        ("services.identrequests", request["id"], "changed")
    ] * 2


def test_a_request_is_as_far_as_the_last_of_its_persons(mine: Api) -> None:
    request = asked(mine, ANNA, BERT)
    anna, bert = (person["transaction_id"] for person in request["person"])
    assert decided(mine, request, "ok", person=anna)["status"] == "requested"
    assert len(mine.get(RESULTS)["data"][0]["person"]) == 1
    after = decided(mine, request, "failed", person=bert)
    assert (after["status"], after["treated"]) == ("failed", True)
    failed = mine.get(RESULTS)["data"][0]["person"][1]
    assert "userdata" not in failed
    assert failed["identificationprocess"]["status"] == "failed"


WRONG: dict[str, tuple[Json, int]] = {
    "nobody": ({"provider": "idnow"}, 3165),
    "an empty list": ({"provider": "idnow", "person": []}, 3165),
    "an unknown provider": (wish(provider="hearsay"), 3166),
    "an unknown type": (wish(type="dog"), 3001),
    "too many": (wish(*[ANNA] * 21), 3001),
    "no address to go to": (wish(redirect_urls={"url_success": "javascript:alert(1)"}), 3016),
    "no birthday": (wish(ANNA | {"dob": "yesterday"}), 3021),
}


def test_without_a_provider_one_is_chosen(mine: Api) -> None:
    made = mine.post("Services/Identrequests", {"type": "person", "person": [{"custom1": "7"}]})
    assert (made["status"], made["provider"]) == ("requested", "idnow")


@pytest.mark.parametrize("case", WRONG)
def test_bad_requests_are_refused(refuses: Refuses, case: str) -> None:
    body, code = WRONG[case]
    refuses(REQUESTS, body, 400, code)


def test_where_nobody_identifies_people_nothing_is_asked(platform: Platform, everything: Everything) -> None:
    real = replace(platform, can=Abilities())
    with httpx.Client(transport=httpx.WSGITransport(application.create(real)), base_url=PUBLIC_URL) as http:
        api = Api(http, MINE)
        before = everything()
        assert api.refused("POST", REQUESTS, wish()) == (403, "ProductNotAllowedException", 4163)
        assert http.get("/sim/ident/SIR_1?person=SIT_1").status_code == 404
    assert everything() == before


def test_others_see_nothing_of_it(mine: Api, stranger: Api, everything: Everything) -> None:
    request = asked(mine)
    decided(mine, request, "ok")
    [result] = mine.get(RESULTS)["data"]
    before = everything()
    for path in (f"{REQUESTS}/{request['id']}", f"{RESULTS}/{result['id']}"):
        assert stranger.refused("GET", path)[::2] == (404, 3002)
    case = request["identcase"]["id"]
    for action in ("start", "close", "reset"):
        assert stranger.refused("POST", f"{CASES}/{case}/{action}")[::2] == (404, 3002)
    assert stranger.get(REQUESTS)["count"] == stranger.get(RESULTS)["count"] == 0
    assert lab(stranger, request, "failed").json()["code"] == 3002
    assert mine.refused("GET", f"{REQUESTS}/SIR_NONE")[::2] == (404, 3002)
    assert mine.refused("POST", f"{CASES}/SIC_NONE/start")[::2] == (404, 3002)
    assert everything() == before


def test_a_decision_is_final_and_must_be_one(mine: Api, everything: Everything) -> None:
    request = asked(mine)
    before = everything()
    assert lab(mine, request, "requested").json()["code"] == 4001
    assert lab(mine, request, "maybe").json()["code"] == 3000
    assert lab(mine, request, "ok", person="SIT_NONE").json()["code"] == 3167
    assert everything() == before
    decided(mine, request, "ok")
    before = everything()
    assert lab(mine, request, "failed").json()["code"] == 4001
    assert everything() == before


def test_a_case_is_begun_worked_on_ended_and_begun_again(mine: Api) -> None:
    request = asked(mine, ANNA, BERT)
    at = f"{CASES}/{request['identcase']['id']}"
    anna, bert = (person["transaction_id"] for person in request["person"])
    file = uploaded(mine)
    told = mine.put(f"{at}/task/{anna}", {"assign": [{"id": file}]})
    assert told["status"] == "updated"
    [group] = told["task"]
    assert group["task"][0] == {
        "task_id": anna,
        "type": "ident_person",
        "status": "open",
        "assign": [{"object": "document.uploads", "id": file}],
    }
    assert mine.post(f"{at}/start")["status"] == "open_tasks"
    decided(mine, request, "ok", person=anna)
    assert decided(mine, request, "failed", person=bert)["status"] == "failed"
    assert mine.post(f"{at}/close")["status"] == "finished"
    again = mine.post(f"{at}/reset")
    assert [task["status"] for task in again["task"][0]["task"]] == ["ok", "open"]
    assert again["status"] == "created"
    assert mine.get(f"{REQUESTS}/{request['id']}")["status"] == "requested"
    assert mine.post(f"{at}/close")["status"] == "canceled"


def test_what_a_case_does_not_allow_is_refused(
    mine: Api, stranger: Api, clock: StoppedClock, everything: Everything
) -> None:
    request, old, foreign = asked(mine), uploaded(mine), uploaded(stranger)
    at, task = f"{CASES}/{request['identcase']['id']}", request["person"][0]["transaction_id"]
    clock.advance(minutes=21)
    decided(mine, request, "ok")
    before = everything()
    assert mine.refused("POST", f"{at}/start")[::2] == (403, 4001)
    assert mine.refused("POST", f"{at}/reset")[::2] == (403, 4001)
    assert mine.refused("PUT", f"{at}/task/SIT_NONE", {})[::2] == (404, 3167)
    for id, refusal in {old: (403, 4160), foreign: (404, 3002), "DUP_NONE": (404, 3002)}.items():
        assert mine.refused("PUT", f"{at}/task/{task}", {"assign": [{"id": id}]})[::2] == refusal
    assert everything() == before
    mine.post(f"{at}/close")
    assert mine.refused("PUT", f"{at}/task/{task}", {})[::2] == (403, 4001)


def test_papers_get_a_service_case_and_more_can_follow(mine: Api, database: Database) -> None:
    payment = bought(mine)["transactions"][0]["id"]
    number = mine.post(PAPERS, {"payment_id": payment, "document_ids": [uploaded(mine)]})["service_issue_id"]
    more = {"service_issue_id": number, "document_ids": [uploaded(mine), uploaded(mine)]}
    assert mine.post(PAPERS, more) == {"service_issue_id": number}
    assert mine.post(PAPERS, more | {"payment_id": payment}) == {"service_issue_id": number}
    other = mine.post(PAPERS, {"merchant_id": "MRC_SELLER", "document_ids": [uploaded(mine)]})
    assert other["service_issue_id"] == number + 1
    with database.view() as view:
        [first, second] = view.service_issues.all()
        assert (first.object_id, second.object_id) == (payment, "MRC_SELLER")
        assert len(view.documents.all(object_id=first.id)) == 5


def test_papers_for_nothing_or_for_others_are_refused(mine: Api, stranger: Api, everything: Everything) -> None:
    file, foreign = uploaded(mine), uploaded(stranger)
    theirs = stranger.post(PAPERS, {"contract_id": "me", "document_ids": [foreign]})["service_issue_id"]
    own = mine.post(PAPERS, {"contract_id": "me", "document_ids": [file]})["service_issue_id"]
    before = everything()
    for body, refusal in (
        ({}, (400, 3168)),
        ({"contract_id": "me", "merchant_id": "MRC_MINE"}, (400, 3168)),
        ({"apikey": "40a80e5a1526e031213ac42c11312911da8b58fa"}, (404, 3170)),
        ({"contract_id": "GCR_STRANGER"}, (404, 3002)),
        ({"merchant_id": "MRC_STRANGER"}, (404, 3002)),
        ({"payment_id": "PCI_NONE"}, (404, 3002)),
        ({"service_issue_id": FIRST_ISSUE + 99}, (404, 3169)),
        ({"service_issue_id": theirs}, (404, 3169)),
        ({"service_issue_id": own, "merchant_id": "MRC_SELLER"}, (400, 3168)),
        ({"contract_id": "me", "document_ids": [foreign]}, (404, 3002)),
        ({"contract_id": "me", "document_ids": ["DUP_NONE"]}, (404, 3002)),
        ({"contract_id": "me", "document_ids": []}, (400, 3001)),
    ):
        assert mine.refused("POST", PAPERS, {"document_ids": [file]} | body)[::2] == refusal
    assert everything() == before


def test_no_loyalty_card_is_valid(mine: Api, everything: Everything) -> None:
    before = everything()
    answer = mine.request("POST", "Smart/Idents/notused/validate", json=[{"type": "card", "value": 9276004429942845}])
    assert answer.json() == [
        {
            "object": "smart.idents",
            "id": "smi_1",
            "type": "card",
            "prefix": "9276",
            "length": 16,
            "value": "9276004429942845",
            "valid": False,
        }
    ]
    assert mine.refused("POST", "Smart/Idents/notused/validate", [{"type": "card"}])[::2] == (400, 3001)
    assert everything() == before
