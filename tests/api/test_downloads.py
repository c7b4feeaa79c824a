"""What a file is called, and what is in a table, does nothing to whoever opens it."""

import base64
import csv
import io
import re
from urllib.parse import unquote

import pytest

from pfennig.api.downloads import attachment
from pfennig.documents.statement import harmless
from tests.conftest import Api

HEADER = re.compile(r"attachment; filename=\"([A-Za-z0-9 ._()+-]+)\"(; filename\*=UTF-8''([A-Za-z0-9%._~-]+))?")

NAMES = {
    "invoice.pdf": ("invoice.pdf", None),
    'a";filename="evil.exe': ("a__filename=_evil.exe", None),
    "a;b.pdf": ("a_b.pdf", None),
    "a\r\nSet-Cookie: x=1.pdf": ("a__Set-Cookie_ x_1.pdf", "a__Set-Cookie_ x=1.pdf"),
    "..\\..\\etc/passwd": ("_.._etc_passwd", None),
    "Rechnung Köln.pdf": ("Rechnung K_ln.pdf", "Rechnung Köln.pdf"),
    "\u202efdp.exe": ("_fdp.exe", None),
    "請求書.pdf": ("___.pdf", "請求書.pdf"),
    "": ("file", None),
    "...": ("file", None),
    "x" * 300 + ".pdf": ("x" * 147 + ".pdf", None),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_one_name(name: str) -> None:
    match = HEADER.fullmatch(attachment(name))
    assert match, attachment(name)
    plain, whole = NAMES[name]
    if whole is None and "=" not in plain:
        assert (match[1], match[2]) == (plain, None)
    if whole:
        assert (match[1], unquote(match[3])) == (plain, whole)


def test_a_file_is_downloaded_under_its_own_name_and_nothing_else(mine: Api) -> None:
    content = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
    upload = mine.post("Document/Uploads", {"content": content, "name": 'R"7;Köln.pdf'})
    answer = mine.request("GET", f"Document/Uploads/{upload['id']}/Download")
    match = HEADER.fullmatch(answer.headers["Content-Disposition"])
    assert match
    assert unquote(match[3]) == "R_7_Köln.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "a;=1", "a; -1", "x\n=1", "\uff1d1", "\r=1"]
)
def test_no_spreadsheet_calculates_what_others_wrote(text: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerow([7, harmless(text), "EUR"])
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(written.getvalue()), delimiter=separator):
            assert not any(re.match(r"\s*[=+\-@\uff1d]", cell) for cell in row), (separator, row)


@pytest.mark.parametrize("text", ["2026-7", "Mug; blue", 'say "hi"', "a=b", "7,50"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert harmless(text) == text
