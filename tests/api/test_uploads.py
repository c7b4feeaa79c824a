"""Document/Uploads: files come as JSON or as a form, are what they say, and can be named for a while."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from pfennig import web
from pfennig.domain import upload
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Call, Caller, Platform
from pfennig.operations.files import uploads
from pfennig.storage.database import Database
from tests.api.conftest import Everything, Refuses
from tests.conftest import Api, Json, StoppedClock

UPLOADS = "Document/Uploads"
PDF = b"%PDF-1.4\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n rest"


def sent(content: bytes = PDF, **fields: Any) -> Json:
    """A file as JSON."""
    return {"content": base64.b64encode(content).decode()} | fields


def form(api: Api, *file: Any, name: str = "file", at: str = UPLOADS) -> Any:
    """The answer to a file that is sent as a form: its name, content and perhaps type."""
    return api.request("POST", at, files={name: file})


def uploaded(api: Api, content: bytes = PDF, **fields: Any) -> str:
    """The id of a new file."""
    return str(api.post(UPLOADS, sent(content, **fields))["id"])


def test_a_file_comes_as_json_and_can_be_read(mine: Api) -> None:
    made = mine.post(UPLOADS, sent(name="Gewerbeanmeldung", type="application/pdf"))
    assert made == {"object": "document.uploads", "id": made["id"], "created": "2026-02-04T10:30:00+01:00"}
    assert made["id"].startswith("DUP_")
    assert mine.get(f"{UPLOADS}/{made['id']}") == made | {
        "name": "Gewerbeanmeldung",
        "type": "application/pdf",
        "size": len(PDF),
        "content": base64.b64encode(PDF).decode(),
    }


@pytest.mark.parametrize("at", [UPLOADS, f"{UPLOADS}?multipart"])
def test_a_file_comes_as_a_form_and_more_is_answered(mine: Api, at: str) -> None:
    answer = form(mine, "C:\\papers\\Ausweis.png", PNG, "image/png", at=at).json()
    assert {name: answer[name] for name in ("name", "type", "size")} == {
        "name": "Ausweis.png",
        "type": "image/png",
        "size": len(PNG),
    }
    assert base64.b64decode(mine.get(f"{UPLOADS}/{answer['id']}")["content"]) == PNG


def test_where_the_query_says_form_the_file_may_still_come_as_json(mine: Api) -> None:
    body = {"file": base64.b64encode(PDF).decode()}
    assert mine.post(f"{UPLOADS}?multipart", body)["size"] == len(PDF)


def test_a_download_is_the_file_and_no_browser_shows_or_keeps_it(mine: Api) -> None:
    answer = mine.request("GET", f"{UPLOADS}/{uploaded(mine, name='Ümlaut')}/Download")
    assert answer.content == PDF
    headers = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "X-Content-Type-Options")}
    assert headers == {
        "Content-Type": "application/pdf",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["Content-Disposition"].endswith("filename*=UTF-8''%C3%9Cmlaut.pdf")


def test_a_file_of_twenty_mebibytes_is_taken_and_not_one_byte_more(mine: Api, everything: Everything) -> None:
    largest = PDF + bytes(upload.LARGEST_FILE - len(PDF))
    made = form(mine, "large.pdf", largest).json()
    assert made["size"] == upload.LARGEST_FILE
    assert mine.request("GET", f"{UPLOADS}/{made['id']}/Download").content == largest
    for answer in (form(mine, "large.pdf", largest + b"!"), mine.request("POST", UPLOADS, json=sent(largest + b"!"))):
        assert (answer.status_code, answer.json()["code"]) == (413, 3163)
    too_long = b"x" * (web.LARGEST_FILE_BODY + 1)
    assert mine.request("POST", UPLOADS, content=too_long).json()["code"] == 3007


def test_other_bodies_keep_their_limit(mine: Api) -> None:
    answer = mine.request("POST", "Smart/Transactions", content=b"x" * (web.LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, 3007)


WRONG: dict[str, tuple[Json, int]] = {
    "nothing": ({}, 3160),
    "an empty file": ({"content": ""}, 3160),
    "no base64": ({"content": "%PDF-1.4"}, 3160),
    "a PDF that says PNG": (sent(type="image/png"), 3162),
    "a PDF that is called PNG": (sent(name="scan.png"), 3162),
    "no text for a name": (sent(name=7), 3001),
}


ANYTHING: dict[str, Json] = {
    "text": sent(b"hello", name="test.txt", type="text/plain"),
    "a page": sent(b"<html><script>alert(1)</script>", name="page.html", type="text/html"),
    "a picture that runs": sent(b"<svg onload='alert(1)'/>", name="a.svg", type="image/svg+xml"),
    "a program that says PDF": sent(b"MZ\x90\x00", name="a.pdf", type="application/pdf"),
}


@pytest.mark.parametrize("case", ANYTHING)
def test_the_twin_keeps_any_file_as_bytes_that_no_browser_shows(mine: Api, case: str) -> None:
    body = ANYTHING[case]
    made = mine.post(UPLOADS, body)
    assert mine.get(f"{UPLOADS}/{made['id']}") == made | {
        "name": body["name"],
        "type": "application/octet-stream",
        "size": len(base64.b64decode(body["content"])),
        "content": body["content"],
    }
    answer = mine.request("GET", f"{UPLOADS}/{made['id']}/Download")
    assert answer.content == base64.b64decode(body["content"])
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{body["name"]}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("case", ANYTHING)
def test_an_operator_keeps_only_what_papers_are_scanned_to(platform: Platform, case: str) -> None:
    operated = Call(replace(platform, can=Abilities()), Caller("client-mine", "MRC_MINE", "GCR_MINE"), "de")
    with pytest.raises(upload.UnknownFileType):
        uploads.add(operated, ANYTHING[case]["content"], ANYTHING[case]["name"], ANYTHING[case]["type"])


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_file_or_not_what_it_says_is_refused(refuses: Refuses, case: str) -> None:
    body, code = WRONG[case]
    refuses(UPLOADS, body, 400, code)


def test_forms_without_a_file_are_refused(mine: Api, everything: Everything) -> None:
    before = everything()
    assert form(mine, "x.pdf", PDF, name="other").json()["code"] == 3160
    assert form(mine, "x.png", PDF, "image/png").json()["code"] == 3162
    broken = mine.http.post(
        f"/api/v2/{UPLOADS}",
        content=b"--x",
        headers=mine.headers | {"Content-Type": "multipart/form-data; boundary=y"},
    )
    assert (broken.status_code, broken.json()["code"]) == (400, 3000)
    assert everything() == before


def test_nobody_else_sees_my_files(mine: Api, stranger: Api, seller: Api) -> None:
    id = uploaded(mine)
    for api in (stranger, seller):
        for path in (id, f"{id}/Download"):
            assert api.refused("GET", f"{UPLOADS}/{path}") == (404, "ProductNotFoundException", 3002)
    assert mine.refused("GET", f"{UPLOADS}/DUP_NONE") == (404, "ProductNotFoundException", 3002)
    assert mine.get(f"{UPLOADS}/{uploaded(seller)}")["size"] == len(PDF)


def invoiced(api: Api) -> str:
    """Where the invoice of a new payment is assigned."""
    payment = api.post("Payment/Secupaydebits", {"amount": 500})["id"]
    return f"Payment/Secupaydebits/{payment}/assignExternalInvoicePdf"


def test_an_invoice_is_kept_with_its_payment(mine: Api) -> None:
    at, id = invoiced(mine), uploaded(mine, name="R-7.pdf")
    url = f"https://pay.example.test/api/v2/{UPLOADS}/{id}/Download"
    assert mine.post(f"{at}/{id}") == {
        "document": {"id": id, "mime_type": "application/pdf", "name": "R-7.pdf", "size": len(PDF), "url": url}
    }
    [payment] = mine.get("Payment/Transactions")["data"]
    assert payment["documents"] == [{"url": url, "type": "pdf", "document_type": "external_invoice"}]
    assert mine.get(f"Payment/Transactions/{payment['id']}") == payment


def test_another_invoice_stands_for_the_first_only_if_that_is_meant(mine: Api, everything: Everything) -> None:
    at, first, second = invoiced(mine), uploaded(mine), uploaded(mine)
    mine.post(f"{at}/{first}")
    before = everything()
    assert mine.refused("POST", f"{at}/{second}") == (403, "ProductNotAllowedException", 4161)
    assert everything() == before
    mine.post(f"{at}/{second}", {"update_existing": True})
    [payment] = mine.get("Payment/Transactions")["data"]
    assert [second in document["url"] for document in payment["documents"]] == [True]


def test_unknown_foreign_and_expired_files_are_refused(
    mine: Api, stranger: Api, clock: StoppedClock, everything: Everything
) -> None:
    at, old = invoiced(mine), uploaded(mine)
    foreign = uploaded(stranger)
    clock.advance(minutes=20)
    mine.post(f"{at}/{old}")
    clock.advance(seconds=1)
    before = everything()
    for id, refusal in {"DUP_NONE": (404, 3002), foreign: (404, 3002), old: (403, 4160)}.items():
        assert mine.refused("POST", f"{at}/{id}", {"update_existing": True})[::2] == refusal
    assert everything() == before


def test_an_invoice_must_be_a_pdf_and_of_something_sold(mine: Api, everything: Everything) -> None:
    at, picture, paper = invoiced(mine), uploaded(mine, PNG), uploaded(mine)
    debit = {"type": "bank_account", "private": {"owner": "Max", "iban": "DE35500105175418493188"}}
    agreed = {"amount": 500, "opt_data": {"has_accepted_disclaimer": True}, "container": debit}
    paid = mine.post("Payment/Secupaydebits", agreed)["id"]
    mine.post(f"Payment/Secupaydebits/{paid}/cancel", {"reduce_amount_by": 100})
    refund = mine.get("Payment/Transactions")["data"][0]["transaction_hash"]
    before = everything()
    assert mine.refused("POST", f"{at}/{picture}")[::2] == (400, 3164)
    path = f"Payment/Secupaydebits/{refund}/assignExternalInvoicePdf/{paper}"
    assert mine.refused("POST", path)[::2] == (403, 4162)
    assert everything() == before


def test_the_pieces_of_a_file_are_readable_each_by_itself(mine: Api, database: Database) -> None:
    content = PDF + bytes(3 * upload.PIECE)
    id = uploaded(mine, content)
    with database.view() as view:
        pieces = [base64.b64decode(piece.content) for piece in view.pieces.all(upload_id=id)]
    assert len(pieces) > 3
    assert b"".join(pieces) == content
