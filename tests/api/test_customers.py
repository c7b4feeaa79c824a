"""Payment/Customers: people who pay, kept for the next time."""

from typing import Any

import pytest

from tests.api.conftest import Everything
from tests.conftest import Api, StoppedClock

CUSTOMERS = "Payment/Customers"
CONTACT = {
    "forename": "John",
    "surname": "Doe",
    "companyname": "Example Inc.",
    "salutation": "Mr.",
    "dob": "1991-02-03",
    "email": "john@example.net",
    "phone": "0049-123-456789",
    "mobile": "+49 555 5555555",
    "address": {"street": "Example Street", "street_number": "6a", "postal_code": "01234", "city": "Testcity"},
}
KEPT = CONTACT | {
    "name": "John Doe",
    "dob": "1991-02-03T00:00:00+00:00",
    "phone": "0049123456789",
    "mobile": "+495555555555",
}
UNKNOWN = (404, "ProductNotFoundException", 3002)


def test_a_customer_is_kept_and_comes_back_in_order(mine: Api) -> None:
    made = mine.post(CUSTOMERS, {"contact": CONTACT})
    assert made["id"].startswith("PCU_")
    assert made == {
        "object": "payment.customers",
        "id": made["id"],
        "merchant": {"object": "general.merchants", "id": "MRC_MINE", "companyname": "Mein Laden GmbH"},
        "contract": {"object": "general.contracts", "id": "GCR_MINE"},
        "created": "2026-02-04T10:30:00+01:00",
        "contact": KEPT,
    }
    assert mine.get(f"{CUSTOMERS}/{made['id']}") == made
    page = mine.get(CUSTOMERS)
    assert page["count"] == 2
    assert page["data"][0] == made


def test_a_change_replaces_everything(mine: Api, clock: StoppedClock) -> None:
    made = mine.post(CUSTOMERS, {"contact": CONTACT})
    clock.advance(hours=1)
    changed = mine.put(f"{CUSTOMERS}/{made['id']}", {"contact": {"surname": "Doe", "email": "doe@example.net"}})
    assert changed["contact"] == {"surname": "Doe", "email": "doe@example.net", "name": "Doe"}
    assert changed["created"] == made["created"]
    assert changed["updated"] == "2026-02-04T11:30:00+01:00"
    assert mine.get(f"{CUSTOMERS}/{made['id']}") == changed


def test_what_is_sent_back_stays_the_same(mine: Api) -> None:
    made = mine.post(CUSTOMERS, {"contact": CONTACT})
    assert mine.put(f"{CUSTOMERS}/{made['id']}", made)["contact"] == KEPT


def test_deleting_answers_a_list_with_what_was_there(mine: Api) -> None:
    made = mine.post(CUSTOMERS, {"contact": CONTACT})
    assert mine.request("DELETE", f"{CUSTOMERS}/{made['id']}").json() == [made]
    assert mine.refused("GET", f"{CUSTOMERS}/{made['id']}") == UNKNOWN
    assert mine.refused("PUT", f"{CUSTOMERS}/{made['id']}", {"contact": CONTACT}) == UNKNOWN
    assert mine.refused("DELETE", f"{CUSTOMERS}/{made['id']}") == (403, "ProductNotAllowedException", 4046)
    assert mine.get(CUSTOMERS)["count"] == 1


def test_a_smart_transaction_keeps_its_customer_after_the_deletion(mine: Api) -> None:
    made = mine.post(CUSTOMERS, {"contact": CONTACT})
    case = mine.buy(customer={"id": made["id"]})
    assert case["customer"]["contact"]["dob"] == "1991-02-03T00:00:00+01:00"
    mine.request("DELETE", f"{CUSTOMERS}/{made['id']}")
    assert mine.get(f"Smart/Transactions/{case['id']}") == case
    refusal = mine.refused("POST", "Smart/Transactions", {"customer": {"id": made["id"]}})
    assert refusal == UNKNOWN


def test_a_customer_with_the_same_details_is_used_again(mine: Api) -> None:
    made = mine.post(CUSTOMERS, {"contact": CONTACT})
    for contact in (CONTACT, made["contact"]):
        assert mine.buy(customer={"id": made["id"], "contact": contact})["customer"]["id"] == made["id"]


@pytest.mark.parametrize("contact", [CONTACT | {"dob": "3.2.1991"}, {"surname": 7}, "John Doe", {}, None])
def test_a_wrong_contact_is_refused_and_nothing_is_written(mine: Api, everything: Everything, contact: Any) -> None:
    before = everything()
    for verb, path in (("POST", CUSTOMERS), ("PUT", f"{CUSTOMERS}/PCU_KNOWN")):
        status, error, code = mine.refused(verb, path, {"contact": contact})
        assert (status, error) == (400, "ProductFormatException")
        assert 3000 < code < 4000
    assert everything() == before


def test_no_body_is_no_customer(mine: Api) -> None:
    assert mine.refused("POST", CUSTOMERS) == (400, "ProductFormatException", 3050)


def test_a_stranger_meets_none_of_them(mine: Api, stranger: Api, everything: Everything) -> None:
    id = mine.post(CUSTOMERS, {"contact": CONTACT})["id"]
    before = everything()
    assert stranger.get(CUSTOMERS) == {"count": 0, "data": []}
    assert stranger.refused("GET", f"{CUSTOMERS}/{id}") == UNKNOWN
    assert stranger.refused("PUT", f"{CUSTOMERS}/{id}", {"contact": CONTACT}) == UNKNOWN
    nothing = (403, "ProductNotAllowedException", 4046)
    assert stranger.refused("DELETE", f"{CUSTOMERS}/{id}") == nothing
    assert everything() == before


def test_a_platform_sees_the_customers_of_its_sellers(mine: Api, seller: Api) -> None:
    made = seller.post(CUSTOMERS, {"contact": CONTACT})
    assert mine.get(f"{CUSTOMERS}/{made['id']}") == made
    assert seller.get(CUSTOMERS) == {"count": 1, "data": [made]}


def test_only_what_exists_is_offered(mine: Api) -> None:
    answer = mine.request("PATCH", f"{CUSTOMERS}/PCU_KNOWN")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
