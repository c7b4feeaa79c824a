"""Payment/Mandates: signatures that were given elsewhere."""

from typing import Any

import pytest

from tests.api.conftest import Everything
from tests.conftest import Api, Json

MANDATES = "Payment/Mandates"
NOT_YOURS = (404, "ProductNotFoundException", 3002)


def signed(**fields: Any) -> Json:
    """A mandate as a merchant sends it."""
    return {
        "iban": "DE37503240001000000524",
        "bic": "FTSBDEFAXXX",
        "type": "COR1",
        "date_of_signature": "2026-02-01",
        "identification": "SHOP/7",
        "merchant_id": {"id": "MRC_MINE"},
    } | fields


def test_a_mandate_is_kept_and_comes_back(mine: Api) -> None:
    made = mine.post(MANDATES, signed())
    assert made["id"].startswith("PAM_")
    assert made == {
        "object": "payment.mandates",
        "id": made["id"],
        "merchant": {"object": "general.merchants", "id": "MRC_MINE", "companyname": "Mein Laden GmbH"},
        "type": "COR1",
        "status": 11,
        "iban": "DE37503240001000000524",
        "bic": "FTSBDEFAXXX",
        "date_of_signature": "2026-02-01",
        "identification": "SHOP/7",
        "created": "2026-02-04T10:30:00+01:00",
    }
    assert mine.get(f"{MANDATES}/{made['id']}") == made
    assert mine.get(MANDATES) == {"count": 1, "data": [made]}


def test_the_mandate_of_a_company_waits_for_its_bank(mine: Api) -> None:
    assert mine.post(MANDATES, signed(type="B2B"))["status"] == 20


def test_a_mandate_without_a_reference_gets_one(mine: Api) -> None:
    sent = signed(date_of_signature="2026-02-01T12:00:00+01:00")
    del sent["identification"]
    made = mine.post(MANDATES, sent)
    assert made["identification"].startswith("PAM/")
    assert len(made["identification"]) <= 35
    assert made["date_of_signature"] == "2026-02-01"


def test_many_come_at_once_and_the_answer_is_empty(mine: Api) -> None:
    answer = mine.request("POST", f"{MANDATES}/me/bulk", json=[signed(identification=f"SHOP/{n}") for n in range(3)])
    assert (answer.status_code, answer.content) == (204, b"")
    assert [item["identification"] for item in mine.get(MANDATES)["data"]] == ["SHOP/2", "SHOP/1", "SHOP/0"]


def test_of_many_with_a_bad_one_among_them_none_is_kept(mine: Api, everything: Everything) -> None:
    before = everything()
    for bad in (signed(iban="DE00"), signed(type="GOLD"), 7):
        status, error, _ = mine.refused("POST", f"{MANDATES}/me/bulk", [signed(), bad])
        assert (status, error) == (400, "ProductFormatException")
    assert everything() == before


def test_nothing_at_once_is_fine_but_one_alone_is_no_list(mine: Api) -> None:
    assert mine.request("POST", f"{MANDATES}/me/bulk", json=[]).status_code == 204
    assert mine.refused("POST", f"{MANDATES}/me/bulk", signed()) == (400, "ProductFormatException", 3000)
    assert mine.refused("POST", f"{MANDATES}/me/bulk") == (400, "ProductFormatException", 3000)
    assert mine.refused("POST", MANDATES, [signed()]) == (400, "ProductFormatException", 3000)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("iban", "DE37503240001000000525", 3031),
        ("iban", None, 3001),
        ("bic", "NOPE", 3036),
        ("type", "GOLD", 3001),
        ("date_of_signature", "1.2.2026", 3051),
        ("date_of_signature", "2026-02-05", 3051),
        ("merchant_id", None, 3001),
        ("merchant_id", "MRC_MINE", 3001),
        ("identification", "Ä" * 7, 3001),
        ("identification", "x" * 36, 3001),
    ],
)
def test_a_wrong_field_is_refused_and_nothing_is_written(
    mine: Api, everything: Everything, field: str, value: Any, code: int
) -> None:
    before = everything()
    assert mine.refused("POST", MANDATES, signed(**{field: value})) == (400, "ProductFormatException", code)
    assert everything() == before


def test_an_error_does_not_repeat_the_iban(mine: Api) -> None:
    answer = mine.request("POST", MANDATES, json=signed(iban="DE37503240001000000525"))
    assert "503240001000000525" not in answer.text


def test_a_stranger_meets_none_of_them(mine: Api, stranger: Api) -> None:
    made = mine.post(MANDATES, signed())
    assert stranger.get(MANDATES) == {"count": 0, "data": []}
    assert stranger.refused("GET", f"{MANDATES}/{made['id']}") == NOT_YOURS
    assert stranger.refused("POST", MANDATES, signed()) == NOT_YOURS


def test_a_platform_keeps_mandates_for_its_sellers_but_not_the_other_way_round(mine: Api, seller: Api) -> None:
    made = mine.post(MANDATES, signed(merchant_id={"id": "MRC_SELLER"}))
    assert seller.get(f"{MANDATES}/{made['id']}") == made
    assert seller.refused("POST", MANDATES, signed()) == NOT_YOURS


def test_an_account_outside_of_sepa_has_no_mandate(mine: Api) -> None:
    turkish = signed(iban="TR330006100519786457841326")
    assert mine.refused("POST", MANDATES, turkish) == (403, "ProductNotAllowedException", 4200)
