"""The card form's page, and what it encrypts: only the server reads it, and keeps no more than the mask."""

import base64
import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_der_public_key
from structlog.testing import capture_logs

from pfennig import application
from pfennig.domain.card import masked_number
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.storage.database import Database
from tests.api.conftest import AtTheBank, Everything, Refuses
from tests.api.test_cards import REAL, files
from tests.conftest import ON_BOTH, PUBLIC_URL, Api, Json

WORKS, CHALLENGED = "4111111111111111", "4635440000002298"
FORM = "/card-form"


def public_key(http: httpx.Client) -> str:
    """The key in the page."""
    [key] = re.findall(r'data-key="([^"]+)"', http.get(FORM).text)
    return str(key)


def sealed(http: httpx.Client, number: str, **changed: str) -> Json:
    """The body that pays with what the form in a browser hands out for a number."""
    server = load_der_public_key(base64.b64decode(public_key(http)))
    assert isinstance(server, rsa.RSAPublicKey)
    key, nonce = AESGCM.generate_key(256), os.urandom(12)
    container = base64.b64encode(nonce + AESGCM(key).encrypt(nonce, number.encode(), None)).decode()
    wrapping = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
    private = {
        "owner": "Max Mustermann",
        "pan": masked_number(number).pan,
        "expiration_date": "2039-12",
        "issuer": "VISA",
        "transact_container": container,
        "transact_skey_pubkey": base64.b64encode(server.encrypt(key, wrapping)).decode(),
        "transact_skey_keyname": "card-form.pem",
        "transact_hash": hashlib.sha256(container.encode()).hexdigest(),
    }
    return {"container": {"type": "credit_card", "private": private | changed}}


def path(api: Api, verb: str = "prepare") -> str:
    """Where a new Smart Transaction is paid by card."""
    return f"Smart/Transactions/{api.buy()['id']}/{verb}/creditcard"


def test_a_card_from_the_form_pays_and_only_its_mask_is_kept(
    mine: Api, database: Database, everything: Everything
) -> None:
    body = sealed(mine.http, WORKS)
    with capture_logs() as log:
        case = mine.post(path(mine), body)
    assert case["status"] == "approved"
    kept = mine.get(f"Payment/Containers/{case['container']['id']}")["private"]
    assert kept == {
        "owner": "Max Mustermann",
        "pan": "411111XXXXXX1111",
        "expiration_date": "2039-12-01T00:00:00+00:00",
        "issuer": "VISA",
    }
    private = body["container"]["private"]
    for trace in (everything(), str(log), files(database)):
        assert WORKS not in trace
        assert private["transact_container"] not in trace
        assert private["transact_skey_pubkey"] not in trace


def test_a_card_from_the_form_may_have_to_be_confirmed(mine: Api, at_the_bank: AtTheBank) -> None:
    case = mine.post(path(mine), sealed(mine.http, CHALLENGED))
    assert case["status"] == "created"
    at_the_bank(case, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"


@pytest.mark.parametrize(
    "changed",
    [
        {"pan": "463544XXXXXX2298"},
        {"pan": "4635440000002298"},
        {"transact_hash": "0" * 64},
        {"transact_hash": ""},
        {"transact_container": ""},
        {"transact_container": "nonsense", "transact_hash": hashlib.sha256(b"nonsense").hexdigest()},
        {"transact_container": "AAAA", "transact_hash": hashlib.sha256(b"AAAA").hexdigest()},
        {"transact_container": "ä", "transact_hash": hashlib.sha256("ä".encode()).hexdigest()},
        {"transact_skey_pubkey": ""},
        {"transact_skey_pubkey": "AAAA"},
        {"transact_skey_pubkey": "no base64"},
    ],
)
def test_a_cryptogram_that_was_changed_is_refused(mine: Api, refuses: Refuses, changed: dict[str, str]) -> None:
    refuses(path(mine), sealed(mine.http, WORKS, **changed), 400, 3037)


def test_a_cryptogram_needs_its_session_key(mine: Api, refuses: Refuses) -> None:
    other = sealed(mine.http, WORKS)["container"]["private"]["transact_skey_pubkey"]
    refuses(path(mine), sealed(mine.http, WORKS, transact_skey_pubkey=other), 400, 3037)


def test_what_names_our_key_is_refused_while_nobody_has_asked_for_it(mine: Api, refuses: Refuses) -> None:
    private = {"pan": "411111XXXXXX1111", "transact_skey_keyname": "card-form.pem"}
    refuses(path(mine), {"container": {"private": private}}, 400, 3037)


def test_cryptograms_for_other_keys_are_left_alone(mine: Api) -> None:
    body = sealed(mine.http, WORKS, transact_skey_keyname="weberpublic.pem", transact_hash="other")
    assert mine.post(path(mine), body)["status"] == "approved"


@pytest.mark.parametrize("verb", ["prepare", "start"])
def test_a_real_card_number_is_refused_even_if_encrypted_and_leaves_no_trace(
    mine: Api, database: Database, everything: Everything, verb: str, capfd: pytest.CaptureFixture[str]
) -> None:
    address, bodies = path(mine, verb), [sealed(mine.http, number) for number in REAL]
    before, told = everything(), []
    with capture_logs() as log:
        for body in bodies:
            answer = mine.request("POST", address, json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, 4031)
            told.append(answer.text)
        answer = mine.request("POST", address, json=sealed(mine.http, "4111111111111112"))
        assert (answer.status_code, answer.json()["code"]) == (400, 3034)
    assert everything() == before
    out = capfd.readouterr()
    traces = "".join(told) + str(log) + out.out + out.err + files(database)
    assert [number for number in REAL if number in traces or number[6:-4] in traces] == []


@ON_BOTH
def test_there_is_one_key_however_many_ask_for_it_at_once(http: httpx.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: public_key(http), range(4)))
    assert keys == {public_key(http)}


def test_any_page_may_frame_the_form_and_no_other_page_of_ours(mine: Api) -> None:
    policy = mine.http.get(FORM).headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    for rule in ("default-src 'none'", "base-uri 'none'", "require-trusted-types-for 'script'"):
        assert rule in policy
    assert "unsafe" not in policy
    other = mine.http.get(mine.buy()["payment_links"]["general"]).headers["Content-Security-Policy"]
    assert "frame-ancestors *" not in other


def test_the_form_could_not_send_a_thing(http: httpx.Client) -> None:
    page = http.get(FORM)
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert "<form" not in page.text
    known = {script["url"]: script["integrity"] for script in http.get("/pay/scripts.json").json()["scripts"]}
    loaded = dict(re.findall(r'<script src="([^"]+)" integrity="([^"]+)"', page.text))
    assert loaded
    assert loaded.items() <= known.items()


@pytest.mark.parametrize(
    ("lang", "label"),
    [("en", "Card number"), ("de", "Kartennummer"), ("fr", "Numéro de carte"), ("es", "Kartennummer")],
)
def test_the_form_speaks_the_language_of_its_address(http: httpx.Client, lang: str, label: str) -> None:
    page = http.get(f"{FORM}?lang={lang}").text
    assert f'<label for="card-number" data-text="number">{label}</label>' in page


def test_an_operator_has_no_card_form(platform: Platform) -> None:
    operator = replace(platform, can=Abilities())
    with httpx.Client(transport=httpx.WSGITransport(application.create(operator)), base_url=PUBLIC_URL) as http:
        for address in (FORM, "/sim/googlepay"):
            assert http.get(address).status_code == 404
