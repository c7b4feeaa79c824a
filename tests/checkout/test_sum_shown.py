"""The sum on the button is the sum that is asked of the rail, and all that is charged that day."""

import re
from html import unescape
from itertools import product

import pytest

from pfennig.language import LANGUAGES
from pfennig.money import LARGEST_AMOUNT, Money
from pfennig.storage.database import Database
from tests.api.conftest import card
from tests.api.recurring import PUSH, TEMPLATE, advance, item, phase, plan, read, set_to
from tests.checkout.conftest import Payer
from tests.conftest import Api, Json
from tests.pairs import pairwise, with_rare

PLACE = {"street": "Am Markt 1", "postal_code": "07743", "city": "Jena", "country": "DE"}
MAX = {"contact": {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": PLACE}}
CARD = {"number": "4111111111111111", "expiry": "12/39", "cvv": "123", "owner": "Max"}
CHALLENGED = "4635440000002298"
TYPED: dict[str, dict[str, str]] = {
    "creditcard": CARD,
    "debit": {"owner": "Max", "iban": "DE35500105175418493188"},
    "prepaid": {},
    "invoice": {},
}
MUG = {"item_type": "article", "desc": "Mug", "quantity": 2, "priceOne": 400}
VOUCHER = {"item_type": "coupon", "desc": "NEW", "priceOne": 150}
TRIAL = phase(0, "week", tenure_type="trial", total_cycles=2)
SETUP = phase(2000, "month", tenure_type="setup", total_cycles=1)
TODAY, TOMORROW = "2026-02-04T22:00:00+01:00", "2026-02-05T00:00:00+01:00"
Phases = tuple[Json, ...]

MONTHLY: Phases = (phase(990),)
PLANS: dict[str, tuple[Phases, Json, int]] = {
    "at once": (MONTHLY, {}, 990),
    "begun": (MONTHLY, {"start_at": "2025-01-31T00:00:00"}, 990),
    "today": (MONTHLY, {"start_at": TODAY}, 990),
    "tomorrow": (MONTHLY, {"start_at": TOMORROW}, 0),
    "trial": ((TRIAL, phase(990, sequence=2)), {}, 0),
    "setup": ((SETUP, phase(990, sequence=2)), {}, 2000),
    "once": ((phase(300, total_cycles=1),), {}, 300),
}
"""The phases of a plan, when it begins, and what it costs today."""

BASKETS: dict[str, tuple[int, list[Json]]] = {
    "fee": (500, []),
    "no fee": (0, []),
    "goods": (500, [MUG]),
    "voucher": (500, [MUG, VOUCHER]),
}
"""The initial fee, and what is bought beside it."""

SUMS = {"fee": 500, "no fee": 0, "goods": 1300, "voucher": 1150}


def shown(payer: Payer) -> tuple[int, int]:
    """The cents on the button and above the page."""
    [button] = re.findall(r'-pay">.*?<span>([^<]*)</span></span></button>', payer.panel, re.DOTALL)
    [above] = re.findall(r'<p class="amount">([^<]*)</p>', payer.page)
    found = [re.findall(r"[\d.]+,\d\d", unescape(text)) for text in (button, above)]
    on_button, on_top = (int(re.sub(r"\D", "", amount)) for [amount] in found)
    return on_button, on_top


def asked(database: Database, case: Json) -> list[int]:
    """What the rails were asked for."""
    with database.view() as view:
        cases = [case["id"], *(each.id for each in view.smart_transactions.all(origin="subscriptions"))]
        made = view.attempts.all(smart_transaction_id=cases, verb="start")
    return [attempt.amount for attempt in made]


def order(api: Api, basket: str, phases: Phases, **fields: object) -> Json:
    """An order that subscribes to a plan."""
    fee, goods = BASKETS[basket]
    products = [item(plan(api, *phases), priceOne=fee, **fields), *goods]
    total = {"sum": SUMS[basket], "currency": "EUR"}
    return api.buy(
        basket={"products": products}, basket_info=total, application_context=TEMPLATE | PUSH, customer=MAX
    )


SUBSCRIBED = [[*PLANS], [*BASKETS], ["creditcard", "debit"]]


@pytest.mark.parametrize(("kind", "basket", "method"), with_rare(product(*SUBSCRIBED), pairwise(SUBSCRIBED)))
def test_a_subscription_is_charged_what_its_button_says(
    mine: Api, payer: Payer, database: Database, kind: str, basket: str, method: str
) -> None:
    phases, start, first = PLANS[kind]
    case = order(mine, basket, phases, **start)
    due = SUMS[basket] + first
    assert shown(payer.open(case["payment_links"][method])) == (due, due)
    payer.send(**TYPED[method])
    if mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved":
        mine.post(f"Smart/Transactions/{case['id']}/start")
    set_to(mine, "2026-02-04T23:59:00+01:00")
    assert asked(database, case) == [due], "and nothing else on that day"
    payer.open(case["payment_links"]["general"])
    amount = Money(due, "EUR").text_in("de")
    paid = f"zieht {amount} am" if method == "debit" else f"Zahlung von {amount} erhalten"
    assert (paid if due else "berechnet heute nichts.") in payer.page
    assert terms(payer)


# What stands above the button


def terms(payer: Payer) -> list[str]:
    """The terms of the subscription, each by what it is about."""
    section = payer.page.partition('id="subscription"')[2].partition("</section>")[0]
    found = re.findall(r"<dt>(.*?)</dt>(.*?)</div>", section, re.DOTALL)
    lines = [(label, "; ".join(re.findall(r"<dd>([^<]*)</dd>", rest))) for label, rest in found]
    return [unescape(f"{label}: {text}").replace("\xa0", " ") for label, text in lines]


CANCELLING = "Kündigung: Bei Mein Laden GmbH; laden@example.net"


@pytest.mark.parametrize(
    ("phases", "start", "lines"),
    [
        (
            MONTHLY,
            {},
            [
                "Heute: 14,90 €; einmal 5,00 €; 9,90 € für den ersten Zeitraum",
                "Danach: Ab 4. März 2026: 9,90 € jeden Monat",
                "Laufzeit: Es läuft, bis es gekündigt wird.",
            ],
        ),
        (
            (TRIAL, phase(990, count=3, sequence=2)),
            {},
            [
                "Heute: 5,00 €; Testphase, kostenlos",
                "Danach: Ab 18. Februar 2026: 9,90 € alle 3 Monate",
                "Laufzeit: Es läuft, bis es gekündigt wird.",
            ],
        ),
        (
            (SETUP, phase(100, "week", sequence=2, total_cycles=4)),
            {"start_at": "2026-03-31T00:00:00+02:00"},
            [
                "Heute: 5,00 €",
                "Danach: Am 31. März 2026 einmalig: 20,00 €; "
                "Ab 30. April 2026: 1,00 € jede Woche, 4\N{NON-BREAKING HYPHEN}mal",
                "Laufzeit: Die letzte Zahlung ist am 21. Mai 2026.",
            ],
        ),
        (
            (phase(300, total_cycles=1),),
            {},
            [
                "Heute: 8,00 €; einmal 5,00 €; 3,00 € für den ersten Zeitraum",
                "Laufzeit: Die letzte Zahlung ist am 4. Februar 2026.",
            ],
        ),
    ],
    ids=["monthly", "trial", "an end", "once"],
)
def test_price_rhythm_trial_and_end_stand_above_the_button(
    mine: Api, payer: Payer, phases: Phases, start: Json, lines: list[str]
) -> None:
    links = order(mine, "fee", phases, **start)["payment_links"]
    for link in ("general", "creditcard", "debit"):
        payer.open(links[link])
        assert terms(payer) == [*lines, CANCELLING]
        assert payer.page.index('id="subscription"') < payer.page.index("<main>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_subscription_is_explained_in_every_language(mine: Api, payer: Payer, language: str) -> None:
    case = order(mine, "fee", (TRIAL, phase(990, "year", sequence=2)))
    texts = {language: [*terms(payer.open(f"{case['payment_links']['creditcard']}&lang={language}"))]}
    english = terms(payer.open(f"{case['payment_links']['creditcard']}&lang=en"))
    assert len(texts[language]) == len(english) == 4
    assert language == "en" or not set(texts[language]) & set(english)


def test_the_shops_own_words_do_not_hide_the_sum(mine: Api, payer: Payer) -> None:
    case = order(mine, "fee", MONTHLY)
    context = TEMPLATE | PUSH | {"iframe_opts": {"submit_button_title": "Los"}}
    mine.put(f"Smart/Transactions/{case['id']}", {"application_context": context})
    payer.open(case["payment_links"]["creditcard"])
    assert "<span>Los: heute 14,90\xa0€</span>" in payer.page


def test_a_form_that_was_open_overnight_does_not_charge_another_sum(
    mine: Api, payer: Payer, database: Database
) -> None:
    case = order(mine, "fee", MONTHLY, start_at=TOMORROW)
    payer.open(case["payment_links"]["creditcard"])
    assert shown(payer) == (500, 500)
    advance(mine, days=1)
    assert payer.send(**CARD).status == 403
    assert asked(database, case) == []
    assert shown(payer.open(case["payment_links"]["creditcard"])) == (1490, 1490)


def change_plan(api: Api, case: Json, *phases: Json) -> None:
    """Gives the plan of an order other phases."""
    path = f"Payment/Plans/{case['basket']['products'][0]['plan_id']}"
    api.request("PATCH", path, json={"billing_cycles": [*phases]})


@pytest.mark.parametrize(
    ("before", "after"),
    [(MONTHLY, (phase(1),)), ((TRIAL, phase(990, sequence=2)), (TRIAL, phase(991, sequence=2)))],
    ids=["what is due today", "what is due later"],
)
def test_a_plan_that_changed_while_the_form_was_open_charges_nothing(
    mine: Api, payer: Payer, database: Database, before: Phases, after: Phases
) -> None:
    case = order(mine, "fee", before)
    payer.open(case["payment_links"]["creditcard"])
    change_plan(mine, case, *after)
    assert payer.send(**CARD).status == 403
    assert asked(database, case) == []
    assert "9,91" in payer.open(case["payment_links"]["creditcard"]).page or after[0]["price"] == 1


def test_a_plan_that_changed_while_the_payer_was_at_their_bank_is_billed_as_they_saw_it(
    mine: Api, payer: Payer, database: Database
) -> None:
    case = order(mine, "fee", (phase(990, "week"),))
    path = f"Smart/Transactions/{case['id']}"
    payer.open(case["payment_links"]["creditcard"]).send(**CARD | {"number": CHALLENGED})
    change_plan(mine, case, phase(99000, "day"))
    payer.send(choice="succeed")
    assert mine.get(path)["status"] in ("approved", "ok")
    if mine.get(path)["status"] == "approved":
        mine.post(f"{path}/start")
    advance(mine, days=8)
    assert asked(database, case) == [1490, 990]


# What follows


def test_what_was_paid_with_the_order_is_not_billed_again(mine: Api, database: Database) -> None:
    case = order(mine, "fee", (phase(990, total_cycles=3),))
    paid = mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())
    found = read(mine, paid["subscription"]["id"])
    assert found["billing_cycles"]["cycle_executions"][0]["cycles_completed"] == 1
    assert found["billing_cycles"]["next_billing_time"] == "2026-03-04T10:30:00+01:00"
    advance(mine, days=365)
    assert asked(database, case) == [1490, 990, 990]
    assert read(mine, paid["subscription"]["id"])["status"] == "completed"


def test_a_plan_of_one_payment_is_over_with_the_order_and_the_shop_is_told(mine: Api, database: Database) -> None:
    case = order(mine, "fee", (phase(300, total_cycles=1),))
    paid = mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())
    found = read(mine, paid["subscription"]["id"])
    assert found["status"] == "completed"
    assert "next_billing_time" not in found["billing_cycles"]
    with database.view() as view:
        assert [event.type for event in view.events.all(object_id=found["id"])] == ["changed"]


def test_a_reservation_holds_the_same_sum_and_the_cycles_count_from_the_capture(
    mine: Api, database: Database
) -> None:
    case = order(mine, "fee", MONTHLY)
    path = f"Smart/Transactions/{case['id']}"
    approved = mine.post(f"{path}/prepare/creditcard", card())
    advance(mine, days=3)
    mine.post(f"{path}/start")
    assert asked(database, case) == [1490]
    found = read(mine, approved["subscription"]["id"])
    assert found["billing_cycles"]["next_billing_time"] == "2026-03-07T10:30:00+01:00"


def test_a_sum_beyond_all_limits_is_refused(mine: Api) -> None:
    basket = {"products": [item(plan(mine, phase(LARGEST_AMOUNT)), priceOne=1)]}
    body = {"basket": basket, "application_context": TEMPLATE}
    assert mine.refused("POST", "Smart/Transactions", body)[::2] == (400, 3121)


def test_who_gives_other_payment_details_sees_what_they_will_pay(mine: Api, payer: Payer) -> None:
    phases = phase(100, total_cycles=2), phase(990, sequence=2)
    case = order(mine, "fee", phases)
    paid = mine.post(f"Smart/Transactions/{case['id']}/start/creditcard", card())
    path = f"Smart/Transactions/{paid['subscription']['id']}/updatePaymentContainer"
    payer.open(mine.post(path)["payment_links"]["creditcard"])
    assert terms(payer) == [
        "Zahlungen: Am 4. März 2026 einmalig: 1,00 €; Ab 4. April 2026: 9,90 € jeden Monat",
        "Laufzeit: Es läuft, bis es gekündigt wird.",
        CANCELLING,
    ]
    assert 'class="amount"' not in payer.page
    assert "Zahlungsart speichern" in payer.page
