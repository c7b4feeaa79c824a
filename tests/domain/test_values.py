"""What is asked for in lists, shown in lines and kept of payers."""

from datetime import date, timedelta
from typing import Any

import pytest

from pfennig.domain.bank import Allocation, CreditLine, net
from pfennig.domain.card import CardNumberInName, is_over, require_none
from pfennig.domain.payer import detail, is_plausible, lacking, needed_details, with_details, wrong
from pfennig.domain.printable import Unprintable, harmless, require_printable, require_text
from pfennig.domain.search_values import flag, number, readings, span, unescaped_text
from pfennig.domain.sepa import MOST, flaw
from pfennig.domain.settlement import Remittance, mark_of
from tests.conftest import MORNING
from tests.storage.facts import a_receipt


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a%20b", "a b"), ("a%2", "a%2"), ("100%", "100%"), ("%FF", "%FF"), ("%00", "%00"), ("%c3%a4", "ä"), ("", "")],
)
def test_values_are_read_without_the_escapes_of_addresses(text: str, plain: str) -> None:
    assert unescaped_text(text) == plain
    assert readings((text,)) == (((text,),) if text == plain else ((text,), (plain,)))


def test_whole_numbers_fit_into_a_column() -> None:
    assert (number("-7"), number("9" * 18)) == (-7, 10**18 - 1)
    for text in ("1" * 19, "1.0", "", "x", "--1"):
        with pytest.raises(ValueError, match="whole number"):
            number(text)


def test_yes_and_no_are_said_in_words_or_digits() -> None:
    assert [flag(text) for text in ("TRUE", "1", "False", "0")] == [True, True, False, False]
    with pytest.raises(ValueError, match="true or false"):
        flag("yes")


@pytest.mark.parametrize(
    ("text", "start", "lasts"),
    [
        ("2026-01-31", "2026-01-30T23:00:00+00:00", timedelta(days=1)),
        ("20260131", "2026-01-30T23:00:00+00:00", timedelta(days=1)),
        ("2026-03-29", "2026-03-28T23:00:00+00:00", timedelta(hours=23)),
        ("2026-01-31T09", "2026-01-31T08:00:00+00:00", timedelta(hours=1)),
        ("2026-01-31 09:30", "2026-01-31T08:30:00+00:00", timedelta(minutes=1)),
        ("2026-01-31T09:30:05", "2026-01-31T08:30:05+00:00", timedelta(seconds=1)),
        ("2026-01-31T09:30:05.123+01:00", "2026-01-31T08:30:05+00:00", timedelta(seconds=1)),
        ("2026-01-31T09:30Z", "2026-01-31T09:30:00+00:00", timedelta(minutes=1)),
    ],
)
def test_a_moment_lasts_as_long_as_was_said(text: str, start: str, lasts: timedelta) -> None:
    begins, ends = span(text)
    assert (begins.isoformat(), ends - begins) == (start, lasts)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "2026-01-31T25:00", "9999-12-31"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a day or a moment"):
        span(text)


def test_lines_show_what_would_steer_as_json_writes_it() -> None:
    assert harmless("a\x1b[0m\n\u202eb\u200b") == "a\\u001b[0m\\u000a\\u202eb\\u200b"
    assert harmless("\U000e0041") == "\\udb40\\udc41"
    assert harmless("Zoë 👩\u200d🚀") == "Zoë 👩\u200d🚀"


def test_names_fit_into_a_line_and_texts_may_break() -> None:
    require_printable(name="Zoë", other=None, number=1)
    require_text(text="a\tb\nc", other=None)
    with pytest.raises(Unprintable, match=r"^name has"):
        require_printable(other="x", name="a\nb")
    with pytest.raises(Unprintable, match=r"^text has"):
        require_text(text="a\x1bb")


def test_a_card_is_over_after_its_last_month() -> None:
    day = date(2027, 3, 31)
    assert [is_over(month, day) for month in ("2027-03", "2027-02", "2027-02-28T00:00:00Z", "2028-01", "")] == [
        False,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111", "Max 4111111111111111", "x4222222222222y", "12 4111-1111-1111-1111"]
)
def test_a_name_with_a_card_number_in_it_is_refused(text: str) -> None:
    with pytest.raises(CardNumberInName, match="the owner contains"):
        require_none(text, "the owner")


@pytest.mark.parametrize("text", ["", "Max", "4111 1111 1111 1112", "411111111111", "6011111111111117"])
def test_other_numbers_are_fine_in_a_name(text: str) -> None:
    require_none(text, "the owner")


ADDRESS = {"street": "Kolumbastr.", "street_number": "3", "postal_code": "50667", "city": "Köln", "country": "DE"}


def test_a_street_comes_with_its_number() -> None:
    contact = {"surname": " Muster ", "address": ADDRESS}
    assert [detail(contact, name) for name in ("street", "surname", "forename")] == ["Kolumbastr. 3", "Muster", ""]
    assert detail({"address": {"street": "Hof"}}, "street") == "Hof"
    assert detail({"address": {"street_number": "3"}}, "street") == ""
    assert detail({"address": None}, "city") == ""


def test_details_are_put_where_they_belong() -> None:
    after = with_details(
        {"surname": "A", "address": ADDRESS}, {"surname": "  B  C ", "street": "Hof 5 a", "city": "Bonn"}
    )
    assert after == {"surname": "B C", "address": ADDRESS | {"street": "Hof", "street_number": "5 a", "city": "Bonn"}}
    without = with_details({"address": ADDRESS}, {"street": "Am Hof"})["address"]
    assert (without["street"], "street_number" in without) == ("Am Hof", False)
    assert with_details({}, {"surname": "B"}) == {"surname": "B"}
    assert len(with_details({}, {"surname": "x" * 999})["surname"]) == 255


def test_what_is_lacking_to_send_something() -> None:
    assert lacking({"address": ADDRESS}) == ["forename", "surname"]
    assert lacking({"companyname": "x", "address": ADDRESS | {"city": ""}}) == ["city"]
    assert lacking({"forename": "A", "surname": "B", "address": ADDRESS}) == []
    assert needed_details("debit") == ("forename", "surname", "email")
    assert needed_details("easycredit") == (
        "forename",
        "surname",
        "email",
        "street",
        "postal_code",
        "city",
        "country",
    )


@pytest.mark.parametrize(
    ("name", "value", "is_fine"),
    [
        ("salutation", "Frau", True),
        ("salutation", "", True),
        ("salutation", "Dr.", False),
        ("surname", "Muster", True),
        ("surname", "", False),
        ("surname", "x" * 254, True),
        ("surname", "x" * 255, False),
        ("surname", "a\x07b", False),
        ("email", "max@example.net", True),
        ("email", "max@localhost", False),
        ("email", "müx@example.net", False),
    ],
)
def test_a_detail_is_there_and_can_be_right(name: str, value: str, is_fine: bool) -> None:
    assert is_plausible({name: value}, name) is is_fine
    assert wrong({name: value}, [name]) == (set() if is_fine else {name})


@pytest.mark.parametrize(
    ("name", "value", "country", "is_fine"),
    [
        ("country", "DE", "DE", True),
        ("country", "XX", "XX", False),
        ("postal_code", "50667", "DE", True),
        ("postal_code", "5066", "DE", False),
        ("postal_code", "506677", "DE", False),
        ("postal_code", "SW1A 1AA", "GB", True),
        ("postal_code", "", "DE", False),
        ("postal_code", "", "IE", True),
    ],
)
def test_a_home_is_somewhere(name: str, value: str, country: str, is_fine: bool) -> None:
    assert is_plausible({"address": {"country": country, name: value}}, name) is is_fine


def a_part(amount: int, receipt: str = "RCP_ONE", payment: str = "PCI_ONE") -> Allocation:
    """So much of a credit belongs to a payment."""
    whose: dict[str, Any] = {"merchant_id": "x", "receipt_id": receipt, "payment_id": payment}
    return Allocation(id="x", smart_transaction_id="STX_ONE", amount=amount, created=MORNING, **whose)


def test_what_of_credits_belongs_to_a_payment_comes_in_the_order_in_which_it_was_given() -> None:
    parts = [a_part(100), a_part(50, "RCP_TWO"), a_part(-30), a_part(10, "RCP_TWO"), a_part(5), a_part(7, "RCP_GONE")]
    assert [*net([*parts, a_part(-7, "RCP_GONE")]).items()] == [("RCP_TWO", 60), ("RCP_ONE", 75)]


def test_what_is_left_of_a_credit_belongs_to_nobody() -> None:
    line = CreditLine(a_receipt(), [a_part(200), a_part(100, payment="PCI_TWO"), a_part(-200)])
    assert (line.rest, line.owners) == (400, {"PCI_TWO": 100})
    assert line.receipt.smart_transaction_id == ""


UNWRITTEN = "has no letter or digit that a bank can write"
ACCOUNT = {"owner": "Max", "iban": "DE35500105175418493188"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, ""),
        ({"amount": MOST}, ""),
        ({"amount": MOST + 1}, "more than 999999999 euros are no single transfer"),
        ({"account": {}}, "its account was forgotten"),
        (
            {"account": ACCOUNT | {"owner": "…"}},
            "the owner of its account has no letter or digit that a bank can write",
        ),
        ({"purpose": "…"}, f"its purpose {UNWRITTEN}"),
        ({"account_mark": "x"}, "it goes to another account than was meant when it was planned"),
        ({"account_mark": mark_of(ACCOUNT, "s"), "salt": "s"}, ""),
    ],
)
def test_a_transfer_that_belongs_into_no_bank_file_says_why(fields: dict[str, Any], why: str) -> None:
    usual: dict[str, Any] = {"id": "x", "merchant_id": "x", "contract_id": "x", "about_id": "x", "created": MORNING}
    usual |= {"amount": 500, "currency": "EUR", "account": ACCOUNT, "purpose": "PO 1", "is_open": True}
    assert flaw(Remittance(**(usual | fields))) == why
