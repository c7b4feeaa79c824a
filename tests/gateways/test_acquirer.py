"""A stand-in acquirer behind HTTP, through the API, the checkout and its webhooks, in any order."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest

from pfennig import application
from pfennig.checkout import limits
from pfennig.domain.attempt import Verb
from pfennig.domain.calendar import Occasion
from pfennig.domain.payment import Kind, State
from pfennig.gateways import Gateway, RailFailed
from pfennig.gateways.notices import LONGEST_WORD, Notice, UnreadableReport, WrongSignature
from pfennig.operations import calendar, notices
from pfennig.operations.acquiring import contract_rails
from pfennig.operations.core import audit
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts
from pfennig.operations.worlds.rails import NewRail
from pfennig.storage.database import Database
from pfennig.twin.simulator import Simulator
from tests.acquirer.rail import TYPES, AcquirerRail
from tests.acquirer.server import PAGES, Acquirer, Event
from tests.api.conftest import Everything, bought, card, everything, payment_of, prepared
from tests.checkout.conftest import Payer, payer
from tests.conftest import ON_BOTH, ON_POSTGRESQL, PUBLIC_URL, Api, Change, Json, StoppedClock
from tests.gateways.conftest import a_question

__all__ = ["everything", "payer"]

MERCHANT, SECRET = "shop-7", "whsec-of-shop-7"
CREDENTIALS = {"key": f"key-of-{MERCHANT}", "webhook_secret": SECRET}
NOTIFY = "/rails/acquirer/notify"
RETURN = {"success_url": "https://shop.example.test/paid", "failure_url": "https://shop.example.test/not-paid"}


@pytest.fixture
def platform(platform: Platform, acquirer: Acquirer, connections: httpx.Client, contract: Change) -> Platform:
    """A twin with two rails: cards and PayPal of my contract go to the acquirer."""
    acquirer.secrets[MERCHANT] = SECRET
    acquirer.events.clear()
    acquirer.seen.clear()
    acquirer.slow.clear()
    contract(
        methods=["creditcard", "debit", "paypal", "prepaid"],
        rails=[
            NewRail("acquirer", ["creditcard", "paypal"], CREDENTIALS),
            NewRail("simulator", ["debit", "prepaid"]),
        ],
    )
    rails: dict[str, Gateway] = {"simulator": Simulator(), "acquirer": AcquirerRail(acquirer.url, connections)}
    return replace(platform, rails=rails)


def deliver(http: httpx.Client, event: Event, **headers: str) -> tuple[int, Json]:
    """What a webhook is answered."""
    answer = http.post(NOTIFY, content=event.body, headers=event.headers | headers)
    return answer.status_code, answer.json()


def status(api: Api, case: Json) -> str:
    """How a case is."""
    return str(api.get(f"Smart/Transactions/{case['id']}")["status"])


def start_of(acquirer: Acquirer) -> str:
    """Our id of the last start."""
    return str([said for said in acquirer.seen if said["verb"] == "start"][-1]["request"])


def state(database: Database, case: Json) -> State:
    """The state of the leading payment."""
    with database.view() as view:
        return view.payments.get(view.smart_transactions.get(case["id"]).payment_id or "").state


def refund_state(database: Database, case: Json) -> State:
    """The state of the only refund."""
    with database.view() as view:
        [refund] = view.payments.all(smart_transaction_id=case["id"], kind=Kind.REFUND)
        return refund.state


def away(api: Api, **fields: Any) -> Json:
    """A case whose payer was sent to the acquirer's page."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/prepare/paypal")


@ON_BOTH
def test_a_payment_from_the_page_to_the_refund(mine: Api, http: httpx.Client, acquirer: Acquirer) -> None:
    case = prepared(mine, merchantRef="payer first")
    assert case["iframe_url"].startswith(f"{PAGES}/pay_")
    acquirer.payer(start_of(acquirer), "yes")
    assert status(mine, case) == "created"  # nobody has told us
    assert deliver(http, acquirer.events.pop()) == (200, {"taken": 1})
    assert status(mine, case) == "approved"
    mine.post(f"Smart/Transactions/{case['id']}/start")
    mine.post(f"Payment/Transactions/{case['transactions'][0]['id']}/cancel", {"reduce_amount_by": 200})
    start, capture, refund = acquirer.seen
    ids = [acquirer.requests[MERCHANT, said["request"]]["id"] for said in acquirer.seen]
    assert [said["about"] for said in acquirer.seen] == [None, *ids[:2]]
    assert [said["amount"] for said in acquirer.seen] == [500, 500, 200]
    assert start["email"] == "max@example.net"
    assert start["return_url"] == f"{PUBLIC_URL}/rails/return/{start['request']}"
    assert status(mine, case) == "ok"
    assert payment_of(mine, case)["amount"] == 500
    assert refund["verb"] == "refund"
    assert capture["verb"] == "capture"


@pytest.mark.parametrize("is_told", [True, False], ids=["webhook", "asked"])
def test_a_refund_that_takes_its_time_is_open_until_the_money_is_back(
    mine: Api,
    platform: Platform,
    http: httpx.Client,
    acquirer: Acquirer,
    clock: StoppedClock,
    database: Database,
    is_told: bool,
) -> None:
    case = bought(mine, payment_context={"auto_capture": True})
    acquirer.slow.add(MERCHANT)
    mine.post(f"Payment/Transactions/{case['transactions'][0]['id']}/cancel", {"reduce_amount_by": 200})
    assert refund_state(database, case) is State.CREATED
    clock.advance(minutes=2)
    if is_told:
        assert deliver(http, acquirer.report(acquirer.seen[-1]["request"], "request.answered"))[0] == 200
    else:
        calendar.run_due(Call(platform, None, "de", role="sweeper"))
    assert refund_state(database, case) is State.ACCEPTED
    assert [said["verb"] for said in acquirer.seen] == ["start", "refund"]


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"status": "invented"}', b'{"status": 1}', b"\xff"])
def test_an_answer_that_cannot_be_read_is_no_answer(answer: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=answer))
    with httpx.Client(transport=transport) as http, pytest.raises(RailFailed):
        AcquirerRail("https://acquirer.example", http).ask(a_question("creditcard", Verb.START))


def test_a_method_of_another_rail_goes_there(mine: Api, acquirer: Acquirer, database: Database) -> None:
    case = bought(mine, "debit")
    assert acquirer.seen == []
    with database.view() as view:
        assert {each.rail for each in view.attempts.all(smart_transaction_id=case["id"])} == {"simulator"}


def test_what_no_rail_serves_is_not_offered(mine: Api, contract: Change) -> None:
    contract(methods=["creditcard", "debit"], rails=[NewRail("acquirer", ["creditcard"], CREDENTIALS)])
    case = mine.buy()
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/debit", card())[::2] == (403, 4002)
    contract(methods=["creditcard", "debit"], rails=[NewRail("elsewhere", ["creditcard"])])
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/creditcard", card())[::2] == (403, 4002)


def test_a_payment_stays_with_its_rail(mine: Api, acquirer: Acquirer, contract: Change) -> None:
    case = prepared(mine)
    contract(rails=[NewRail("simulator", ["creditcard"]), NewRail("acquirer", [], CREDENTIALS)])
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert [said["verb"] for said in acquirer.seen] == ["start", "capture"]


def test_a_webhook_that_comes_again_changes_nothing(
    mine: Api, http: httpx.Client, acquirer: Acquirer, everything: Everything
) -> None:
    case = away(mine)
    acquirer.payer(start_of(acquirer), "yes")
    opened = acquirer.report(start_of(acquirer), "dispute.opened")
    answered = acquirer.events[0]
    for event in (answered, opened):
        assert deliver(http, event)[0] == 200
    before = everything()
    for event in (answered, opened, answered):
        assert deliver(http, event) == (200, {"taken": 1})
    assert everything() == before
    assert status(mine, case) == "approved"


@ON_BOTH
def test_webhooks_in_the_wrong_order_end_where_they_should(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database
) -> None:
    case = bought(mine, payment_context={"auto_capture": True})
    now, request = datetime.now(UTC), start_of(acquirer)
    won = acquirer.report(request, "dispute.won", now)
    opened = acquirer.report(request, "dispute.opened", now - timedelta(days=3))
    assert deliver(http, won)[0] == 200
    assert state(database, case) is State.ACCEPTED
    assert deliver(http, opened)[0] == 200
    assert state(database, case) is State.RESOLVED
    again = acquirer.report(request, "dispute.opened", now + timedelta(days=1))
    deliver(http, again)
    deliver(http, won)
    assert state(database, case) is State.ISSUE


@ON_POSTGRESQL
def test_a_dispute_is_taken_in_however_much_the_rail_says_why(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = "the payer does not know of it, " * 9
    type = why[:LONGEST_WORD]
    monkeypatch.setitem(TYPES, type, Occasion.CHARGED_BACK)
    case = bought(mine, payment_context={"auto_capture": True})
    assert deliver(http, acquirer.report(start_of(acquirer), type))[0] == 200
    assert state(database, case) is State.ISSUE
    with database.view() as view:
        [report] = view.reports.all(smart_transaction_id=case["id"])
    assert report.reason == type


@pytest.mark.parametrize("order", [*permutations(range(3))], ids=str)
def test_in_whatever_order_a_dispute_that_was_opened_again_is_open(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database, order: tuple[int, ...]
) -> None:
    case, now = bought(mine, payment_context={"auto_capture": True}), datetime.now(UTC)
    types = ("dispute.opened", "dispute.won", "dispute.opened")
    events = [acquirer.report(start_of(acquirer), type, now + timedelta(days=day)) for day, type in enumerate(types)]
    for number in order:
        assert deliver(http, events[number])[0] == 200
    assert state(database, case) is State.ISSUE
    for event in events:
        assert deliver(http, event)[0] == 200
    assert state(database, case) is State.ISSUE


def test_a_webhook_that_comes_before_the_answer_waits_for_it(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database
) -> None:
    case = prepared(mine, merchantRef="error", payment_context={"auto_capture": True})
    assert state(database, case) is State.CREATED  # the answer was lost
    assert deliver(http, acquirer.report(start_of(acquirer), "dispute.opened"))[0] == 404  # by a name we do not know
    assert deliver(http, acquirer.report(start_of(acquirer), "request.answered"))[0] == 200
    assert state(database, case) is State.ACCEPTED
    assert deliver(http, acquirer.report(start_of(acquirer), "dispute.opened"))[0] == 200
    assert state(database, case) is State.ISSUE


@pytest.mark.parametrize(("mood", "end"), [("error", "approved"), ("silence", "failed"), ("late", "approved")])
def test_a_lost_or_late_answer_is_asked_for(
    mine: Api, platform: Platform, clock: StoppedClock, acquirer: Acquirer, mood: str, end: str
) -> None:
    case = prepared(mine, merchantRef=mood)
    assert case["status"] == "created"
    clock.advance(minutes=2)
    call = Call(platform, None, "de", role="sweeper")
    calendar.run_due(call)
    attempts.sweep(call)
    assert status(mine, case) == end
    assert len([said for said in acquirer.seen if said["verb"] == "start"]) == (0 if mood == "silence" else 1)


FORGED: dict[str, tuple[str, str]] = {
    "none": ("", ""),
    "nonsense": ("Acquirer-Signature", "v1"),
    "other": ("Acquirer-Signature", "t=1,v1=00"),
    "no time": ("Acquirer-Signature", "t=,v1=00"),
    "letters": ("Acquirer-Signature", "t=1e9,v1=00"),
    "far future": ("Acquirer-Signature", "t=999999999999,v1=00"),
}


def test_whoever_cannot_sign_changes_nothing(
    mine: Api, http: httpx.Client, acquirer: Acquirer, everything: Everything
) -> None:
    away(mine)
    acquirer.payer(start_of(acquirer), "yes")
    [event] = acquirer.events
    before = everything()
    for name, value in FORGED.values():
        headers = {"Content-Type": "application/json"} | ({name: value} if name else {})
        answer = http.post(NOTIFY, content=event.body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, 4185)
    old = acquirer.signed(event.body, SECRET, int(datetime.now(UTC).timestamp()) - 3600)
    other = acquirer.signed(event.body, "whsec-of-somebody-else")
    changed = Event(event.body.replace(b"answered", b"answerex"), event.headers)
    for forged in (old, other, changed):
        assert deliver(http, forged)[0] == 401
    assert everything() == before
    assert deliver(http, event)[0] == 200


@pytest.mark.parametrize("credentials", [{}, {"webhook_secret": ""}], ids=["none", "empty"])
def test_where_there_are_no_credentials_nobody_can_have_signed(
    mine: Api, platform: Platform, acquirer: Acquirer, database: Database, credentials: dict[str, str]
) -> None:
    away(mine)
    with database.unit() as unit:
        methods = ["creditcard", "paypal"]
        contract_rails.assign(unit, audit.OPERATOR, "GCR_MINE", "acquirer", methods, credentials, platform.rails)
    with pytest.raises(WrongSignature):
        notices.Inbox(platform, "acquirer").account_of(start_of(acquirer))


def test_no_merchant_reports_about_another(
    mine: Api,
    platform: Platform,
    stranger: Api,
    http: httpx.Client,
    acquirer: Acquirer,
    database: Database,
    everything: Everything,
) -> None:
    acquirer.secrets["shop-8"] = "whsec-of-shop-8"
    with database.unit() as unit:
        said = {"key": "key-of-shop-8", "webhook_secret": "whsec-of-shop-8"}
        contract_rails.assign(unit, audit.OPERATOR, "GCR_STRANGER", "acquirer", ["creditcard"], said, platform.rails)
    bought(mine, payment_context={"auto_capture": True})
    of_mine = json.loads(acquirer.report(start_of(acquirer), "dispute.opened").body)
    bought(stranger, payment_context={"auto_capture": True})
    of_stranger = json.loads(acquirer.report(start_of(acquirer), "dispute.opened").body)
    before = everything()
    for body in (of_mine, of_stranger | {"payment": of_mine["payment"]}):
        status, answer = deliver(http, acquirer.signed(json.dumps(body).encode(), "whsec-of-shop-8"))
        assert (status, answer["code"]) == (401, 4185)
    assert everything() == before
    assert deliver(http, acquirer.signed(json.dumps(of_stranger).encode(), "whsec-of-shop-8"))[0] == 200


@ON_POSTGRESQL
def test_the_same_report_at_the_same_moment_is_kept_once(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database
) -> None:
    case = bought(mine, payment_context={"auto_capture": True})
    event = acquirer.report(start_of(acquirer), "dispute.opened")
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda _: deliver(http, event)[0], range(4))]
    assert answers == [200] * 4
    with database.view() as view:
        assert len(view.reports.all(smart_transaction_id=case["id"])) == 1
        assert len([move for move in view.moves.all(smart_transaction_id=case["id"]) if move.after == "issue"]) == 1


def test_what_cannot_be_read_or_is_not_ours_changes_nothing(
    mine: Api, http: httpx.Client, acquirer: Acquirer, everything: Everything
) -> None:
    away(mine)
    known = json.loads(acquirer.report(start_of(acquirer), "request.answered").body)
    before = everything()
    odd = [b"", b"[1]", b"{", b"\xff", json.dumps(known | {"at": "yesterday"}).encode()]
    odd += [
        json.dumps(known | {"at": "2026-02-04T10:00:00"}).encode(),
        json.dumps(known | {"id": "x" * 300}).encode(),
    ]
    for body in odd:
        assert deliver(http, acquirer.signed(body, SECRET))[0] == 400, body
    for reference in ("ATT_NONE", "pay_999999", "", "\0"):
        body = json.dumps(known | {"request": reference, "payment": reference}).encode()
        status, answer = deliver(http, acquirer.signed(body, SECRET))
        assert (status, answer["code"]) == (404, 3197), reference
    assert deliver(http, acquirer.signed(b" " * 2**19, SECRET))[0] == 413
    unheard = json.dumps(known | {"type": "invented.today"}).encode()
    assert deliver(http, acquirer.signed(unheard, SECRET)) == (200, {"taken": 0})
    event = acquirer.signed(json.dumps(known).encode(), SECRET)
    for rail in ("simulator", "nobody", "x" * 300):
        answer_ = http.post(f"/rails/{rail}/notify", content=event.body, headers=event.headers)
        assert (answer_.status_code, answer_.json()["code"]) == (404, 3196)
    assert everything() == before


def test_an_attempt_of_another_rail_is_unknown(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database
) -> None:
    case = bought(mine, "debit")
    away(mine)
    known = json.loads(acquirer.report(start_of(acquirer), "dispute.opened").body)
    with database.view() as view:
        [other] = view.attempts.all(smart_transaction_id=case["id"])
    body = json.dumps(known | {"request": other.id, "payment": other.id}).encode()
    assert deliver(http, acquirer.signed(body, SECRET))[0] == 404


def test_whoever_comes_back_is_led_on_and_only_the_rail_is_believed(
    mine: Api, http: httpx.Client, acquirer: Acquirer
) -> None:
    case = away(mine)
    back = f"/rails/return/{start_of(acquirer)}"
    early = http.get(f"{back}?result=success&status=captured")
    assert (early.status_code, early.headers["Location"]) == (303, f"/pay/result?stx={case['id']}&lang=de")
    assert status(mine, case) == "created"
    acquirer.payer(start_of(acquirer), "yes")
    for answer in (http.post(back, data={"PaRes": "x" * 1000}), http.get(back)):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"/pay/onward?stx={case['id']}")
    assert status(mine, case) != "created"
    assert http.get("/rails/return/ATT_NONE").status_code == 404


@pytest.mark.parametrize(
    ("choice", "url"), [("yes", "success_url"), ("no", "failure_url"), ("leaves", "failure_url")]
)
def test_a_shops_own_checkout_has_its_payer_back(
    mine: Api, http: httpx.Client, acquirer: Acquirer, choice: str, url: str
) -> None:
    case = mine.buy(merchantRef="payer first")
    mine.post(f"Smart/Transactions/{case['id']}/prepare/creditcard", card() | {"callback_urls": RETURN})
    acquirer.payer(start_of(acquirer), choice)
    assert http.get(f"/rails/return/{start_of(acquirer)}").headers["Location"] == RETURN[url]


def test_a_payer_in_our_checkout_goes_there_and_back(
    mine: Api, payer: Payer, http: httpx.Client, acquirer: Acquirer
) -> None:
    case = mine.buy()
    payer.open(case["payment_links"]["paypal"]).send()
    assert payer.sent_to.startswith(PAGES)
    acquirer.payer(start_of(acquirer), "yes")
    payer.open(f"{PUBLIC_URL}/rails/return/{start_of(acquirer)}")
    assert payer.sent_to == "https://shop.example.test/success?order=7"


def test_who_left_without_deciding_is_back_at_the_choice(mine: Api, payer: Payer, acquirer: Acquirer) -> None:
    case = mine.buy()
    payer.open(case["payment_links"]["paypal"]).send()
    acquirer.payer(start_of(acquirer), "leaves")
    payer.open(f"{PUBLIC_URL}/rails/return/{start_of(acquirer)}")
    assert payer.status == 200
    assert payer.sent_to.startswith("/pay?")
    assert status(mine, case) == "created"


@ON_BOTH
def test_a_late_yes_to_what_was_given_up_gives_the_money_back(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database
) -> None:
    case = away(mine, payment_context={"auto_capture": True})
    given_up = start_of(acquirer)
    bought_by_debit = mine.post(
        f"Smart/Transactions/{case['id']}/start/debit",
        {"container": {"type": "bank_account", "private": {"owner": "Max", "iban": "DE35500105175418493188"}}},
    )
    acquirer.payer(given_up, "yes")
    assert deliver(http, acquirer.events.pop())[0] == 200
    assert [said["verb"] for said in acquirer.seen] == ["start", "refund"]
    assert acquirer.seen[1]["about"] == acquirer.requests[MERCHANT, given_up]["id"]
    assert status(mine, case) == bought_by_debit["status"] == "ok"


def test_credentials_are_shown_nowhere(
    mine: Api, platform: Platform, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    case = prepared(mine)
    mine.get("General/Contracts/GCR_MINE")
    with database.view() as view:
        contract = view.contracts.get("GCR_MINE")
        attempts_ = view.attempts.all(smart_transaction_id=case["id"])
    shown = f"{contract} {attempts_} {mine.get('General/Contracts/GCR_MINE')} {capsys.readouterr()}"
    assert not any(secret in shown for secret in CREDENTIALS.values())
    assert dict(contract.credentials_at("acquirer")) == CREDENTIALS


@pytest.mark.parametrize("words", [("", "ATT_1"), ("evt", ""), ("e" * 256, "ATT_1"), ("evt", "a\nb")])
def test_a_notice_that_makes_no_sense_is_none(words: tuple[str, str]) -> None:
    with pytest.raises(UnreadableReport):
        Notice(*words, datetime.now(UTC))


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2026-02-04T09:30:00"])
def test_a_notice_happened_at_a_moment(moment: str) -> None:
    with pytest.raises(UnreadableReport):
        Notice("evt", "ATT_1", datetime.fromisoformat(moment))


@pytest.fixture
def bare(platform: Platform) -> Iterator[httpx.Client]:
    """A client to whom bugs are raised."""
    with httpx.Client(transport=httpx.WSGITransport(application.create(platform)), base_url=PUBLIC_URL) as client:
        yield client


def test_a_payment_that_is_being_worked_on_is_reported_again(
    mine: Api, bare: httpx.Client, acquirer: Acquirer, database: Database
) -> None:
    case = bought(mine, payment_context={"auto_capture": True})
    start = start_of(acquirer)
    with database.unit() as unit:  # somebody asks for a refund at this moment
        [first] = unit.attempts.all(smart_transaction_id=case["id"])
        unit.attempts.add(replace(first, id="ATT_BUSY", is_open=True, result=None, reference="", seq=0))
    event = acquirer.report(start, "dispute.opened")
    answer = bare.post(NOTIFY, content=event.body, headers=event.headers)
    assert (answer.status_code, answer.json()["code"]) == (503, 4186)
    assert "Retry-After" in answer.headers
    assert state(database, case) is State.ACCEPTED


def test_a_payer_who_never_comes_back_is_asked_about(
    mine: Api, platform: Platform, clock: StoppedClock, acquirer: Acquirer, database: Database
) -> None:
    case, call = away(mine), Call(platform, None, "de", role="sweeper")
    for minutes in (16, 31, 70):  # they take their time
        clock.advance(minutes=minutes)
        assert calendar.run_due(call) >= 1
        assert status(mine, case) == "created"
    acquirer.payer(start_of(acquirer), "yes")
    acquirer.events.clear()  # and the webhook is lost
    clock.advance(hours=4)
    calendar.run_due(call)
    assert status(mine, case) == "approved"


def test_who_comes_back_again_and_again_changes_nothing_and_is_calmed(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database
) -> None:
    case = away(mine)
    back = f"/rails/return/{start_of(acquirer)}"
    answers = [http.get(back).status_code for _ in range(limits.SENT_PER_TRANSACTION + 2)]
    assert set(answers[:-2]) == {303}
    assert answers[-1] == 429
    with database.view() as view:
        assert len(view.appointments.all(smart_transaction_id=case["id"], what=Occasion.ASK)) == 1
