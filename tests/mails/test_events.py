"""Mails about what happens later: a renewal that fails, the end of a subscription, refunds and charge-backs."""

import re

import pytest

from pfennig.domain.mail import Kind
from pfennig.language import LANGUAGES
from pfennig.storage.database import Database
from tests.api.recurring import PUSH, TEMPLATE, advance, item, phase, plan
from tests.api.test_outcomes import lab
from tests.conftest import PUBLIC_URL, Api, Json
from tests.mails.conftest import GOOD_ACCOUNT, pay, seen
from tests.mails.test_writing import as_text, change_contract, plain, words

EVENTS = (Kind.RENEWAL_FAILED, Kind.SUBSCRIPTION_ENDED, Kind.REFUND_NOTICE, Kind.CHARGE_BACK_NOTICE)
WEEKLY = phase(990, "week")


def about(api: Api, kind: Kind) -> list[Json]:
    """Mails of that kind, oldest first."""
    return [mail for mail in seen(api) if mail["kind"] == kind]


def text(mail: Json) -> str:
    """What a mail says."""
    return plain(mail["text"])


def subscribe(api: Api, *phases: Json, method: str = "debit", language: str = "de") -> Json:
    """An order of a subscription for five euros that was paid."""
    return pay(
        api,
        method,
        basket={"products": [item(plan(api, *phases))]},
        basket_info={"sum": 500, "currency": "EUR"},
        application_context=TEMPLATE | PUSH | {"language": language},
    )


def fail(api: Api, times: int = 1) -> None:
    """Lets the next payments fail."""
    for _ in range(times):
        lab(api, "outcomes", outcome="insufficient_funds", method="debit")


def cancel(api: Api, case: Json) -> None:
    """Ends the subscription of an order."""
    api.request("POST", f"Payment/Subscriptions/{case['subscription']['id']}/cancel", json={"reason": "moved away"})


def give_back(api: Api, case: Json, amount: int, key: str = "") -> None:
    """Refunds a part of what was paid."""
    path = f"/api/v2/Payment/Transactions/{case['transactions'][0]['transaction_hash']}/cancel"
    headers = api.headers | ({"Idempotency-Key": key} if key else {})
    answer = api.http.post(path, json={"amount": amount}, headers=headers)
    assert answer.status_code == 200, answer.text


def test_a_renewal_that_fails_says_when_it_is_tried_again_and_in_the_end_that_it_is_not(mine: Api) -> None:
    subscribe(mine, WEEKLY)
    fail(mine, 4)
    advance(mine, days=7)
    [first] = about(mine, Kind.RENEWAL_FAILED)
    assert first["subject"] == "Die Zahlung für Ihr Abonnement Coffee ist fehlgeschlagen"
    for line in (
        "Mein Laden GmbH konnte 9,90 € nicht einziehen.",
        "Wir versuchen es am 12. Februar 2026 noch einmal.",
    ):
        assert line in text(first)
    advance(mine, days=7)
    tries = about(mine, Kind.RENEWAL_FAILED)
    days = [re.findall(r"am (\d+\. \w+) 2026 noch", text(mail)) for mail in tries]
    assert days == [["12. Februar"], ["14. Februar"], ["18. Februar"], []]
    assert "das Abonnement ruht" in text(tries[-1])
    advance(mine, days=30)
    assert len(about(mine, Kind.RENEWAL_FAILED)) == 4, "one for each try"


def test_the_button_of_a_failed_renewal_leads_to_a_page_that_asks_for_that_sum(mine: Api) -> None:
    subscribe(mine, WEEKLY)
    fail(mine)
    advance(mine, days=7)
    [mail] = about(mine, Kind.RENEWAL_FAILED)
    [url] = re.findall(rf"{re.escape(PUBLIC_URL)}/pay\?stx=\w+", text(mail))
    page = mine.http.get(url.removeprefix(PUBLIC_URL), follow_redirects=True)
    assert page.status_code == 200
    assert "9,90\xa0€" in page.text


def test_a_payer_who_is_refused_on_the_page_of_a_failed_renewal_is_not_written_to_again(mine: Api) -> None:
    subscribe(mine, WEEKLY)
    fail(mine, 2)
    advance(mine, days=7)
    [mail] = about(mine, Kind.RENEWAL_FAILED)
    mine.post(f"Smart/Transactions/{mail['transaction']}/start/debit", {"container": {"private": ACCOUNT}})
    assert len(about(mine, Kind.RENEWAL_FAILED)) == 1


ACCOUNT = {"owner": "Max Mustermann", "iban": GOOD_ACCOUNT}


def test_who_cancels_is_told_once(mine: Api) -> None:
    case = subscribe(mine, WEEKLY)
    cancel(mine, case)
    cancel(mine, case)  # is refused
    advance(mine, days=30)
    [mail] = about(mine, Kind.SUBSCRIPTION_ENDED)
    assert mail["subject"] == "Ihr Abonnement Coffee ist beendet"
    assert "Mein Laden GmbH zieht dafür nichts mehr ein." in text(mail)


def test_the_last_payment_of_several_is_followed_by_the_end(mine: Api) -> None:
    subscribe(mine, phase(990, "week", total_cycles=3))
    advance(mine, days=30)
    kinds = [mail["kind"] for mail in seen(mine) if mail["kind"] != "merchant_confirmation"]
    assert kinds == [*["payer_confirmation", "mandate_notice"] * 2, *kinds[4:]]
    assert sorted(kinds[4:]) == ["mandate_notice", "payer_confirmation", "subscription_ended"]


def test_a_single_payment_says_by_its_terms_that_it_is_the_last(mine: Api) -> None:
    subscribe(mine, phase(300, total_cycles=1))
    assert about(mine, Kind.SUBSCRIPTION_ENDED) == []


def test_each_debit_of_a_subscription_is_announced_with_its_sum_day_and_mandate(mine: Api) -> None:
    subscribe(mine, WEEKLY)
    advance(mine, days=7)
    first, second = map(text, about(mine, Kind.MANDATE_NOTICE))
    for said, amount, day in ((first, "14,90 €", "5. Februar 2026"), (second, "9,90 €", "12. Februar 2026")):
        lines = f"Betrag: {amount}", f"Tag des Einzugs: {day}", "Gläubiger-Identifikationsnummer: DE98ZZZ09999999999"
        assert [
            line for line in (*lines, "Mandatsreferenz: ", "Art der Zahlung: wiederkehrend") if line not in said
        ] == []


@pytest.mark.parametrize("method", ["creditcard", "debit"])
def test_each_refund_is_told_once_with_its_sum(mine: Api, method: str) -> None:
    case = pay(mine, method)
    give_back(mine, case, 120, key="one")
    give_back(mine, case, 120, key="one")
    give_back(mine, case, 380)
    told = about(mine, Kind.REFUND_NOTICE)
    assert [plain(mail["subject"]) for mail in told] == [
        "Ihre Erstattung von 1,20 € von Mein Laden GmbH",
        "Ihre Erstattung von 3,80 € von Mein Laden GmbH",
    ]
    way = {"creditcard": "auf dem Sie bezahlt haben", "debit": "von dem abgebucht wurde"}[method]
    assert all(way in text(mail) for mail in told)


def test_a_reservation_that_is_released_is_no_refund(mine: Api) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}"
    mine.post(f"{path}/prepare/debit", {"container": {"private": ACCOUNT}})
    mine.post(f"{path}/abort")
    assert seen(mine) == []


@pytest.mark.parametrize(
    ("method", "outcome", "subject"),
    [
        ("creditcard", "charge_back_won", "Diese Zahlung wurde zurückgebucht"),
        ("debit", "returned_am04", "Ihre Lastschrift wurde zurückgegeben"),
    ],
)
def test_what_the_payers_bank_took_back_is_told_once(mine: Api, method: str, outcome: str, subject: str) -> None:
    lab(mine, "outcomes", outcome=outcome)
    pay(mine, method)
    advance(mine, days=90)
    [mail] = about(mine, Kind.CHARGE_BACK_NOTICE)
    assert mail["subject"] == subject


def happen(api: Api, kind: Kind, language: str = "de") -> None:
    """Lets that happen which a kind of mail is about."""
    if kind is Kind.CHARGE_BACK_NOTICE:
        lab(api, "outcomes", outcome="returned_am04")
    case = subscribe(api, WEEKLY, language=language)
    if kind is Kind.SUBSCRIPTION_ENDED:
        cancel(api, case)
    elif kind is Kind.REFUND_NOTICE:
        give_back(api, case, 100)
    else:
        fail(api)
        advance(api, days=7)


@pytest.mark.parametrize("kind", EVENTS)
def test_a_contract_without_mails_to_payers_has_none_about_events(mine: Api, database: Database, kind: Kind) -> None:
    change_contract(database, has_customer_mails=False)
    happen(mine, kind)
    assert about(mine, kind) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", EVENTS)
def test_events_are_told_in_the_payers_language_without_their_account(mine: Api, language: str, kind: Kind) -> None:
    happen(mine, kind, language)
    [mail] = about(mine, kind)
    assert mail["language"] == language
    assert "{" not in mail["subject"] + mail["text"]
    colon = " : " if language == "fr" else ": "
    assert words(as_text(mail["html"], colon)) == words(mail["text"]), "both parts say the same"
    for each in seen(mine):
        assert GOOD_ACCOUNT[:-4] not in re.sub(r"\s", "", each["text"] + each["html"])
