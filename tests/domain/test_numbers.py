"""Small rules: numbers from outside, opening hours, products, references, tokens, wallets, and periods."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pfennig.domain import crowd, ident, retention, token, wallet
from pfennig.domain.calendar import Shift
from pfennig.domain.container import Container, Type
from pfennig.domain.ident import ServiceIssue
from pfennig.domain.mandate import Mandate, Scheme
from pfennig.domain.methods import METHODS
from pfennig.domain.numbers import decimal, whole
from pfennig.domain.parties import Merchant
from pfennig.domain.payment import Kind, Payment, State
from pfennig.domain.products import product
from pfennig.domain.reference import Referable, read_as
from pfennig.domain.retention import BadRetention, periods
from pfennig.domain.stores import Store, is_open, of_week
from tests.storage.facts import a_payment, a_refund

WHOSE: dict[str, Any] = {
    "id": "x",
    "merchant_id": "x",
    "contract_id": "x",
    "created": datetime(2026, 2, 4, tzinfo=UTC),
}
NOW = datetime(2026, 2, 4, 9, 30, tzinfo=UTC)


def test_whole_numbers_have_no_sign_and_are_in_range() -> None:
    assert (whole("0", 9), whole("9", 9), whole("007", 9, least=7)) == (0, 9, 7)
    for text in ("10", "-1", "1.0", "", "٣", " 1", "6"):
        with pytest.raises(ValueError, match="from 7 to 9"):
            whole(text, 9, least=7)


def test_numbers_with_a_point_have_no_exponent() -> None:
    assert (decimal("2", 2), decimal("0.5", 2)) == (2.0, 0.5)
    for text in ("2.1", "1e0", "inf", "nan", "-1", ".5", ""):
        with pytest.raises(ValueError, match="from 0 to 2"):
            decimal(text, 2)


def hours(opens: tuple[int, str], closes: tuple[int, str]) -> list[dict[str, Any]]:
    """When a store is open; the week begins on Sunday, which is 0."""
    return [
        {
            "open": dict(zip(("day", "time"), opens, strict=True)),
            "close": dict(zip(("day", "time"), closes, strict=True)),
        }
    ]


@pytest.mark.parametrize(
    ("now", "is_so"),
    [
        ("2026-02-04T08:59:59+01:00", False),
        ("2026-02-04T09:00:00+01:00", True),
        ("2026-02-04T17:59:59+01:00", True),
        ("2026-02-04T18:00:00+01:00", False),
        ("2026-02-05T09:00:00+01:00", False),
    ],
)
def test_a_store_is_open_from_its_first_to_before_its_last_minute(now: str, is_so: bool) -> None:
    wednesday = hours((3, "0900"), (3, "1800"))
    assert is_open(wednesday, datetime.fromisoformat(now)) is is_so


def test_a_store_may_be_open_over_midnight_and_over_the_end_of_the_week() -> None:
    saturday_night = hours((6, "2200"), (0, "0200"))
    assert is_open(saturday_night, datetime.fromisoformat("2026-02-08T01:59:00+01:00"))
    assert is_open(saturday_night, datetime.fromisoformat("2026-02-07T22:00:00+01:00"))
    assert not is_open(saturday_night, datetime.fromisoformat("2026-02-08T02:00:00+01:00"))
    assert not is_open([], NOW)
    assert (of_week(0, "0000"), of_week(1, "0130")) == (0, 1530)


def test_things_have_numbers_of_their_own() -> None:
    assert Store(**WHOSE, name="x", data={}, seq=3).id_old == 1_000_003
    assert Merchant(id="x", companyname="x", created=NOW, seq=3).id_old == 1_000_003
    assert ServiceIssue(**WHOSE, object_id="x", seq=3).number == 1_200_003
    assert Shift(id="server", by_ms=1500, created=NOW).by == timedelta(seconds=1.5)
    statuses = {scheme: Mandate(**WHOSE, type=scheme, data={}).status for scheme in Scheme}
    assert statuses == {Scheme.CORE: 11, Scheme.COR1: 11, Scheme.B2B: 20}


CARD = METHODS["creditcard"].products


@pytest.mark.parametrize(
    ("payment", "number"),
    [
        (
            a_payment(id="PCI_1", method="creditcard", state=State.AUTHORISED),
            CARD.authorised and CARD.authorised.number,
        ),
        (a_payment(id="PCI_1", method="creditcard", state=State.ACCEPTED), CARD.collected.number),
        (a_payment(id="PCI_1", method="eps", state=State.AUTHORISED), METHODS["eps"].products.collected.number),
        (a_refund(id="PCI_1", method="creditcard"), CARD.refunded.number),
        (a_payment(id="PCI_1", kind=Kind.SHARE), 397),
        (a_refund(id="PCI_1", refund_id="PCI_2"), 437),
        (a_payment(id="PCI_1", kind=Kind.PAYOUT), 922),
        (a_payment(id="PCI_1", kind=Kind.TRANSFER), 401),
    ],
    ids=["reserved", "collected", "at-once", "refund", "share", "share-back", "payout", "transfer"],
)
def test_books_have_a_product_for_each_payment(payment: Payment, number: int) -> None:
    assert product(payment).number == number


class Customer(Referable):
    """Somebody who can be named by an id."""

    BESIDE = frozenset({"note"})


def test_an_id_wins_over_all_else_that_was_sent_with_it() -> None:
    assert read_as(Customer, {"id": "PCU", "name": "x", "note": "y"}) == {"id": "PCU", "note": "y"}
    assert read_as(Customer, {"id": "", "name": "x"}) == {"id": "", "name": "x"}
    assert read_as(dict, {"id": "PCU", "name": "x"}) == {"id": "PCU", "name": "x"}


def a_container(type: Type = Type.CREDIT_CARD, **fields: Any) -> Container:
    """An instrument."""
    return Container(**(WHOSE | {"type": type, "private": {}} | fields))


def test_a_network_token_counts_its_changes() -> None:
    first = token.moved_token(a_container(), token.TokenStatus.REQUESTED, NOW)
    assert (first["status"], first["version"], first["created"]) == ("requested", "1", first["last_modified"])
    second = token.moved_token(a_container(token=first), token.TokenStatus.ACTIVE, NOW + timedelta(days=1))
    assert (second["status"], second["version"], second["created"]) == ("active", "2", first["created"])
    assert token.status(a_container(token=second)) is token.TokenStatus.ACTIVE
    assert token.status(a_container()) is None
    assert token.token_on_the_wire(a_container(token=second)) == second


@pytest.mark.parametrize("type", [Type.CREDIT_CARD, Type.GOOGLEPAY, Type.APPLEPAY])
def test_of_a_card_is_said_that_nobody_asked_for_a_token(type: Type) -> None:
    assert token.token_on_the_wire(a_container(type)) == {"status": "not requested"}
    archived = {"status": "archived", "last_modified": "2026-02-04T10:30:00+01:00"}
    assert token.token_on_the_wire(a_container(type, archived=NOW)) == archived


def test_of_what_no_card_network_knows_nothing_is_said() -> None:
    assert token.token_on_the_wire(a_container(Type.BANK_ACCOUNT)) is None


def test_a_wallets_token_says_what_it_lacks_and_leaves_only_its_kind() -> None:
    google = {"signature": "s", "protocolVersion": "ECv2", "signedMessage": "m"}
    assert wallet.missing("googlepay", google) == ["intermediateSigningKey"]
    assert wallet.missing("googlepay", google | {"protocolVersion": "ECv1"}) == []
    assert wallet.missing("googlepay", google | {"intermediateSigningKey": {}}) == []
    assert wallet.missing("googlepay", {"signature": "s"}) == [
        "protocolVersion",
        "signedMessage",
        "intermediateSigningKey",
    ]
    assert wallet.missing("applepay", {"version": "1", "data": "x"}) == ["signature", "header"]
    assert wallet.stored_fields("googlepay", google) == {"protocolVersion": "ECv2", "signedMessage": "XXXXXXXX"}
    assert wallet.stored_fields("applepay", {}) == {"version": "EC_v1", "header": {"transactionId": "XXXXXXXX"}}


def test_supporters_are_counted_by_method() -> None:
    paid = crowd.Supports("debit", 2, 500, 100)
    assert crowd.of([paid], "debit") == paid
    assert crowd.of([paid], "paypal") == crowd.Supports("paypal", 0, 0, 0)
    assert crowd.names()["aiia"] == "aiia"
    assert {METHODS[word].wire.crowd for name, word in crowd.names().items() if name != "aiia"} == {
        *crowd.names()
    } - {"aiia"}


def test_of_somebody_who_was_identified_only_the_outcome_stays() -> None:
    somebody = {"transaction_id": "1", "provider_id": "2", "status": "ok", "contact": {"surname": "x"}}
    assert ident.without_personal_data(somebody) == {"transaction_id": "1", "provider_id": "2", "status": "ok"}
    assert ident.overall([ident.IdentStatus.OK, ident.IdentStatus.FAILED]) is ident.IdentStatus.FAILED
    assert ident.overall([ident.IdentStatus.OK, ident.IdentStatus.REQUESTED]) is ident.IdentStatus.REQUESTED


def test_periods_are_said_by_noun() -> None:
    known = periods(" mails=30, events=1,")
    assert (known["mails"], known["events"], known["attempts"]) == (30, 1, 90)
    assert periods("uploads=36600")["uploads"] == 36_600
    assert periods("") == {noun: rule.days for noun, rule in retention.RULES.items()}
    for text in ("mails=0", "mails=36601", "mails", "mails=x", "letters=1"):
        with pytest.raises(BadRetention, match="mails"):
            periods(text)
