"""What the result page says of a payment later on: never that a shop has money which it has not."""

import re
from dataclasses import replace
from typing import Any

import pytest

from pfennig.domain.email_address import masked_address
from pfennig.domain.mail import Kind
from pfennig.storage.database import Database
from tests.api.conftest import INSTRUMENTS, account, bought, card, payment_path, prepared, transfer
from tests.api.recurring import ordered, plan
from tests.api.test_outcomes import lab
from tests.checkout.conftest import Payer
from tests.checkout.test_transfers import MAX
from tests.checkout.test_transfers import ordered as invoiced
from tests.conftest import Api, Json

BIG = {"sum": 500_00, "currency": "EUR"}
RECEIVED = "Mein Laden GmbH has received your payment of €5.00."


def said(payer: Payer, case: Json) -> list[str]:
    """The heading of the page that says how it went, and its sentences."""
    payer.open(f"/pay/result?stx={case['id']}&lang=en")
    [outcome] = re.findall(r'<div class="outcome \w+">(.*?)</div>', payer.page, re.DOTALL)
    return re.findall(r"<(?:h1|p)>([^<]*)</", outcome.replace("\xa0", " "))


def refund(api: Api, case: Json, cents: int | None = None) -> None:
    """Gives some of it back, or all."""
    api.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": cents} if cents else {})


def test_a_debit_is_said_to_be_collected_until_it_is(mine: Api, payer: Payer) -> None:
    case = bought(mine, "debit")
    confirmed = "Thank you, your payment is confirmed"
    collects = "Mein Laden GmbH collects €5.00 from your account on 5 February 2026."
    assert said(payer, case) == [confirmed, collects]
    lab(mine, "clock/advance", days=1)
    assert said(payer, case) == [confirmed, collects]
    lab(mine, "clock/advance", days=1)
    collected = "Mein Laden GmbH has collected €5.00 from your account by direct debit."
    assert said(payer, case) == ["Thank you, your payment is complete", collected]


@pytest.mark.parametrize(
    ("method", "outcome", "words"),
    [
        (
            "debit",
            "returned_am04",
            ["Your direct debit was returned", "Your bank did not pay €5.00 to Mein Laden GmbH."],
        ),
        (
            "creditcard",
            "charged_back",
            ["This payment was charged back", "Your bank has taken €5.00 back from Mein Laden GmbH."],
        ),
    ],
)
def test_what_the_bank_took_back_is_not_received(
    mine: Api, payer: Payer, method: str, outcome: str, words: list[str]
) -> None:
    lab(mine, "outcomes", outcome=outcome, method=method)
    case = bought(mine, method)
    lab(mine, "clock/advance", days=60)
    assert said(payer, case) == [*words, "Please ask Mein Laden GmbH what to do now."]


def test_what_the_shop_won_back_is_received(mine: Api, payer: Payer) -> None:
    lab(mine, "outcomes", outcome="charge_back_won", method="creditcard")
    case = bought(mine)
    lab(mine, "clock/advance", days=90)
    assert said(payer, case) == ["Thank you, your payment is complete", RECEIVED]


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_a_refund_is_told_in_parts_and_as_a_whole(mine: Api, payer: Payer, method: str) -> None:
    case = bought(mine, method)
    refund(mine, case, 200)
    assert said(payer, case)[-1] == "You get €2.00 of it back the way you paid."
    refund(mine, case)
    assert said(payer, case) == ["Your payment was refunded", "You get €5.00 back the way you paid."]


@pytest.mark.parametrize("method", ["prepaid", "invoice"])
def test_a_refund_of_a_transfer_is_told_as_far_as_money_had_come(mine: Api, payer: Payer, method: str) -> None:
    case = invoiced(mine, method)
    transfer(mine, 500, f"TA {case['trans_id']}", iban="DE37503240001000000524", owner="Max Mustermann")
    assert said(payer, case)[1:] == [RECEIVED]
    refund(mine, case, 200)
    assert said(payer, case)[1:] == [RECEIVED, "You get €2.00 of it back the way you paid."]
    refund(mine, case)
    assert said(payer, case) == ["Your payment was refunded", "You get €5.00 back the way you paid."]


def test_a_cancelled_case_says_what_goes_back(mine: Api, payer: Payer) -> None:
    case = bought(mine)
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert said(payer, case) == ["This payment was cancelled", "You get €5.00 back the way you paid."]


@pytest.mark.parametrize("method", ["prepaid", "invoice"])
def test_too_much_is_told(mine: Api, payer: Payer, method: str) -> None:
    case = invoiced(mine, method)
    transfer(mine, 600, f"TA {case['trans_id']}")
    more = "Mein Laden GmbH can send it back to your account, or use it for another order."
    assert said(payer, case)[1:] == [RECEIVED, "€1.00 more than needed has arrived.", more]


def test_what_came_too_late_is_told(mine: Api, payer: Payer) -> None:
    case = bought(mine, "prepaid")
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    transfer(mine, 500, f"TA {case['trans_id']}")
    assert said(payer, case)[:3:2] == ["This payment was cancelled", "€5.00 more than needed has arrived."]


def test_a_reservation_that_was_lowered_is_of_less(mine: Api, payer: Payer) -> None:
    case = prepared(mine)
    mine.request("POST", payment_path(case, "/cancel"), json={"reduce_amount_by": 200})
    assert said(payer, case)[1:] == ["Mein Laden GmbH now completes your order of €3.00."]
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert said(payer, case)[1:] == ["Mein Laden GmbH has received your payment of €3.00."]


def test_who_pays_in_instalments_pays_the_lender(mine: Api, payer: Payer) -> None:
    body = {"contract": {"id": "GCR_ALL"}, "basket_info": BIG}
    lab(mine, "outcomes", outcome="approved", method="easycredit")
    case = mine.post(f"Smart/Transactions/{mine.buy(**body)['id']}/start/easycredit")
    words = "easyCredit has paid €500.00 to Mein Laden GmbH. You pay easyCredit in the instalments you agreed on."
    assert said(payer, case) == ["Thank you, your order is paid", words]


WITHOUT_SHOP = {"application_context": {"language": "en"}}


def facts(payer: Payer) -> Json:
    """What the page has the payer note."""
    return dict(re.findall(r"<dt>([^<]*)</dt>\s*<dd[^>]*>([^<]*)</dd>", payer.page.replace("\xa0", " ")))


@pytest.mark.parametrize(
    ("method", "name"),
    [("creditcard", "Credit card, ends in 1111"), ("debit", "Direct debit, ends in 3188")],
)
def test_who_has_no_page_of_the_shop_to_go_to_gets_what_to_ask_by(
    mine: Api, payer: Payer, method: str, name: str
) -> None:
    case = bought(mine, method, **WITHOUT_SHOP)
    last = "You can close this page. If you have a question, please give Mein Laden GmbH the payment number."
    assert said(payer, case)[-1] == last
    number = f"TA {case['trans_id']}"
    assert facts(payer) == {"Payment method": name, "Payment number": number, "Date": "4 February 2026"}
    refund(mine, case)
    assert said(payer, case)[-1] == last
    case = bought(mine, method)
    assert said(payer, case)[-1] != last
    assert facts(payer)["Payment number"] == f"TA {case['trans_id']}"


def test_a_transfer_to_be_made_is_told_once(mine: Api, payer: Payer) -> None:
    case = bought(mine, "prepaid", **WITHOUT_SHOP)
    assert "You can close this page." not in said(payer, case)[-1]
    assert "Reference" in facts(payer)
    assert "Payment number" not in facts(payer)
    transfer(mine, 500, f"TA {case['trans_id']}")
    assert said(payer, case)[-1].startswith("You can close this page.")
    assert facts(payer)["Payment number"] == f"TA {case['trans_id']}"


def test_a_day_is_not_broken_after_its_number(mine: Api, payer: Payer) -> None:
    case = bought(mine, "debit")
    payer.open(f"/pay/result?stx={case['id']}&lang=de")
    assert "5.\xa0Februar 2026" in payer.page


def test_a_review_takes_longer_than_a_moment(mine: Api, payer: Payer) -> None:
    lab(mine, "outcomes", outcome="review_approved", method="creditcard")
    case = bought(mine)
    assert said(payer, case) == [
        "Your payment is being checked",
        "This can take until the next working day. You can close this page; nothing is charged twice.",
        "This page shows by itself how it went.",
    ]
    assert 'id="back"' in payer.page


@pytest.mark.parametrize("body", [card(), account()], ids=["card", "debit"])
def test_who_subscribes_for_a_fee_has_a_subscription(mine: Api, payer: Payer, body: Json) -> None:
    method = "creditcard" if body == card() else "debit"
    case = mine.post(f"Smart/Transactions/{ordered(mine, plan(mine))['id']}/start/{method}", body)
    assert said(payer, case)[0] == "Thank you, your subscription is set up"
    assert "€15.00" in said(payer, case)[1]


def test_new_payment_details_for_a_subscription_are_not_a_payment(mine: Api, payer: Payer) -> None:
    order = mine.post(f"Smart/Transactions/{ordered(mine, plan(mine))['id']}/start/creditcard", card())
    made: Any = mine.post(f"Smart/Transactions/{order['subscription']['id']}/updatePaymentContainer")
    case = mine.post(f"Smart/Transactions/{made['id']}/start/creditcard", INSTRUMENTS["creditcard"])
    assert said(payer, case) == [
        "Thank you, your new payment method is saved",
        "Your subscription is paid this way from now on. Nothing is charged today.",
        "You can close this page.",
    ]


def test_the_page_for_new_payment_details_sells_nothing(mine: Api, payer: Payer) -> None:
    order = mine.post(f"Smart/Transactions/{ordered(mine, plan(mine))['id']}/start/creditcard", card())
    case: Any = mine.post(f"Smart/Transactions/{order['subscription']['id']}/updatePaymentContainer")
    for link in ("general", "creditcard", "debit"):
        payer.open(f"{case['payment_links'][link]}&lang=en")
        assert "<h1>New payment method for your subscription</h1>" in payer.page
        assert "€0.00" not in payer.page
        assert "Paid at once" not in payer.page
        assert "€10.00 every month" in payer.page.replace("\xa0", " ")
    assert "<span>Save payment method</span>" in payer.page


@pytest.mark.parametrize(("is_recurring", "word"), [(True, "recurring"), (False, "one-off")])
def test_a_mandate_says_how_often_it_is_used(mine: Api, payer: Payer, is_recurring: bool, word: str) -> None:
    case = ordered(mine, plan(mine)) if is_recurring else mine.buy()
    payer.open(f"{case['payment_links']['debit']}&lang=en")
    assert f"<dt>Type of payment</dt><dd>{word}</dd>" in payer.page
    payer.open(f"{case['payment_links']['debit']}&lang=de")
    assert ("wiederkehrend" in payer.page) is is_recurring


def test_a_button_says_what_its_method_does(mine: Api, payer: Payer) -> None:
    place = {"street": "Am Markt 1", "postal_code": "07743", "city": "Jena", "country": "DE"}
    contact = {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": place}
    case = mine.buy(contract={"id": "GCR_ALL"}, basket_info=BIG, customer={"contact": contact})
    for method, label in (
        ("invoice", "Auf Rechnung bestellen: 500,00 €"),
        ("easycredit", "Weiter zu easyCredit"),
    ):
        payer.open(case["payment_links"][method])
        assert f"<span>{label}</span>" in payer.page.replace("\xa0", " ")


def pause_seconds(payer: Payer) -> int:
    """The pause after which the page asks again without a script."""
    [pause] = re.findall(r'<noscript><meta http-equiv="refresh" content="(\d+)"></noscript>', payer.page)
    return int(pause)


def test_a_page_that_waits_asks_again_and_less_often_as_time_goes_by(mine: Api, payer: Payer) -> None:
    lab(mine, "outcomes", outcome="review_approved", method="creditcard")
    case = bought(mine)
    said(payer, case)
    first, version = pause_seconds(payer), payer.answer.headers["ETag"]
    assert payer.page.count(version.strip('"')) == 1
    assert payer.open(f"/pay/result?stx={case['id']}&lang=en").answer.headers["ETag"] == version
    lab(mine, "clock/advance", seconds=400)
    said(payer, case)
    assert 4 <= first < pause_seconds(payer) <= 300
    lab(mine, "clock/advance", days=1)
    said(payer, case)
    assert payer.answer.headers["ETag"] != version
    assert "http-equiv" not in payer.page


def test_who_waits_for_a_silent_bank_can_go_back_to_the_shop(mine: Api, payer: Payer) -> None:
    lab(mine, "outcomes", outcome="authentication_timeout", method="creditcard")
    case = bought(mine)
    assert said(payer, case)[0] == "Your payment is being checked"
    assert 'id="back"' in payer.page
    assert pause_seconds(payer) >= 4
    lab(mine, "outcomes", outcome="authentication_timeout", method="creditcard")
    assert said(payer, bought(mine, "creditcard", **WITHOUT_SHOP))[-1] == "You can close this page."


def test_who_was_refused_can_try_again_or_choose_another_method(mine: Api, payer: Payer) -> None:
    lab(mine, "outcomes", outcome="do_not_honour", method="creditcard")
    case = bought(mine)
    assert said(payer, case)[1] == "Your bank refused the payment. Please use another card or ask your bank."
    ways = dict(re.findall(r'id="(retry|other)" href="([^"]*)"', payer.page))
    assert "payment-method=creditcard" in ways["retry"]
    assert "payment-method" not in ways["other"]


@pytest.mark.parametrize(
    ("address", "masked"),
    [("max@example.net", "m…@e….net"), ("a@b.co.uk", "a…@b….uk"), ("x@localhost", ""), ("", "")],
)
def test_an_address_is_shown_so_that_only_its_owner_knows_it(address: str, masked: str) -> None:
    assert masked_address(address) == masked


def test_the_page_says_where_a_confirmation_went_if_one_did(mine: Api, payer: Payer, database: Database) -> None:
    case = bought(mine, customer={"contact": MAX})
    said(payer, case)
    assert "Confirmation sent to" not in facts(payer)
    with database.unit() as unit:
        [mail] = unit.mails.all(smart_transaction_id=case["id"], kind=Kind.PAYER_CONFIRMATION)
        unit.mails.change(mail, replace(mail, is_open=True))
    said(payer, case)
    assert facts(payer)["Confirmation sent to"] == "m…@e….net"
    assert "max@example.net" not in payer.page
