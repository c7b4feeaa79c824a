"""A payment link to hand on: as a QR code, and in an e-mail."""

import io
from xml.etree import ElementTree

import httpx
import pytest
import segno

from pfennig.checkout import invitation
from pfennig.checkout.invitation import Mail
from pfennig.storage.database import Database
from tests.conftest import PUBLIC_URL, Api, Dress, Json


def expected(case: Json, kind: str) -> bytes:
    """The picture of the shortest link."""
    picture = io.BytesIO()
    code = segno.make_qr(f"{PUBLIC_URL}/pay?stx={case['id']}", error="m")
    code.save(picture, kind=kind, scale=6, border=4)
    return picture.getvalue()


@pytest.mark.parametrize(
    ("wish", "kind", "type"), [("", "png", "image/png"), ("&format=svg", "svg", "image/svg+xml")]
)
def test_a_payment_link_is_a_picture_to_scan(mine: Api, http: httpx.Client, wish: str, kind: str, type: str) -> None:
    case = mine.buy()
    answer = http.get(f"/qr/link?stx={case['id']}{wish}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, type)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content == expected(case, kind)


def test_an_svg_can_be_drawn_anywhere(mine: Api, http: httpx.Client) -> None:
    drawn = ElementTree.fromstring(http.get(f"/qr/link?stx={mine.buy()['id']}&format=svg").content)  # noqa: S314
    assert drawn.tag.endswith("svg")


@pytest.mark.parametrize("query", ["", "?stx=STX_NONE"])
def test_where_nothing_is_to_be_paid_there_is_no_picture(http: httpx.Client, query: str) -> None:
    assert http.get(f"/qr/link{query}").status_code == 404


def mail(database: Database, case: Json) -> Mail:
    """The e-mail for a payment."""
    with database.view() as view:
        known = view.smart_transactions.get(case["id"])
        merchant, contract = view.merchants.get(known.merchant_id), view.contracts.get(known.contract_id)
    return invitation.mail(known, merchant, contract, "https://pay.example.test/pay?stx=STX_ONE")


def test_an_email_says_who_wants_how_much_for_what(mine: Api, database: Database) -> None:
    assert mail(database, mine.buy(transactionRef="Bestellung 7")) == Mail(
        "Ihre Zahlung an Mein Laden GmbH",
        "Guten Tag Max Mustermann!\n\n"
        "Hier können Sie 5,00\xa0€ an Mein Laden GmbH zahlen:\n"
        "Bestellung 7\n"
        "https://pay.example.test/pay?stx=STX_ONE\n\n"
        "Viele Grüße\nMein Laden GmbH",
    )


def test_an_email_keeps_to_the_language_of_the_payment_and_the_tone_of_the_contract(
    mine: Api, database: Database, dress: Dress
) -> None:
    dress(language_formality="informal")
    english = mail(database, mine.buy(customer={}, application_context={"language": "en"}))
    assert english.subject == "Your payment to Mein Laden GmbH"
    assert english.text.startswith("Hello,\n\nHere you can pay €5.00 to Mein Laden GmbH:\nhttps://")
    german = mail(database, mine.buy(customer={}))
    assert german.text.startswith("Hallo!\n\nHier kannst du 5,00\xa0€ an Mein Laden GmbH zahlen:")
