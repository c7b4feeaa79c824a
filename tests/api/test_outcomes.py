"""The outcome table of the lab: each row is played through the API, until nothing more comes by itself."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pfennig.domain.methods import METHODS
from pfennig.domain.payment import STATUSES, State
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import attempts
from pfennig.storage.database import Database
from pfennig.twin.simulator import instruments
from pfennig.twin.simulator.plots import SCENARIOS
from tests.api.conftest import AtTheBank, account, card, payment_of
from tests.conftest import Api, Json, currency

PAID, REFUSED = ("ok", ["accepted"]), ("aborted", ["denied"])
"""What was refused ends after a day in which nobody has tried again."""
EXPECTED: dict[str, tuple[str, list[str]]] = {
    "approved": PAID,
    "frictionless": PAID,
    "challenge": PAID,
    "authentication_failed": REFUSED,
    "authentication_unavailable": REFUSED,
    "authentication_timeout": REFUSED,
    "insufficient_funds": REFUSED,
    "do_not_honour": REFUSED,
    "card_lost": REFUSED,
    "card_expired": REFUSED,
    "issuer_unavailable": REFUSED,
    "account_refused": REFUSED,
    "silence": REFUSED,
    "error": PAID,
    "review_approved": ("ok", ["pending", "accepted"]),
    "review_refused": ("aborted", ["pending", "denied"]),
    "charged_back": ("ok", ["accepted", "issue"]),
    "charge_back_won": ("ok", ["accepted", "issue", "issue_resolved"]),
    "returned_ac04": ("ok", ["accepted", "issue"]),
    "returned_am04": ("ok", ["accepted", "issue"]),
    "returned_md06": ("ok", ["accepted", "issue"]),
}
"""How the Smart Transaction ends, and the path of its payment."""

OF_EACH_KIND = (
    "approved",
    "do_not_honour",
    "challenge",
    "review_approved",
    "review_refused",
    "charge_back_won",
    "silence",
    "error",
)
"""An outcome for each way in which a rail can answer."""

THE_MERCHANTS = frozenset({"accepted", "issue_resolved"})
"""Where a path ends if the merchant has the money."""

BY_ALL: Json = {"contract": {"id": "GCR_ALL"}, "basket_info": {"sum": 500_00, "currency": "EUR"}}
"""A sum that every method takes, instalments too."""


def by_all(method: str) -> Json:
    """The same in a currency that a method has."""
    return BY_ALL | {"basket_info": {"sum": 500_00, "currency": currency(method)}}


BODIES: dict[str, Json | None] = dict.fromkeys(METHODS) | {"creditcard": card(), "debit": account()}
"""What starts a payment by each method."""


def expected(method: str, plot: str) -> tuple[str, list[str]]:
    """How a Smart Transaction by this method ends, and the path of its payment."""
    status, path = EXPECTED[plot]
    if path == ["denied"]:
        return status, path
    if method == "prepaid":  # whatever its rail says, it waits for the transfer
        return "pending", ["pending"]
    if method == "invoice":  # it waits for the goods to be shipped
        return "ok", ["ordered"]
    return status, path


def start(api: Api, method: str, body: Json | None = None, **fields: Any) -> Json:
    """A Smart Transaction for which somebody begins to pay."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/start/{method}", body)


def lab(api: Api, path: str, **body: Any) -> Json:
    """What the lab answers to a POST."""
    answer = api.http.post(f"/lab/v1/{path}", json=body, headers=api.headers)
    assert answer.status_code == 200, answer.text
    result: Json = answer.json()
    return result


def assert_played(mine: Api, database: Database, subtests: pytest.Subtests, cases: Mapping[str, Json]) -> None:
    """After two months all of each plot has happened, in its order, and the books agree. cases: by plot and more."""
    lab(mine, "clock/advance", days=60)
    for name, case in cases.items():
        with subtests.test(name):
            status, path = expected(case["payment_method"], name.partition(" ")[0])
            assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == status
            payment = payment_of(mine, mine.get(f"Smart/Transactions/{case['id']}"))
            assert payment["details"]["status_simple"] == STATUSES[State(path[-1])].simple
            is_paid = path[-1] in THE_MERCHANTS
            with database.view() as view:
                assert [move.after for move in view.moves.all(object_id=payment["id"])] == path
                assert len(view.events.all(object_id=payment["id"], type="changed")) == len(path)
                booked = view.postings.all(account="merchant_payable", payment_id=payment["id"])
            assert sum(posting.amount for posting in booked) == (payment["amount"] if is_paid else 0)
    with database.view() as view:
        assert reconciliation.check_all(view) == (len(cases), [])


def begun(mine: Api, at_the_bank: AtTheBank, method: str, body: Json | None, plot: str, **fields: Any) -> Json:
    """A Smart Transaction for which somebody has paid, as far as he can."""
    case = start(mine, method, body, **fields)
    if "iframe_url" in case:
        assert plot == "challenge"
        at_the_bank(case, "succeed")
    return case


def test_each_plot_is_in_the_table() -> None:
    assert set(EXPECTED) == set(SCENARIOS)


def test_each_test_card_and_account_does_what_the_table_says(
    mine: Api, database: Database, at_the_bank: AtTheBank, subtests: pytest.Subtests
) -> None:
    cases = {
        f"{each.plot} {each.number}": begun(mine, at_the_bank, "creditcard", card(each.number), each.plot)
        for each in instruments.CARDS
    }
    cases |= {
        f"{each.plot} {each.iban}": begun(mine, at_the_bank, "debit", account(each.iban), each.plot)
        for each in instruments.ACCOUNTS
    }
    assert_played(mine, database, subtests, cases)


def queued(is_everything: bool) -> Iterator[tuple[str, str]]:
    """Methods and outcomes: by card all, by each other method one of each kind, or in turn two of those."""
    for place, method in enumerate(METHODS):
        if method == "creditcard":
            yield from ((method, plot) for plot in SCENARIOS)
        elif is_everything:
            yield from ((method, plot) for plot in OF_EACH_KIND)
        else:
            yield from ((method, OF_EACH_KIND[(2 * place + more) % len(OF_EACH_KIND)]) for more in (0, 1))


def test_each_outcome_can_be_queued_for_the_next_payment(
    request: pytest.FixtureRequest,
    mine: Api,
    database: Database,
    at_the_bank: AtTheBank,
    subtests: pytest.Subtests,
) -> None:
    cases = {}
    for method, plot in queued(request.config.getoption("everything")):
        lab(mine, "outcomes", outcome=plot, method=method)
        cases[f"{plot} by {method}"] = begun(mine, at_the_bank, method, BODIES[method], plot, **by_all(method))
    assert_played(mine, database, subtests, cases)


def test_a_queued_outcome_is_for_one_payment_by_that_method(mine: Api, stranger: Api) -> None:
    lab(mine, "outcomes", outcome="card_lost", method="creditcard")
    assert start(mine, "debit", account())["status"] == "ok"
    assert start(stranger, "creditcard", card())["status"] == "ok"
    assert start(mine, "creditcard", card())["status"] == "failed"
    assert start(mine, "creditcard", card())["status"] == "ok"


def test_queued_outcomes_are_used_in_their_order(mine: Api) -> None:
    for plot in ("card_lost", "approved", "insufficient_funds"):
        lab(mine, "outcomes", outcome=plot)
    seen = mine.http.get("/lab/v1/outcomes", headers=mine.headers).json()
    assert [answer["outcome"] for answer in seen["data"]] == ["card_lost", "approved", "insufficient_funds"]
    assert set(seen["outcomes"]) == set(SCENARIOS)
    assert [start(mine, "creditcard", card())["status"] for _ in range(4)] == ["failed", "ok", "failed", "ok"]


def test_queued_outcomes_can_be_dropped(mine: Api) -> None:
    lab(mine, "outcomes", outcome="card_lost")
    mine.http.delete("/lab/v1/outcomes", headers=mine.headers)
    assert start(mine, "creditcard", card())["status"] == "ok"


def test_a_rail_can_be_told_to_answer_later(mine: Api, database: Database) -> None:
    lab(mine, "outcomes", method="creditcard", after_seconds=30)
    case = start(mine, "creditcard", card())
    assert case["status"] == "created"
    lab(mine, "clock/advance", seconds=29)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "created"
    lab(mine, "clock/advance", seconds=1)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"


def test_a_late_yes_after_we_gave_up_is_given_back(mine: Api, database: Database) -> None:
    lab(mine, "outcomes", after_seconds=30)
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/prepare/creditcard", card())
    mine.post(f"Smart/Transactions/{case['id']}/abort")
    lab(mine, "clock/advance", minutes=1)
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "aborted"
    assert payment_of(mine, case)["details"]["status_simple"] == 5
    with database.view() as view:
        assert reconciliation.check_all(view) == (1, [])


def test_a_refund_can_be_told_to_fail(mine: Api, database: Database) -> None:
    case = start(mine, "creditcard", card())
    lab(mine, "outcomes", outcome="issuer_unavailable", verb="refund")
    path = f"Payment/Transactions/{case['transactions'][0]['id']}/cancel"
    payment, refund = mine.request("POST", path, json={"reduce_amount_by": 200}).json()
    assert (payment["details"]["amount"], refund["details"]["status_simple"]) == (500, 3)
    payment, refund = mine.request("POST", path, json={"reduce_amount_by": 200}).json()
    assert (payment["details"]["amount"], refund["details"]["status_simple"]) == (300, 1)
    with database.view() as view:
        assert reconciliation.check_all(view)[1] == []


def test_an_unknown_outcome_is_refused_with_those_there_are(mine: Api) -> None:
    for body in ({"outcome": "sunshine"}, {}, {"outcome": "approved", "method": "barter"}, {"after_seconds": -1}):
        answer = mine.http.post("/lab/v1/outcomes", json=body, headers=mine.headers)
        assert answer.status_code in (400, 404), body
    assert start(mine, "creditcard", card())["status"] == "ok"


def test_what_was_charged_back_cannot_be_refunded_until_it_is_resolved(mine: Api, database: Database) -> None:
    case = start(mine, "creditcard", card("4000000000002305"))
    lab(mine, "clock/advance", days=10)
    path = f"Payment/Transactions/{case['transactions'][0]['id']}"
    assert mine.get(f"{path}/checkStatus") | {"status_text": ""} == {
        "status": 69,
        "status_text": "",
        "status_simple": 4,
        "status_simple_text": "issue",
        "amount": 500,
        "currency": "EUR",
    }
    assert mine.refused("POST", f"{path}/cancel") == (403, "ProductNotAllowedException", 4001)
    assert mine.refused("POST", f"Smart/Transactions/{case['id']}/cancel")[0] == 403
    lab(mine, "clock/advance", days=40)
    assert mine.get(f"{path}/checkStatus")["status_simple"] == 6
    mine.request("POST", f"{path}/cancel", json={"reduce_amount_by": 100})
    assert mine.get(f"{path}/checkStatus")["amount"] == 400
    with database.view() as view:
        assert reconciliation.check_all(view)[1] == []


def test_of_a_partly_refunded_payment_only_the_rest_is_charged_back(mine: Api, database: Database) -> None:
    case = start(mine, "creditcard", card("4000000000002206"))
    mine.request(
        "POST", f"Payment/Transactions/{case['transactions'][0]['id']}/cancel", json={"reduce_amount_by": 200}
    )
    lab(mine, "clock/advance", days=10)
    assert payment_of(mine, case)["details"]["status_simple"] == 4
    with database.view() as view:
        assert sum(p.amount for p in view.postings.all(account="merchant_payable")) == 0
        assert reconciliation.check_all(view)[1] == []


def test_a_charge_back_waits_for_a_refund_that_is_under_way(
    mine: Api, platform: Platform, database: Database
) -> None:
    case = start(mine, "creditcard", card("4000000000002206"))
    lab(mine, "outcomes", outcome="approved", verb="refund", after_seconds=11 * 24 * 3600)
    mine.request("POST", f"Payment/Transactions/{case['transactions'][0]['id']}/cancel")
    lab(mine, "clock/advance", days=12)
    assert payment_of(mine, case)["details"]["status_simple"] == 5
    attempts.sweep(Call(platform, None, "de"))
    with database.view() as view:
        assert view.appointments.all(is_open=True) == []
        assert reconciliation.check_all(view)[1] == []
