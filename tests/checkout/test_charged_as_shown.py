"""The sum on the page is the sum that the rail is asked for, now and at each later cycle, whatever is bought and how.

Only what the page says is compared with what the rails are asked: `tests/reading.py` reads it as a payer would.
"""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfennig.clock import german_day
from pfennig.domain.attempt import Attempt, Verb
from pfennig.domain.methods import METHODS
from pfennig.domain.methods.method import Outside
from pfennig.language import LANGUAGES
from pfennig.storage.database import Database
from tests import reading
from tests.api.recurring import PUSH, TEMPLATE, item, plan, set_to
from tests.checkout.conftest import Payer
from tests.conftest import Api, Json, currency
from tests.marketplace import ANNA, PLATFORM, article, part, share

PLACE = {"street": "Am Markt 1", "postal_code": "07743", "city": "Jena", "country": "DE"}
MAX = {"contact": {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": PLACE}}
TYPED: dict[str, dict[str, str]] = {
    "creditcard": {"number": "4111111111111111", "expiry": "12/39", "cvv": "123", "owner": "Max"},
    "debit": {"owner": "Max", "iban": "DE35500105175418493188"},
}
LOOKED_AT, HORIZON = 4, timedelta(200)
"""How many payments after the first one are compared with the page, and how far ahead: clocks only go forward."""

intervals = st.sampled_from(
    [("day", 1), ("day", 10), ("week", 1), ("week", 3), ("month", 1), ("month", 6), ("year", 1)]
)
prices = st.sampled_from([0, 1, 990, 123_456, 99_999_999_99])


def phase(sequence: int, price: int, interval: tuple[str, int], cycles: int, kind: str = "regular") -> Json:
    """A phase of a plan."""
    unit, length = interval
    return {"sequence": sequence, "price": price, "total_cycles": cycles, "tenure_type": kind} | {
        "interval": {"unit": unit, "count": length}
    }


@st.composite
def phases(draw: st.DrawFn) -> list[Json]:
    """A plan: perhaps a trial or a set-up, then what comes regularly, with or without an end."""
    kinds = draw(st.lists(st.sampled_from(["trial", "setup", "regular"]), max_size=2))
    before = [
        phase(place, draw(prices), draw(intervals), draw(st.integers(1, 3)), kind)
        for place, kind in enumerate(kinds, 1)
    ]
    return [*before, phase(9, draw(prices.filter(bool)), draw(intervals), draw(st.sampled_from([0, 0, 1, 3])))]


def starts_of_rails(database: Database, case: Json) -> list[Attempt]:
    """What the rails were asked for an order and the cycles of its subscription, in its order."""
    with database.view() as view:
        billed = view.smart_transactions.all(origin="subscriptions")
        cycles = [each.id for each in billed if each.subscription_id == subscription_of(database, case)]
        return view.attempts.all(smart_transaction_id=[case["id"], *cycles], verb=Verb.START)


def subscription_of(database: Database, case: Json) -> str | None:
    """The subscription that an order has begun."""
    with database.view() as view:
        return view.smart_transactions.get(case["id"]).subscription_id


def on_top(payer: Payer, language: str, currency: str) -> int:
    """The sum above the page."""
    [text] = re.findall(r'<p class="amount">([^<]*)</p>', payer.page)
    return reading.amount(unescape(text), language, currency)


def on_button(payer: Payer) -> str:
    """What the button says that pays."""
    [text] = re.findall(r'-pay">.*?<span>([^<]*)</span></span></button>', payer.panel, re.DOTALL)
    return unescape(text)


@settings(max_examples=8)
@given(
    phases=phases(),
    fee=st.sampled_from([0, 500, 123_456]),
    goods=st.sampled_from([0, 800, 99_999_99]),
    voucher=st.sampled_from([0, 150]),
    days_ahead=st.sampled_from([-3, 0, 0, 1, 40]),
    method=st.sampled_from([*TYPED]),
    language=st.sampled_from([*LANGUAGES]),
)
def test_a_subscription_is_charged_as_its_page_says(
    mine: Api,
    payer: Payer,
    database: Database,
    phases: list[Json],
    fee: int,
    goods: int,
    voucher: int,
    days_ahead: int,
    method: str,
    language: str,
) -> None:
    now = datetime.fromisoformat(mine.buy()["created"])
    start = {"start_at": (now + timedelta(days_ahead)).isoformat()} if days_ahead else {}
    voucher = voucher if goods else 0
    products = [item(plan(mine, *phases), priceOne=fee, **start)]
    products += [{"item_type": "article", "desc": "Mug", "priceOne": goods}] * bool(goods)
    products += [{"item_type": "coupon", "desc": "NEW", "priceOne": voucher}] * bool(voucher)
    case = mine.buy(
        basket={"products": products},
        basket_info={"sum": fee + goods - voucher, "currency": "EUR"},
        application_context=TEMPLATE | PUSH,
        customer=MAX,
        payment_context={"auto_capture": True},
    )
    payer.open(f"{case['payment_links'][method]}&lang={language}")
    charges = reading.charges(reading.shown_terms(payer.page), german_day(now), language)
    label = on_button(payer)
    assert charges.today == on_top(payer, language, "EUR") == reading.amount(label, language)
    payer.send(**TYPED[method])
    assert [one.amount for one in starts_of_rails(database, case)] == [charges.today]

    expected = [*charges.until(german_day(now) + HORIZON)][:LOOKED_AT]
    last = (expected[-1][0] if expected else german_day(now)) + timedelta(3)
    set_to(mine, f"{last}T12:00:00+01:00")
    _, *billed = [(german_day(one.created), one.amount) for one in starts_of_rails(database, case)]
    assert [price for _, price in billed[: len(expected)]] == [price for _, price in expected]
    assert all(
        timedelta() <= day - said <= timedelta(3) for (said, _), (day, _) in zip(expected, billed, strict=False)
    )
    assert len([*charges.until(last - timedelta(3))]) <= len(billed) <= len([*charges.until(last)])
    if subscription := subscription_of(database, case):
        mine.request("POST", f"Payment/Subscriptions/{subscription}/cancel", json={"reason": "enough"})


BASKETS: dict[str, list[Json]] = {
    "goods": [article(30000), article(20000, quantity=1)],
    "shares": [article(50000), share(45, ANNA), share(5)],
    "parts": [part(ANNA, 30100, share(33), share(7)), part(PLATFORM, 19900, share(11, ANNA))],
}


@pytest.mark.parametrize("method", [*METHODS])
@settings(max_examples=4)
@given(
    language=st.sampled_from([*LANGUAGES]),
    kind=st.sampled_from(["none", *BASKETS]),
    title=st.sampled_from(["", "Los!"]),
)
def test_any_payment_is_charged_as_its_page_says(
    mine: Api, payer: Payer, database: Database, method: str, language: str, kind: str, title: str
) -> None:
    money, is_mine = currency(method), method in ("creditcard", "debit", "invoice", "prepaid")
    kind = kind if is_mine or kind == "none" else "goods"
    basket = {"basket": {"products": BASKETS[kind]}} if kind != "none" else {}
    contract = {} if is_mine else {"contract": {"id": "GCR_ALL"}}
    context = {"iframe_opts": {"submit_button_title": title}} if title else {}
    case = mine.buy(
        customer=MAX,
        payment_context={"auto_capture": True},
        basket_info={"sum": 50000, "currency": money},
        application_context=context,
        **basket,
        **contract,
    )
    payer.open(f"{case['payment_links'][method]}&lang={language}")
    label, page = on_button(payer), METHODS[method].checkout
    assert on_top(payer, language, money) == 50000
    assert title in label
    if title or page.outside is not Outside.ALWAYS or any(sign.isdigit() for sign in label):
        assert reading.amount(label, language, money) == 50000
    payer.send(**TYPED.get(method, {}))
    assert [one.amount for one in starts_of_rails(database, case)] == [50000]
