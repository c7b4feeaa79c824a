"""Which mails a payment asks for, whom they are for, and what they say."""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import httpx
import pytest

from pfennig import application, ids
from pfennig.domain.mail import Kind
from pfennig.domain.methods import METHODS
from pfennig.language import LANGUAGES
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import payments
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.storage.database import Database
from pfennig.storage.queries import lookups
from pfennig.twin import payer
from tests.api.conftest import transfer
from tests.api.recurring import TEMPLATE, item, phase, plan
from tests.api.test_outcomes import lab
from tests.conftest import MINE, PUBLIC_URL, Api, Json, currency
from tests.mails.conftest import BODIES, GOOD_ACCOUNT, outbox, pay, seen

TO_PAYER, TO_MERCHANT = "max@example.net", "laden@example.net"
PAID = [("payer_confirmation", TO_PAYER), ("merchant_confirmation", TO_MERCHANT)]
DEBITED = [PAID[0], ("mandate_notice", TO_PAYER), PAID[1]]
ANNOUNCED = [("transfer_details", TO_PAYER)]


def kinds(mails: list[Json]) -> list[tuple[str, str]]:
    """What mails are about, and whom they are for."""
    return [(mail["kind"], mail["to"]) for mail in mails]


def change_contract(database: Database, **fields: Any) -> None:
    """Gives my contract other terms."""
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_MINE")
        unit.contracts.change(contract, replace(contract, **fields))


@pytest.fixture
def everything_sold(database: Database) -> None:
    """My contract has every method."""
    change_contract(database, methods=list(METHODS))


@pytest.mark.usefixtures("everything_sold")
@pytest.mark.parametrize("method", METHODS)
def test_each_method_confirms_once_to_payer_and_merchant(mine: Api, platform: Platform, method: str) -> None:
    case = pay(mine, method, basket_info={"sum": 20000, "currency": currency(method)})  # easyCredit lends no less
    if "iframe_url" in case:
        assert seen(mine) == []
        attempt = case["iframe_url"].rpartition("/")[2]
        payer.answer(Call(platform, None, "de"), attempt, "succeed")
    expected = {"debit": DEBITED, "prepaid": ANNOUNCED}.get(method, PAID)
    assert kinds(seen(mine)) == expected
    assert {mail["transaction"] for mail in seen(mine)} == {case["id"]}


def test_a_prepayment_is_confirmed_when_its_transfer_has_arrived(mine: Api) -> None:
    case = pay(mine, "prepaid")
    lab(mine, "bank/transfers", amount=200, purpose=f"TA {case['trans_id']}")
    assert kinds(seen(mine)) == ANNOUNCED
    lab(mine, "bank/transfers", amount=300, purpose=f"TA {case['trans_id']}")
    assert kinds(seen(mine)) == ANNOUNCED + PAID


def test_an_invoice_is_confirmed_when_it_is_ordered_and_not_again_when_the_goods_are_sent(mine: Api) -> None:
    case = pay(mine, "invoice")
    assert kinds(seen(mine)) == PAID
    body = {"delivery_options": {"shipped_at": "2026-02-04"}}
    mine.post(f"Smart/Transactions/{case['id']}/setDelivery", body)
    assert kinds(seen(mine)) == PAID


def test_a_reservation_is_confirmed_when_it_is_collected(mine: Api) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    mine.post(f"{path}/prepare/debit", BODIES["debit"])
    assert seen(mine) == []
    mine.post(f"{path}/start")
    assert kinds(seen(mine)) == DEBITED


@pytest.mark.parametrize(("outcome", "expected"), [("review_approved", DEBITED), ("review_refused", [])])
def test_a_review_is_told_to_nobody_before_it_is_over(
    mine: Api, outcome: str, expected: list[tuple[str, str]]
) -> None:
    lab(mine, "outcomes", outcome=outcome)
    pay(mine, "debit")
    assert seen(mine) == []
    lab(mine, "clock/advance", days=2)
    assert kinds(seen(mine)) == expected


def test_what_was_refused_is_confirmed_to_nobody_and_the_next_try_is(mine: Api) -> None:
    lab(mine, "outcomes", outcome="insufficient_funds")
    case = pay(mine)
    assert seen(mine) == []
    mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", BODIES["creditcard"])
    assert kinds(seen(mine)) == PAID


def test_a_charge_back_that_was_won_is_no_second_payment(mine: Api) -> None:
    lab(mine, "outcomes", outcome="charge_back_won")
    pay(mine)
    lab(mine, "clock/advance", days=60)
    assert kinds(seen(mine)) == [*PAID, ("charge_back_notice", TO_PAYER)]


def test_payments_by_the_legacy_endpoints_are_confirmed_too(mine: Api) -> None:
    customer = {"contact": {"forename": "Max", "email": TO_PAYER}}
    body = {"amount": 500, "customer": customer, "opt_data": {"has_accepted_disclaimer": True}, **BODIES["debit"]}  # type: ignore[dict-item]
    mine.post("Payment/Secupaydebits", body)
    assert kinds(seen(mine)) == DEBITED


def test_a_payment_has_one_mail_of_a_kind_whatever_happens(mine: Api, database: Database) -> None:
    pay(mine)
    [first, *_] = outbox(database)
    again = replace(first, id=ids.new("MAI"))
    with database.unit() as unit:
        assert lookups.if_unique(unit, lambda: unit.mails.add(again)) is None
    assert len(outbox(database)) == 2


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"customer_order_mail": False}, [PAID[1]]),
        ({"merchant_order_mail": False}, DEBITED[:2]),
        ({"customer_order_mail": False, "merchant_order_mail": False}, []),
    ],
    ids=["none to payers", "none to the merchant", "none at all"],
)
def test_a_contract_may_do_without_mails(mine: Api, terms: dict[str, bool], expected: list[tuple[str, str]]) -> None:
    mine.put("General/Contracts/me", {"checkout_configuration": {"notifications": terms}})
    pay(mine, "debit")
    assert kinds(seen(mine)) == expected


@pytest.mark.parametrize(
    ("method", "fee", "phases", "expected"),
    [
        ("creditcard", 500, [phase(990)], PAID),
        ("creditcard", 0, [phase(0, "week", tenure_type="trial", total_cycles=2), phase(990, sequence=2)], PAID),
        ("debit", 0, [phase(0, "week", tenure_type="trial", total_cycles=2), phase(990, sequence=2)], PAID),
    ],
)
def test_who_subscribes_reads_what_is_paid_when_and_until_when_also_if_nothing_is_paid_now(
    mine: Api, method: str, fee: int, phases: list[Json], expected: list[tuple[str, str]]
) -> None:
    basket = {"products": [item(plan(mine, *phases), priceOne=fee)]}
    total = {"sum": fee, "currency": "EUR"}
    pay(mine, method, basket=basket, basket_info=total, application_context=TEMPLATE | {"language": "de"})
    assert kinds(seen(mine)) == expected
    for mail in seen(mine):
        said = plain(mail["text"]).replace("\xa0", " ")
        assert "9,90 € jeden Monat" in said
        assert "Es läuft, bis es gekündigt wird." in said
        assert ("Testphase" in said) is (fee == 0)
        assert ("Heute: 14,90 €, einmal 5,00 €, 9,90 € für den ersten Zeitraum" in said) is (fee == 500)
        assert "Abonnement: Coffee" in said
        assert ("0,00" in mail["subject"]) is False


def to_payer(api: Api, kind: str = "payer_confirmation") -> list[Json]:
    """What its payer is written of that kind, in its order."""
    return [mail for mail in seen(api) if (mail["kind"], mail["to"]) == (kind, TO_PAYER)]


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_a_subscription_is_named_from_its_order_to_its_last_payment(mine: Api, method: str) -> None:
    basket = {"products": [item(plan(mine, phase(990)), priceOne=500)]}
    total = {"sum": 500, "currency": "EUR"}
    pay(mine, method, basket=basket, basket_info=total, application_context=TEMPLATE | {"language": "de"})
    [first] = to_payer(mine)
    assert first["subject"] == "Ihr Abonnement bei Mein Laden GmbH"
    assert "Danke, Ihr Abonnement ist eingerichtet" in first["text"]
    cancelling = "Wenn Sie das Abonnement kündigen möchten, wenden Sie sich bitte an Mein Laden GmbH."
    assert cancelling in first["text"]
    lab(mine, "clock/advance", days=30)
    later = to_payer(mine)[-1]
    assert later["subject"] == "Zahlung für Ihr Abonnement Coffee, März 2026"
    assert "Abonnement: Coffee" in later["text"]
    assert cancelling in later["text"]
    if method == "debit":
        assert all("Abonnement: Coffee" in notice["text"] for notice in to_payer(mine, "mandate_notice"))


def test_a_lender_is_said_to_have_paid(mine: Api, database: Database) -> None:
    change_contract(database, methods=["easycredit"])
    lab(mine, "outcomes", outcome="approved", method="easycredit")
    pay(mine, "easycredit", basket_info={"sum": 20000, "currency": "EUR"})
    assert "easyCredit hat 200,00 € an Mein Laden GmbH gezahlt." in to_payer(mine)[0]["text"].replace("\xa0", " ")


def test_nobody_is_written_to_whose_address_is_unknown(mine: Api, stranger: Api) -> None:
    pay(mine, customer={"contact": {"forename": "Max"}})
    pay(stranger, customer=None)
    assert kinds(seen(mine)) == [PAID[1]]
    assert seen(stranger) == []


def test_without_a_mail_server_mails_are_kept_and_never_sent(mine: Api, database: Database) -> None:
    pay(mine)
    assert [(mail["sent"], mail["progress"]) for mail in seen(mine)] == [(False, "kept")] * 2
    assert {mail.is_open for mail in outbox(database)} == {False}


def test_an_operator_without_a_mail_server_keeps_none(platform: Platform, database: Database) -> None:
    operated = replace(platform, can=Abilities())
    transport = httpx.WSGITransport(application.create(operated))
    with httpx.Client(transport=transport, base_url=PUBLIC_URL) as http:
        shop = Api(http, MINE)
        assert pay(shop)["status"] == "ok"
        assert http.get("/lab/v1/mails", headers=shop.headers).status_code == 404
    assert outbox(database) == []


SAID: dict[str, dict[Kind, tuple[str, ...]]] = {
    "de": {
        Kind.TRANSFER_DETAILS: (
            "Ihre Bestellung bei Mein Laden GmbH: bitte überweisen Sie 1.234,50 €",
            "Guten Tag Max Mustermann!",
            "IBAN: DE81 8504 0061 1005 5237 59",
            "Verwendungszweck: TA 40000001",
        ),
        Kind.PAYER_CONFIRMATION: ("Ihre Zahlung von 1.234,50 € an Mein Laden GmbH", "Datum: 4. Februar 2026"),
        Kind.MANDATE_NOTICE: (
            "Mein Laden GmbH zieht am 5. Februar 2026 1.234,50 € per Lastschrift ein",
            "Betrag: 1.234,50 €",
            "Tag des Einzugs: 5. Februar 2026",
            "IBAN: endet auf 3188",
            "Gläubiger-Identifikationsnummer: DE98ZZZ09999999999",
            "Mandatsreferenz: PAM/",
        ),
        Kind.MERCHANT_CONFIRMATION: (
            "Neue Zahlung über 1.234,50 €",
            "Guten Tag Mein Laden GmbH!",
            "Max Mustermann hat 1.234,50 € bezahlt.",
            "Ihre Referenz: R 7",
        ),
        Kind.SURPLUS_NOTICE: (
            "Bei Mein Laden GmbH sind 2,00 € mehr angekommen als nötig",
            "Nicht gebraucht: 2,00 €",
            "TA 40000001",
        ),
        Kind.MERCHANT_SURPLUS_NOTICE: (
            "Es sind 2,00 € mehr angekommen als nötig",
            "Nicht gebraucht: 2,00 €",
            "Max Mustermann",
        ),
    },
    "en": {
        Kind.TRANSFER_DETAILS: (
            "Your order at Mein Laden GmbH: please transfer €1,234.50",
            "Hello Max Mustermann,",
            "IBAN: DE81 8504 0061 1005 5237 59",
            "Reference: TA 40000001",
        ),
        Kind.PAYER_CONFIRMATION: ("Your payment of €1,234.50 to Mein Laden GmbH", "Date: 4 February 2026"),
        Kind.MANDATE_NOTICE: (
            "Mein Laden GmbH collects €1,234.50 by direct debit on 5 February 2026",
            "Amount: €1,234.50",
            "Day of collection: 5 February 2026",
            "IBAN: ends in 3188",
            "Creditor identifier: DE98ZZZ09999999999",
            "Mandate reference: PAM/",
        ),
        Kind.MERCHANT_CONFIRMATION: (
            "New payment of €1,234.50",
            "Hello Mein Laden GmbH,",
            "Max Mustermann has paid €1,234.50.",
            "Your reference: R 7",
        ),
        Kind.SURPLUS_NOTICE: (
            "€2.00 more than needed has arrived at Mein Laden GmbH",
            "Not needed: €2.00",
            "TA 40000001",
        ),
        Kind.MERCHANT_SURPLUS_NOTICE: ("€2.00 more than needed has arrived", "Not needed: €2.00", "Max Mustermann"),
    },
    "fr": {
        Kind.TRANSFER_DETAILS: (
            "Votre commande chez Mein Laden GmbH : veuillez virer 1 234,50 €",
            "Bonjour Max Mustermann,",
            "IBAN : DE81 8504 0061 1005 5237 59",
            "Référence : TA 40000001",
        ),
        Kind.PAYER_CONFIRMATION: ("Votre paiement de 1 234,50 € à Mein Laden GmbH", "Date : 4 février 2026"),
        Kind.MANDATE_NOTICE: (
            "Mein Laden GmbH prélèvera 1 234,50 € le 5 février 2026",
            "Montant : 1 234,50 €",
            "Date du prélèvement : 5 février 2026",
            "IBAN : se termine par 3188",
            "Identifiant créancier SEPA (ICS) : DE98ZZZ09999999999",
            "Référence unique du mandat (RUM) : PAM/",
        ),
        Kind.MERCHANT_CONFIRMATION: (
            "Nouveau paiement de 1 234,50 €",
            "Bonjour Mein Laden GmbH,",
            "Max Mustermann a payé 1 234,50 €.",
            "Votre référence : R 7",
        ),
        Kind.SURPLUS_NOTICE: ("Mein Laden GmbH a reçu 2,00 € de trop", "En trop : 2,00 €", "TA 40000001"),
        Kind.MERCHANT_SURPLUS_NOTICE: ("2,00 € de trop ont été reçus", "En trop : 2,00 €", "Max Mustermann"),
    },
    "it": {
        Kind.TRANSFER_DETAILS: (
            "Il Suo ordine presso Mein Laden GmbH: effettui un bonifico di 1.234,50 €",
            "Gentile Max Mustermann,",
            "IBAN: DE81 8504 0061 1005 5237 59",
            "Causale: TA 40000001",
        ),
        Kind.PAYER_CONFIRMATION: ("Il Suo pagamento di 1.234,50 € a Mein Laden GmbH", "Data: 4 febbraio 2026"),
        Kind.MANDATE_NOTICE: (
            "Mein Laden GmbH addebiterà 1.234,50 € sul Suo conto il 5 febbraio 2026",
            "Importo: 1.234,50 €",
            "Data dell’addebito: 5 febbraio 2026",
            "IBAN: termina con 3188",
            "Codice identificativo del creditore: DE98ZZZ09999999999",
            "Riferimento del mandato: PAM/",
        ),
        Kind.MERCHANT_CONFIRMATION: (
            "Nuovo pagamento di 1.234,50 €",
            "Gentile Mein Laden GmbH,",
            "Max Mustermann ha pagato 1.234,50 €.",
            "Il Suo riferimento: R 7",
        ),
        Kind.SURPLUS_NOTICE: (
            "Mein Laden GmbH ha ricevuto 2,00 € in più del necessario",
            "In eccesso: 2,00 €",
            "TA 40000001",
        ),
        Kind.MERCHANT_SURPLUS_NOTICE: (
            "Sono arrivati 2,00 € in più del necessario",
            "In eccesso: 2,00 €",
            "Max Mustermann",
        ),
    },
    "nl": {
        Kind.TRANSFER_DETAILS: (
            "Uw bestelling bij Mein Laden GmbH: maak € 1.234,50 over",
            "Beste Max Mustermann,",
            "IBAN: DE81 8504 0061 1005 5237 59",
            "Omschrijving: TA 40000001",
        ),
        Kind.PAYER_CONFIRMATION: ("Uw betaling van € 1.234,50 aan Mein Laden GmbH", "Datum: 4 februari 2026"),
        Kind.MANDATE_NOTICE: (
            "Mein Laden GmbH incasseert € 1.234,50 op 5 februari 2026",
            "Bedrag: € 1.234,50",
            "Incassodatum: 5 februari 2026",
            "IBAN: eindigt op 3188",
            "Incassant-ID: DE98ZZZ09999999999",
            "Kenmerk van de machtiging: PAM/",
        ),
        Kind.MERCHANT_CONFIRMATION: (
            "Nieuwe betaling van € 1.234,50",
            "Beste Mein Laden GmbH,",
            "Max Mustermann heeft € 1.234,50 betaald.",
            "Uw referentie: R 7",
        ),
        Kind.SURPLUS_NOTICE: (
            "Bij Mein Laden GmbH is € 2,00 meer aangekomen dan nodig",
            "Niet nodig: € 2,00",
            "TA 40000001",
        ),
        Kind.MERCHANT_SURPLUS_NOTICE: (
            "Er is € 2,00 meer aangekomen dan nodig",
            "Niet nodig: € 2,00",
            "Max Mustermann",
        ),
    },
    "pl": {
        Kind.TRANSFER_DETAILS: (
            "Zamówienie w sklepie Mein Laden GmbH: proszę przelać 1 234,50 €",
            "Dzień dobry, Max Mustermann!",
            "IBAN: DE81 8504 0061 1005 5237 59",
            "Tytuł przelewu: TA 40000001",
        ),
        Kind.PAYER_CONFIRMATION: (
            "Płatność 1 234,50 € na rzecz sprzedawcy Mein Laden GmbH",
            "Data: 4 lutego 2026",
        ),
        Kind.MANDATE_NOTICE: (
            "Mein Laden GmbH pobierze 1 234,50 € poleceniem zapłaty dnia 5 lutego 2026",
            "Kwota: 1 234,50 €",
            "Dzień pobrania: 5 lutego 2026",
            "IBAN: kończy się na 3188",
            "Identyfikator wierzyciela: DE98ZZZ09999999999",
            "Numer referencyjny mandatu: PAM/",
        ),
        Kind.MERCHANT_CONFIRMATION: (
            "Nowa płatność 1 234,50 €",
            "Dzień dobry, Mein Laden GmbH!",
            "Zapłacono 1 234,50 €. Płatnik: Max Mustermann.",
            "Własny numer referencyjny: R 7",
        ),
        Kind.SURPLUS_NOTICE: (
            "Do Mein Laden GmbH wpłynęło o 2,00 € więcej, niż potrzeba",
            "Nadwyżka: 2,00 €",
            "TA 40000001",
        ),
        Kind.MERCHANT_SURPLUS_NOTICE: (
            "Wpłynęło o 2,00 € więcej, niż potrzeba",
            "Nadwyżka: 2,00 €",
            "Max Mustermann",
        ),
    },
}
"""The subject of each mail, and lines that must be in it."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SAID["de"])
def test_mails_say_in_the_payers_language_what_is_needed(mine: Api, language: str, kind: Kind) -> None:
    is_surplus = kind in (Kind.SURPLUS_NOTICE, Kind.MERCHANT_SURPLUS_NOTICE)
    method = "prepaid" if kind is Kind.TRANSFER_DETAILS or is_surplus else "debit"
    fields = {"transactionRef": "Order 7", "merchantRef": "R 7", "basket_info": {"sum": 123450, "currency": "EUR"}}
    pay(mine, method, application_context={"language": language}, **fields)
    if is_surplus:
        transfer(mine, 123650, "TA 40000001")
    [mail] = [mail for mail in seen(mine) if mail["kind"] == kind]
    subject, *lines = SAID[language][kind]
    colon = " : " if language == "fr" else ": "
    assert (mail["language"], plain(mail["subject"])) == (language, subject)
    for form in (mail["text"], as_text(mail["html"], colon)):
        said = plain(form)
        assert [line for line in (*lines, "Order 7") if line not in said] == []
        assert GOOD_ACCOUNT[:-4] not in said.replace(" ", "")
    assert f'<html lang="{language}">' in mail["html"]
    assert "<h1" in mail["html"]
    assert words(as_text(mail["html"], colon)) == words(mail["text"]), "both parts say the same"
    sources = re.findall(r'(?:src|url|background)\s*[=(]\s*"?([^" ;]+)', mail["html"])
    assert [source for source in sources if source != "data:image/png"] == [], "nothing is fetched"


def as_text(html: str, colon: str = ": ") -> str:
    """What somebody reads of HTML: a label and what it labels in one line, links with their addresses."""
    body = html.partition("<body")[2].partition(">")[2]
    body = re.sub(r'<a href="(https?:[^"]+)"[^>]*>([^<]+)</a>', rf"\2{colon}\1", body)
    body = re.sub(r'<img src="data:[^>]+>', "", body)  # a picture of what is said
    body = re.sub(r'<img [^>]*alt="([^"]*)"[^>]*>', r"\1", re.sub(r"</th>\s*<td[^>]*>", colon, body))
    return unescape(re.sub(r"<[^>]+>", "", body))


def words(text: str) -> list[str]:
    """The words of a text, without the signs that hold them together in plain text."""
    return re.sub(r"[():]", " ", plain(text)).split()


def plain(text: str) -> str:
    """A text with blanks of one kind."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


def test_a_payer_who_chose_another_language_on_the_page_is_written_to_in_that(mine: Api, platform: Platform) -> None:
    case = mine.buy(application_context={"language": "de"})
    payments.start(Call(platform, None, "en", merchant_id="MRC_MINE"), case["id"], "prepaid", PaymentRequest())
    lab(mine, "bank/transfers", amount=500, purpose="TA 40000001")
    assert {mail["language"] for mail in seen(mine)} == {"en"}


def test_a_mail_of_the_twin_says_that_it_is_a_test(mine: Api) -> None:
    pay(mine)
    assert all("Es fließt kein Geld." in mail[form] for mail in seen(mine) for form in ("text", "html"))


def test_an_invoice_tells_the_payer_where_to_send_the_money_and_the_merchant_what_to_do(mine: Api) -> None:
    pay(mine, "invoice")
    to_payer, to_merchant = (mail["text"] for mail in seen(mine))
    assert "IBAN: DE81 8504 0061 1005 5237 59" in to_payer
    assert "damit wird die Rechnung fällig" in to_merchant


def test_a_debit_is_announced_for_the_next_day_on_which_banks_work(mine: Api) -> None:
    lab(mine, "clock/set", now="2026-04-02T12:00:00")  # the Thursday before Easter
    pay(mine, "debit")
    assert "Tag des Einzugs: 7.\xa0April 2026" in seen(mine)[1]["text"]


def test_names_can_neither_become_headers_nor_markup_nor_lines_of_ours(mine: Api, database: Database) -> None:
    name = "Laden\r\nBcc: all@example.net\n<b>{amount}</b>"
    with database.unit() as unit:
        merchant = unit.merchants.get("MRC_MINE")
        unit.merchants.change(merchant, replace(merchant, companyname=name))
    contact = {"forename": "Max", "surname": "<script>\nIBAN: DE00", "email": f" {TO_PAYER}\n"}
    pay(mine, customer={"contact": contact}, transactionRef="A\r\n\r\nB")
    for mail in seen(mine):
        assert "\n" not in mail["subject"] + mail["to"]
        assert "\nIBAN" not in mail["text"]
        assert "<script" not in mail["html"]
        assert "<b>" not in mail["html"]
        assert "Max <script> IBAN: DE00" in mail["text"]
    assert seen(mine)[0]["to"] == TO_PAYER
    assert "Laden Bcc: all@example.net <b>{amount}</b>" in seen(mine)[0]["subject"]


def test_the_lab_shows_the_newest_first_and_those_of_one_transaction(mine: Api) -> None:
    one, other = pay(mine), pay(mine)
    assert [mail["transaction"] for mail in seen(mine)] == [one["id"]] * 2 + [other["id"]] * 2
    assert [mail["transaction"] for mail in seen(mine, transaction=one["id"])] == [one["id"]] * 2


def test_mails_are_shown_to_their_merchant_and_the_platform_above_it(mine: Api, seller: Api, stranger: Api) -> None:
    case = pay(seller)
    assert len(seen(seller)) == len(seen(mine, transaction=case["id"])) == 1
    assert seen(mine) == seen(stranger) == []
    path = f"/lab/v1/mails?transaction={case['id']}"
    assert stranger.http.get(path, headers=stranger.headers).status_code == 404
    assert stranger.http.get("/lab/v1/mails?transaction=STX_NONE", headers=stranger.headers).status_code == 404
    assert stranger.http.get("/lab/v1/mails").status_code == 401


def test_the_timeline_shows_mails(mine: Api, database: Database) -> None:
    case = pay(mine)
    path = f"/lab/v1/transactions/{case['id']}/timeline"
    entries = mine.http.get(path, headers=mine.headers).json()["data"]
    [payer, merchant] = [entry for entry in entries if entry["kind"] == "mail"]
    assert payer["object"] == merchant["object"] == case["transactions"][0]["id"]
    assert payer["text"] == f"payer_confirmation, {outbox(database)[0].id}: kept"
