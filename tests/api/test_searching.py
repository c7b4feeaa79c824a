"""Lists that are searched: what each kind of term finds on real rows, and that it is what the language says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfennig.domain.search import And, Between, Exists, Matches, Not, Or, Pattern, Tree, Wild, parse, plain
from pfennig.domain.search_values import flag, number, span
from pfennig.storage.database import Database
from tests.api.conftest import account, bought, payment_of, prepared, transfer
from tests.conftest import ON_BOTH, Api, Json, Past, StoppedClock

SMART, PAID = "Smart/Transactions", "Payment/Transactions"


def page(answer: Json) -> list[str]:
    """The ids of a part of a list."""
    return [item["id"] for item in answer["data"]]


def ids(answer: Json) -> list[str]:
    """The ids of a list."""
    assert answer["count"] == len(answer["data"])
    return page(answer)


def person(forename: str, surname: str, **more: Any) -> Json:
    """A customer as a shop sends it."""
    return {"contact": {"forename": forename, "surname": surname} | more}


@pytest.fixture
def shop(mine: Api, database: Database, clock: StoppedClock, past: Past) -> list[Json]:
    """A few business cases, as different as can be, oldest first, the last of them today."""
    return past.relive("searched", database, clock, lambda: made(mine, clock))


def made(mine: Api, clock: StoppedClock) -> list[Json]:
    """Those business cases, made through the API on two days."""
    cases = [
        bought(mine, customer=person("Max", "Müller", email="Max.Mueller@example.net"), merchantRef="A-1"),
        mine.buy(
            customer=person("Änne", "Groß", companyname="Mühle & Söhne GmbH", address={"city": "Bad Homburg"}),
            basket_info={"sum": 700, "currency": "EUR"},
            merchantRef="a_1",
        ),
    ]
    clock.advance(days=1)
    cases += [
        mine.buy(customer=None, intent="order", transactionRef="50% off", market="North", is_demo=True),
        prepared(mine, "creditcard", basket_info={"sum": 1200, "currency": "CHF"}, merchantRef="A-10"),
        bought(mine, "prepaid", transactionRef='Order "7" \\ 8', merchantRef="*"),
    ]
    return [mine.get(f"{SMART}/{case['id']}") for case in cases]


FOUND: list[tuple[str, list[int]]] = [
    ("", [4, 3, 2, 1, 0]),
    ("*", [4, 3, 2, 1, 0]),
    ("status:ok", [0]),
    ("status:OK", [0]),
    ("status:o?", [0]),
    ("NOT status:created", [4, 3, 0]),
    ("status:created OR status:approved", [3, 2, 1]),
    ("customer.contact.surname:MÜLLER", [0]),
    ("customer.contact.surname:müll*", [0]),
    ("customer.contact.surname:müll", []),
    ("!customer.contact.surname:müller", [4, 3, 2, 1]),
    ("customer.contact.name:müller", [0]),
    ('customer.contact.name:"max müller"', [0]),
    ('customer.contact.name:"x müller"', []),
    ("customer.contact.companyname:söhne", [1]),
    ("customer.contact.companyname:m?hle*", [1]),
    ("customer.contact.address.city:homburg", [1]),
    ("merchantRef:A-1", [0]),
    ("merchantRef:A-1*", [3, 0]),
    ("merchantRef:A_1", [1]),
    ("merchantRef:A?1", [1, 0]),
    ("merchantRef:\\*", [4]),
    ('merchantRef:"*"', [4]),
    ("merchantRef:*", [4, 3, 1, 0]),
    ("!_exists_:merchantRef", [2]),
    ('transactionRef:"50% OFF"', [2]),
    ("transactionRef:50%*", [2]),
    ('transactionRef:"order \\"7\\" \\\\ 8"', [4]),
    ("basket_info.sum:500", [4, 2, 0]),
    ("basket_info.sum:[500 TO 700]", [4, 2, 1, 0]),
    ("basket_info.sum:[501 TO *]", [3, 1]),
    ("basket_info.sum:[* TO -1]", []),
    ("basket_info.currency:[a TO chf]", [3]),
    ("created:2026-02-04", [1, 0]),
    ("created:20260204", [1, 0]),
    ("created:2026-02-04T10:30", [1, 0]),
    ("created:[2026-02-05 TO *]", [4, 3, 2]),
    ("created:[* TO 2026-02-04]", [1, 0]),
    ("created:2026-02-04T10:30:00+01:00", [1, 0]),
    ("created:2026-02-04T10:30:01+01:00", []),
    ("is_demo:true", [2]),
    ("payment_method:creditcard", [3, 0]),
    ("container.type:credit_card", [3, 0]),
    ("max.mueller@example.net", [0]),
    ("A-1*", [3, 0]),
    ("a-1* OR groß", [3, 1, 0]),
    ("12345", []),
    ("(market:north OR intent:order) AND NOT (merchantRef:* OR status:ok)", [2]),
]
"""Queries, and which of the cases they find."""


@ON_BOTH
def test_each_kind_of_term_finds_what_it_says(mine: Api, shop: list[Json], subtests: pytest.Subtests) -> None:
    for q, places in FOUND:
        with subtests.test(q=q):
            assert ids(mine.get(SMART, q=q)) == [shop[place]["id"] for place in places]


def test_a_name_leads_to_the_payment_and_its_instrument(mine: Api, shop: list[Json]) -> None:
    paid = shop[0]
    [payment] = paid["transactions"]
    for q in (
        f"id:{paid['id']}",
        f"id:{paid['id'].lower()}",
        f"id:{paid['id'][:12]}*",
        f"trans_id:{paid['trans_id']}",
        f"transactions.id:{payment['id']}",
        f"transactions.transaction_hash:{payment['transaction_hash'].upper()}",
        f"container.id:{paid['container']['id']}",
        f"customer.id:{paid['customer']['id']}",
        f"merchant.companyname:laden id:{paid['id']}",
    ):
        assert ids(mine.get(SMART, q=q)) == [paid["id"]], q


@ON_BOTH
def test_payments_are_found_by_their_numbers_relations_and_transfers(mine: Api, shop: list[Json]) -> None:
    paid = payment_of(mine, shop[0])
    path = f"{PAID}/{paid['id']}"
    mine.post(f"{path}/cancel", {"amount": 100})
    refund = mine.get(PAID, q=f"parents.trans_id:{paid['trans_id']}")
    assert ids(refund) == ids(mine.get(PAID, q="amount:[* TO -1]")) == ids(mine.get(PAID, q="parents.id:*"))
    [back] = refund["data"]
    assert back["parents"][0]["id"] == paid["id"]
    for q in (
        f"transaction_hash:{paid['transaction_hash']}",
        paid["transaction_hash"],
        str(paid["trans_id"]),
        f"related_transactions.trans_id:{back['trans_id']}",
        f"related_transactions.id:{back['id']}",
        f"status:{paid['status']} AND amount:[0 TO *]",
        "customer.surname:müller AND NOT parents.id:*",
    ):
        assert ids(mine.get(PAID, q=q)) == [paid["id"]], q
    waiting = payment_of(mine, shop[4])
    transfer(mine, 500, f"TA {waiting['trans_id']}")
    for q in ("incoming_payment_date:*", "incoming_payment_purpose:ta", "details.status_simple_text:accepted 2*"):
        found = ids(mine.get(PAID, q=q)) if "2*" not in q else [waiting["id"]]
        assert found == [waiting["id"]], q


STATUSES = 'details.status_simple:{status_simple} details.status_simple_text:"{status_simple_text}"'


def test_payments_are_found_by_what_they_show_as_their_status(mine: Api, shop: list[Json]) -> None:
    mine.post(f"{PAID}/{payment_of(mine, shop[0])['id']}/cancel", {"amount": 100})
    for payment in mine.get(PAID)["data"]:
        q = f"status:{payment['status']} {STATUSES.format(**payment['details'])} amount:{payment['amount']}"
        assert payment["id"] in ids(mine.get(PAID, q=q))


TYPICAL = {"id": "x", "text": "x*", "words": "x", "number": "[1 TO *]", "moment": "2026-02-04", "flag": "true"}
"""A value for a name of each type."""


@ON_BOTH
def test_every_name_can_be_asked_for_sorted_by_and_summed_up(
    request: pytest.FixtureRequest, mine: Api, shop: list[Json], database: Database
) -> None:
    is_everything, is_sqlite = request.config.getoption("everything"), database.is_sqlite
    at_once = 1 if is_everything else 5
    mine.post("Payment/Containers", account() | {"type": "bank_account"} | account()["container"])
    for noun in (SMART, PAID, "Payment/Customers", "Payment/Containers", "Payment/Mandates"):
        names = mine.get(noun, meta="only")["meta"]
        for some in ([*names][at : at + at_once] for at in range(0, len(names), at_once)):
            q = " AND ".join(f"({name}:{TYPICAL[names[name]['type']]} OR NOT {name}:* OR id:*)" for name in some)
            sort = ",".join(f"{name}:desc" for name in some)
            first = mine.get(noun, q=q, sort=sort, scroll_expire="1m", count=1)
            rest = mine.get(noun, scroll_id=first["scroll_id"], count=100)
            assert len({*page(first), *page(rest)}) == first["count"] == rest["count"]
        grouped = [name for name, said in names.items() if said["group"] and said["type"] != "moment"]
        for name in grouped if is_everything else grouped[is_sqlite::2]:  # each database has its half
            mine.get(noun, aggregate=f'{{"group_by_prop": "{name}"}}')


@pytest.mark.parametrize("noun", ["General/Merchants", "General/Contracts", "Payment/Customers"])
def test_other_lists_are_searched_alike(mine: Api, seller: Api, noun: str) -> None:
    all_of_them = mine.get(noun)["data"]
    assert all_of_them
    for item in all_of_them:
        assert ids(mine.get(noun, q=f"id:{item['id']}")) == [item["id"]]
    assert ids(mine.get(noun, q="id:MRC_STRANGER OR id:GCR_STRANGER")) == []
    assert mine.get(noun, sort="id:asc")["data"] == sorted(all_of_them, key=lambda item: item["id"])


@ON_BOTH
def test_payments_are_sorted_by_what_is_known_of_their_transfers(mine: Api, clock: StoppedClock) -> None:
    early, never, late = (bought(mine, "prepaid", merchantRef=str(place)) for place in range(3))
    for case in (early, late):
        clock.advance(days=1)
        transfer(mine, 200, f"TA {case['trans_id']}")
    clock.advance(days=1)
    transfer(mine, 300, f"TA {early['trans_id']}")
    paid = {each: payment_of(mine, case)["id"] for each, case in (("early", early), ("never", never), ("late", late))}
    by_last = mine.get(PAID, sort="incoming_payment_date:desc")["data"]
    assert [each["id"] for each in by_last] == [paid["early"], paid["late"], paid["never"]]
    assert ids(mine.get(PAID, sort="incoming_payment_date:asc")) == [paid["late"], paid["early"], paid["never"]]
    assert ids(mine.get(PAID, q="incoming_payment_date:*", **{"sort[incoming_payment_date]": "desc"})) == [
        paid["early"],
        paid["late"],
    ]


ENCODED: list[tuple[str, int]] = [
    ("customer.contact.email:max.mueller%40example.net", 0),
    ('customer.contact.email:"max.mueller%40example.net"', 0),
    ("max.mueller%40example.net", 0),
    ("customer.contact.companyname:M%C3%BChle*", 1),
    ("transactionRef:50%25%20off", 2),
    ('transactionRef:"50% off"', 2),
    ("transactionRef:100%41", 3),
    ("created:[2026-02-05T00%3A00 TO *] AND customer.contact.forename:%FF OR transactionRef:100%2541", 3),
]
"""Queries, and the place of the one that each finds."""


def test_a_value_may_be_encoded_once_more(mine: Api, shop: list[Json], subtests: pytest.Subtests) -> None:
    shop[3] = mine.buy(transactionRef="100%41")
    for q, place in ENCODED:
        with subtests.test(q=q):
            assert ids(mine.get(SMART, q=q)) == [shop[place]["id"]]


REFUSED: list[tuple[str, str]] = [
    ("status:ok AND nothing:x", "q, character 15: 'nothing' is no name that can be searched here"),
    ("_exists_:iframe_url", "q, character 1: 'iframe_url' is no name that can be searched here"),
    ("basket_info.sum:x", "q, character 1: a whole number was expected"),
    ("ok basket_info.sum:1*", "q, character 4: a number has no wildcards"),
    ("basket_info.sum:[1 TO b]", "q, character 1: a whole number was expected"),
    ("basket_info.sum:9999999999999999999", "q, character 1: a whole number was expected"),
    ("created:yesterday", "q, character 1: a day or a moment such as"),
    ("is_demo:maybe", "q, character 1: true or false was expected"),
    ("is_demo:[0 TO 1]", "q, character 1: a flag has no range"),
    ("(status:ok", "q, character 1: the bracket is never closed"),
    ("private.iban:DE*", "q, character 1: 'private.iban' is no name that can be searched here"),
]
"""Queries, and how the refusal begins."""


def test_a_bad_query_is_an_error_that_names_the_place(mine: Api, subtests: pytest.Subtests) -> None:
    for q, why in REFUSED:
        with subtests.test(q=q):
            answer = mine.request("GET", SMART, params={"q": q})
            body = answer.json()
            assert (answer.status_code, body["error"], body["code"]) == (400, "ProductFormatException", 3005)
            assert body["error_details"].startswith(why)
            assert mine.get(SMART, q=q, validate="1") == {"result": False}
    assert mine.get(SMART, q="status:ok", validate="1") == {"result": True}


LARGEST = [
    "a " * 13,
    "! " * 20 + "a",
    "(" * 20 + "a" + ")" * 20,
    "a" * 2000,
    "status:" + "*a" * 900,
    "NOT (a OR b) " * 6,
]


@ON_BOTH
def test_the_largest_queries_are_answered(mine: Api, shop: list[Json], subtests: pytest.Subtests) -> None:
    for q in LARGEST:
        with subtests.test(q=q[:10]):
            assert mine.get(SMART, q=q)["count"] in (0, len(shop))


@ON_BOTH
def test_the_largest_numbers_and_the_last_days_are_no_trouble(mine: Api, shop: list[Json]) -> None:
    for noun in (SMART, PAID, "Payment/Mandates"):
        for name, said in mine.get(noun, meta="only")["meta"].items():
            if said["type"] == "number":
                assert ids(mine.get(noun, q=f"{name}:{'9' * 18} OR {name}:[{'9' * 18} TO *]")) == []
    assert ids(mine.get(SMART, q="created:9999-12-30 OR created:0001-01-02")) == []


def test_whatever_a_query_says_nobody_sees_rows_of_others(mine: Api, stranger: Api, seller: Api) -> None:
    own, theirs = prepared(mine), prepared(stranger)
    for q in (
        f"id:{theirs['id']}",
        "merchant.id:MRC_STRANGER",
        "merchant.id:MRC_MINE OR merchant.id:MRC_STRANGER",
        "NOT merchant.id:MRC_MINE",
        "* OR *",
        "NOT (status:x AND status:y)",
        f"transactions.id:{theirs['transactions'][0]['id']}",
        f"trans_id:{theirs['trans_id']}",
    ):
        assert theirs["id"] not in ids(mine.get(SMART, q=q)), q
        assert own["id"] not in ids(stranger.get(SMART, q=q)), q
        assert ids(seller.get(SMART, q=q)) == [], q


NUMBERS, MOMENTS = ["500", "700", "1200", "-1"], ["2026-02-04", "2026-02-05", "2026-02-05T10:30:00+01:00"]
VALUES = {
    "status": ["ok", "CREATED", "c*", "*e*", "?k"],
    "merchantRef": ["A-1", "a?1", "a*", "\\*", "A\\_1", '""', "*"],
    "transactionRef": ['"50% off"', "50%*", "*7*", "*"],
    "customer.contact.surname": ["müller", "GROSS", "GROß", "m*", "*"],
    "customer.contact.name": ["änne", "Max*", '"max müller"', "MÜLLER"],
    "basket_info.sum": [*NUMBERS, "[500 TO 700]", "[* TO 699]", "[501 TO *]", "*"],
    "created": [*MOMENTS, "[2026-02-05 TO *]", "[* TO 2026-02-04]", "[* TO *]"],
    "is_demo": ["true", "false"],
    "payment_method": ["creditcard", "DEBIT", "*"],
    "container.type": ["bank_account", "*"],
    "trans_id": ["40000001", "[40000002 TO *]", "*"],
}
"""Names of each kind, and values that fit some rows or none."""

terms = st.sampled_from([f"{name}:{value}" for name, values in VALUES.items() for value in values])
grammar = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR ", " "]), inner).map(lambda parts: f"({''.join(parts)})"),
        inner.map(lambda part: f"NOT {part}"),
        inner.map(lambda part: f"!({part})"),
    ),
    max_leaves=6,
)


def fits(tree: Tree, item: Json, kinds: dict[str, str]) -> bool:
    """Whether an object, as the wire shows it, fits a query."""
    match tree:
        case And(parts):
            return all(fits(part, item, kinds) for part in parts)
        case Or(parts):
            return any(fits(part, item, kinds) for part in parts)
        case Not(part):
            return not fits(part, item, kinds)
        case Exists(name):
            return any(True for _ in values(item, name))
        case Between(name, low, high):
            return any(lies(value, low, high, kinds[name]) for value in values(item, name))
        case Matches(name, pattern):
            return any(equals(value, pattern, kinds[name]) for value in values(item, name))


def values(item: Any, name: str) -> Iterator[Any]:
    """What stands at a name."""
    for part in name.split("."):
        item = item.get(part) if isinstance(item, dict) else None
    if item is not None:
        yield item


def equals(value: Any, pattern: Pattern, kind: str) -> bool:
    """Whether a value is what the pattern says."""
    text = plain(pattern) or ""
    match kind:
        case "number":
            return bool(value == number(text))
        case "flag":
            return bool(value is flag(text))
        case "moment":
            return lies(value, text, text, kind)
    signs = {Wild.ANY: ".*", Wild.ONE: "."}
    mask = "".join(signs[piece] if isinstance(piece, Wild) else re.escape(piece.lower()) for piece in pattern)
    mask = f"(.* )?{mask}( .*)?" if kind == "words" else mask
    return re.fullmatch(mask, value.lower(), re.DOTALL) is not None


def lies(value: Any, low: str | None, high: str | None, kind: str) -> bool:
    """Whether a value lies between two others."""
    if kind == "moment":
        start, _ = span(value)
        return (low is None or start >= span(low)[0]) and (high is None or start < span(high)[1])
    return (low is None or value >= number(low)) and (high is None or value <= number(high))


@ON_BOTH
def test_the_database_finds_what_the_language_says(mine: Api, shop: list[Json]) -> None:
    kinds = {name: said["type"] for name, said in mine.get(SMART, meta="only")["meta"].items()}
    newest_first = shop[::-1]

    @given(grammar)
    def found(q: str) -> None:
        assert ids(mine.get(SMART, q=q)) == [case["id"] for case in newest_first if fits(parse(q), case, kinds)]

    found()


pieces = st.sampled_from(
    [f"{name}:" for name in (*VALUES, "nothing", "_exists_")] + [*'!()[]"*?:\\%_ -', " TO ", " OR "]
)
anything = st.lists(pieces | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=12).map("".join)


@ON_BOTH
def test_whatever_is_asked_is_answered_or_refused_with_its_place(mine: Api, shop: list[Json]) -> None:
    @given(anything.filter(lambda text: "\0" not in text))  # that is refused before anybody reads it
    def asked(q: str) -> None:
        answer = mine.request("GET", SMART, params={"q": q})
        if answer.status_code != 200:
            assert answer.status_code == 400
            assert re.match(r"q, character \d+: ", answer.json()["error_details"])

    asked()
