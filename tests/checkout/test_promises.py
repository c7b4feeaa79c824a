"""What every kind of page promises: who may do what with it, what it loads and weighs, and what it never says."""

import re
from collections.abc import Callable
from traceback import format_exception

import pytest
from structlog.testing import capture_logs

from pfennig.language import LANGUAGES
from tests.browser.traces import CODE, SECURITY_CODE
from tests.checkout.conftest import Payer
from tests.conftest import Api

HEAVIEST_VIEW = 45_000
HEAVIEST_SCRIPT = 7_500
NUMBER = "4635440000002298"
CARD = {"number": NUMBER, "expiry": "12/39", "cvv": CODE, "owner": "Max"}
ADDRESS = {"street": "Am Markt", "street_number": "1", "postal_code": "09123", "city": "Musterstadt", "country": "DE"}
KNOWN = {"contact": {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": ADDRESS}}
SELF = "same-origin"
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": SELF,
    "Cross-Origin-Resource-Policy": SELF,
    "Strict-Transport-Security": "max-age=31536000",
}

Way = Callable[[Api, Payer], Payer]


def link(method: str, **fields: object) -> Way:
    """Opens the link of a method in a new payment."""
    return lambda mine, payer: payer.open(mine.buy(**fields)["payment_links"][method])


def sent(method: str, **fields: str) -> Way:
    """Fills in the form of a method and sends it."""
    return lambda mine, payer: link(method)(mine, payer).send(**fields)


KINDS: dict[str, tuple[Way, int, str]] = {
    "customer": (link("invoice", customer={}), 200, 'id="invoice-forename"'),
    "choice": (link("general"), 200, 'id="methods"'),
    "card": (link("creditcard"), 200, 'id="creditcard-number"'),
    "card, wrong": (sent("creditcard", **CARD | {"expiry": ""}), 422, 'id="creditcard-expiry-error"'),
    "debit": (link("debit"), 200, 'id="debit-iban"'),
    "invoice": (link("invoice", customer=KNOWN), 200, 'id="invoice-pay"'),
    "bank": (sent("creditcard", **CARD), 200, 'id="succeed"'),
    "wallet": (lambda mine, payer: payer.open(f"/sim/applepay?stx={mine.buy()['id']}"), 200, 'id="succeed"'),
    "refused": (sent("creditcard", **CARD | {"number": "4000000000009995"}), 200, 'id="retry"'),
    "transfer": (sent("prepaid"), 200, 'id="instructions"'),
    "nothing to pay": (link("general", basket_info={"sum": 0}), 403, 'id="back"'),
    "out of date": (sent("creditcard", **CARD | {"token": "other"}), 403, 'id="again"'),
    "dead link": (lambda mine, payer: payer.open("/pay?stx=STX_NOTHING"), 404, 'class="outcome problem"'),
    "unknown address": (lambda mine, payer: payer.open("/pay/nothing/there"), 404, 'class="outcome problem"'),
    "card form": (lambda mine, payer: payer.open("/card-form"), 200, 'id="card-number"'),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_keeps_its_promises(kind: str, mine: Api, payer: Payer, subtests: pytest.Subtests) -> None:
    way, status, sign = KINDS[kind]
    assert way(mine, payer).status == status
    assert sign in payer.page
    for promise in (keeps_to_itself, runs_and_loads_what_its_nonce_marks, tells_no_code_and_no_number):
        with subtests.test(promise=promise.__name__):
            promise(kind, payer)
    weigh(payer)


def keeps_to_itself(_: str, payer: Payer) -> None:
    """Nobody keeps the page, frames it, or learns where it was linked."""
    headers = payer.answer.headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert {"camera=()", "geolocation=()", "payment=()"} <= set(headers["Permissions-Policy"].split(", "))
    assert "Set-Cookie" not in headers
    assert "Server" not in headers


def runs_and_loads_what_its_nonce_marks(kind: str, payer: Payer) -> None:
    """The page runs and loads nothing else."""
    rules = [rule.split(" ", 1) for rule in payer.answer.headers["Content-Security-Policy"].split("; ")]
    [nonce] = re.findall(r"script-src 'nonce-([\w-]{22})'", payer.answer.headers["Content-Security-Policy"])
    assert dict(rules) == {
        "default-src": "'none'",
        "style-src": f"'nonce-{nonce}'",
        "script-src": f"'nonce-{nonce}'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
        "img-src": "'self' data:",
        "font-src": "'none'",
        "form-action": "'self' https: http:",
        "base-uri": "'none'",
        "frame-ancestors": "*" if kind == "card form" else "'none'",
        **({"connect-src": "'self'"} if kind == "transfer" or 'name="iban"' in payer.page else {}),
    }
    loaded = re.findall(r'<(?:script|link rel="stylesheet"|style)[^>]*>', payer.page)
    assert len(loaded) >= 2
    assert [tag for tag in loaded if f'nonce="{nonce}"' not in tag] == []
    assert [tag for tag in loaded if tag.startswith("<script") and 'integrity="sha384-' not in tag] == []
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", payer.page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_view_is_light_in_each_language(mine: Api, payer: Payer, language: str) -> None:
    for method in ("general", "creditcard", "debit", "invoice"):
        payer.open(mine.buy(customer={}, application_context={"language": language})["payment_links"][method])
        weigh(payer)


def weigh(payer: Payer) -> None:
    """The page before the payer, with all that it loads, is within its budget."""
    asked = re.findall(r'<(?:link|script|img)\b[^>]*?(?:src|href)="(?!data:)([^"]+)"', payer.page)
    assert [url for url in asked if not url.startswith("/pay/")] == []
    files = {url: payer.http.get(url) for url in asked}
    assert [url for url, file in files.items() if file.status_code != 200] == []
    assert sum(file.num_bytes_downloaded for url, file in files.items() if url.endswith(".js")) <= HEAVIEST_SCRIPT
    real = re.sub(r'<details class="test-data".*?</details>', "", payer.page, flags=re.DOTALL)  # no operator has any
    assert len(real.encode()) + sum(file.num_bytes_downloaded for file in files.values()) <= HEAVIEST_VIEW


def tells_no_code_and_no_number(_: str, payer: Payer) -> None:
    """The page says no security code, and no number but in the field for it."""
    outside_of_fields = re.sub(r"<input[^>]*>|data-[\w-]+='[^']*'|<details.*?</details>", "", payer.page, flags=re.S)
    assert NUMBER not in re.sub(r"\s", "", outside_of_fields)
    assert not SECURITY_CODE.search(payer.page)


def test_no_two_pages_have_a_nonce_in_common(mine: Api, payer: Payer) -> None:
    address = mine.buy()["payment_links"]["general"]
    policies = {payer.open(address).answer.headers["Content-Security-Policy"] for _ in range(2)}
    assert len(policies) == 2


@pytest.mark.parametrize("path", ["/qr/epc", "/qr/link"])
def test_a_picture_is_kept_by_nobody_either(mine: Api, payer: Payer, path: str) -> None:
    case = mine.buy()
    payer.open(case["payment_links"]["prepaid"]).send()
    headers = payer.open(f"{path}?stx={case['id']}").answer.headers
    assert headers["Content-Type"] == "image/png"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_that_breaks_while_a_card_is_paid_keeps_it_for_itself(
    mine: Api, payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    link("creditcard")(mine, payer)
    monkeypatch.setattr("pfennig.operations.pay.payments.prepare", lambda call, case, method, means: means.none)
    with capture_logs() as lines:
        payer.send(**CARD)
    assert payer.status == 500
    [bug] = [line for line in lines if line["event"] == "bug"]
    said = payer.page + str(lines) + "".join(format_exception(bug["exc_info"]))
    assert "AttributeError" in said
    assert NUMBER not in said
    assert not SECURITY_CODE.search(said)
