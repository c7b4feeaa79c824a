"""Every column of every row of the table of methods says something, or the kind of method says why it does not."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import pfennig
from pfennig.api.reference import Reference, properties
from pfennig.checkout import checks
from pfennig.domain import settlement
from pfennig.domain.crowd import NEVER_HERE
from pfennig.domain.methods import (
    METHODS,
    PAID_OUT,
    Method,
    MethodNotAvailable,
    Refund,
    UnknownMethod,
    get_method,
)
from pfennig.domain.methods.method import Checkout, Outside
from pfennig.domain.payer import COUNTRIES
from pfennig.domain.payment_states import COLLECTED, MOVES, STATUSES, State
from pfennig.domain.products import OUTGOING_PRODUCTS, SHARE_PRODUCTS
from pfennig.language import LANGUAGES, catalogue
from pfennig.money import is_currency

SOURCE = Path(pfennig.__file__).parent
TEMPLATES = SOURCE / "checkout" / "templates"
ENDS = frozenset({State.CREATED, State.ACCEPTED, State.DENIED, State.VOID})
"""Where every payment can stand."""

Rule = Callable[[Method], Any]


@cache
def reference() -> Reference:
    """What is known of the API from outside."""
    return Reference()


def others(row: Method) -> list[Method]:
    """The other rows."""
    return [each for each in METHODS.values() if each is not row]


def is_card(row: Method) -> bool:
    """True for what a card network does: in any currency, in steps, and again by a first payment's id."""
    return row.takes_cards


def is_bank(row: Method) -> bool:
    """True for what goes from account to account, by a rail of its own: it knows its currencies."""
    return row.takes_debits or row.course.is_immediate


def is_account_elsewhere(row: Method) -> bool:
    """True for what is reserved at somebody else, in whatever currency they have."""
    return row.is_outside and not is_bank(row) and not row.lends


def numbers(row: Method) -> set[int]:
    """The numbers of its products."""
    made = (row.products.authorised, row.products.collected, row.products.refunded)
    return {product.number for product in made if product}


def reached(states: frozenset[State]) -> set[State]:
    """Those of these states to which moves lead from the first."""
    found, queue = {State.CREATED}, [State.CREATED]
    while queue:
        after = (states & MOVES[queue.pop()]) - found
        found |= after
        queue += after
    return found


def is_known_endpoint(row: Method) -> bool:
    """True where the reference has its legacy endpoint, and for what never had one."""
    paths = " ".join(reference().document["paths"]).lower()
    return row.wire.endpoint is None or f"payment/{row.wire.endpoint}" in paths


def is_known_sum(row: Method) -> bool:
    """True where the sums of crowd projects name it, and for what they do not name."""
    known = reference().models["CrowdFundingDataDetails"]["properties"]
    named = row.wire.crowd in known and row.wire.crowd not in {each.wire.crowd for each in others(row)}
    return named if row.wire.crowd else row.word not in known or row.word in NEVER_HERE


def inputs(row: Method) -> list[str]:
    """The fields that the template of its form has, in their order."""
    if not row.checkout.form:
        return []
    text = (TEMPLATES / f"{row.checkout.form}.html").read_text(encoding="utf-8")
    return re.findall(r'field\(form, "(\w+)"', text)


def glyphs() -> set[str]:
    """The glyphs that there are."""
    text = (TEMPLATES / "parts.html").read_text(encoding="utf-8")
    return set(re.findall(r'^  "(\w+)": "', text, re.MULTILINE))


def has_names(text: str, *known: str) -> bool:
    """True for a text in which nothing is filled in but these names."""
    return bool(text) and set(re.findall(r"{(\w+)}", text)) <= {*known}


RULES: Mapping[str, Rule] = {
    "word": lambda row: row.word.isalpha() and row.word.islower() and METHODS[row.word] is row,
    "wire.name": lambda row: row.wire.name and row.wire.name not in {each.wire.name for each in others(row)},
    "wire.endpoint": is_known_endpoint,
    "wire.crowd": is_known_sum,
    "products.authorised": lambda row: bool(row.products.authorised) is not row.course.is_immediate,
    "products.collected": lambda row: row.products.collected.number not in set().union(*map(numbers, others(row))),
    "products.refunded": lambda row: row.products.refunded.number not in set().union(*map(numbers, others(row))),
    "course.states": lambda row: (
        row.course.states >= ENDS
        and row.course.states == reached(row.course.states)
        and (State.ORDERED in row.course.states) is row.course.is_on_invoice
        and ({State.ISSUE, State.RESOLVED} <= row.course.states) is not bool(row.course.transfer)
    ),
    "course.statuses": lambda row: all(
        state in row.course.states and status.simple is STATUSES[state].simple and status != STATUSES[state]
        for state, status in row.course.statuses.items()
    ),
    "course.transfer": lambda row: (row.course.refund is Refund.SENDER) is bool(row.course.transfer),
    "course.raisable": lambda row: (
        row.course.raisable <= row.course.states - COLLECTED
        and bool(row.course.raisable) is bool(row.course.transfer or row.takes_debits)
    ),
    "course.is_lowered_once": lambda row: row.course.is_lowered_once is is_card(row),
    "course.refund": lambda row: (row.course.refund is Refund.DEBITED_ACCOUNT) is row.takes_debits,
    "limits.currencies": lambda row: (
        all(map(is_currency, row.limits.currencies))
        if row.limits.currencies
        else is_card(row) or row.course.transfer or is_account_elsewhere(row)
    ),
    "limits.least": lambda row: row.limits.least.amount > 0 if row.limits.least else not row.lends,
    "limits.most": lambda row: (
        row.limits.has_sum(row.limits.most) if row.limits.most else not row.lends and not row.limits.least
    ),
    "limits.countries": lambda row: row.limits.countries is None or {*row.limits.countries} <= COUNTRIES,
    "limits.is_for_consumers": lambda row: row.limits.is_for_consumers is row.lends,
    "limits.is_for_one_owner": lambda row: row.limits.is_for_one_owner is row.lends,
    "limits.last_day": lambda row: row.limits.last_day is None or row.is_outside,
    "instruments": lambda row: bool(row.instruments) is bool(row.checkout.fields),
    "needs_address": lambda row: row.needs_address is (row.lends or row.course.is_on_invoice),
    "lends": lambda row: not row.lends or row.is_outside,
    "repetition.is_for_plans": lambda row: row.repetition.is_for_plans or not row.repetition.is_collected,
    "repetition.is_collected": lambda row: row.repetition.is_collected is bool(row.instruments),
    "repetition.has_series": lambda row: row.repetition.has_series is is_card(row),
    "checkout.title": lambda row: has_names(row.checkout.title),
    "checkout.hint": lambda row: has_names(row.checkout.hint),
    "checkout.form": lambda row: sorted(inputs(row)) == sorted(row.checkout.fields),
    "checkout.fields": lambda row: {*row.checkout.fields} <= {*checks.REASONS},
    "checkout.submit": lambda row: has_names(row.checkout.submit, "amount", "institution"),
    "checkout.icon": lambda row: row.checkout.icon in glyphs(),
    "checkout.outside": lambda row: row.checkout.outside is Outside.NEVER or is_card(row) or not row.instruments,
    "checkout.institution": lambda row: (row.checkout.institution == Checkout.institution) is not row.is_outside,
    "checkout.refusal": lambda row: (row.checkout.refusal == Checkout.refusal) is not row.is_outside,
    "mails.subject": lambda row: has_names(row.mails.subject, "shop", "amount"),
    "mails.heading": lambda row: has_names(row.mails.heading, "shop", "amount"),
    "mails.text": lambda row: has_names(row.mails.text, "shop", "amount", "lender"),
    "mails.shop_subject": lambda row: has_names(row.mails.shop_subject, "shop", "amount"),
    "mails.shop_sentences": lambda row: (
        row.mails.shop_sentences
        and all(has_names(sentence, "shop", "amount", "payer") for sentence in row.mails.shop_sentences)
    ),
}
"""What each column has to say, or why it may say nothing."""


def columns(kind: Any, above: str = "") -> Iterator[str]:
    """The columns of a row, those of its parts by the part's name before them."""
    for each in fields(kind):
        is_part = is_dataclass(each.type) and not above
        yield from columns(each.type, f"{each.name}.") if is_part else [f"{above}{each.name}"]


def test_there_is_a_rule_for_each_column() -> None:
    assert sorted(RULES) == sorted(columns(Method))


@pytest.mark.parametrize("word", METHODS)
def test_each_column_of_a_row_says_something_or_its_kind_says_why_not(word: str) -> None:
    wrong = ", ".join(column for column, rule in RULES.items() if not rule(METHODS[word]))
    assert not wrong, f"{word}: {wrong}"


@pytest.mark.parametrize("word", METHODS)
@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_each_text_of_a_row_is_there_in_each_language(word: str, language: str) -> None:
    missing = ", ".join(text for text in METHODS[word].texts() if text not in catalogue(language))
    assert not missing, f"{word}, {language}: {missing}"


def test_each_row_has_its_link_in_the_description() -> None:
    described = properties(Reference().amend().models["SmartTransactionsPaymentLinks"])
    assert {*METHODS} == {*described} - {"general"}


NAMED_ELSEWHERE = {
    "api/description.py": "examples of what can be sent",
    "domain/container.py": "a kind of instrument has the same name",
    "domain/upload.py": "so does a kind of file",
    "operations/parties/third_parties.py": "services for which a contract has credentials",
    "resources/general/shown.py": "what the wire calls these",
}
"""Where the word of a method stands beside the rows, and why."""


def named(path: Path) -> set[str]:
    """The words of methods that a file says as such."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return {word for word in METHODS if re.search(rf"""(["'`]){word}\1""", text)}
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return {value for value in constants if value in METHODS}


def test_nothing_else_names_a_method() -> None:
    files = [path.relative_to(SOURCE) for path in SOURCE.rglob("*") if path.suffix in (".py", ".html", ".js")]
    others = [path for path in files if not {"methods", "migrations"} & {*path.parts}]
    assert {path.as_posix() for path in others if named(SOURCE / path)} == {*NAMED_ELSEWHERE}


def test_the_rows_stand_in_the_order_of_the_links_and_no_product_is_somebody_elses() -> None:
    assert [*METHODS] == sorted(METHODS)
    made = [*SHARE_PRODUCTS.values(), *OUTGOING_PRODUCTS.values()]
    elsewhere = {settlement.PRODUCT, *(product.number for product in made)}
    assert not elsewhere & set().union(*map(numbers, METHODS.values()))


def test_payouts_go_their_own_way() -> None:
    assert PAID_OUT.states >= {*PAID_OUT.statuses}
    assert PAID_OUT.states == reached(PAID_OUT.states)
    assert PAID_OUT.transfer is None


def test_who_asks_for_no_method_of_ours_is_told_which_there_are() -> None:
    assert get_method("DEBIT") == "debit"
    with pytest.raises(UnknownMethod) as refusal:
        get_method("x" * 41)
    assert f"no payment method '{'x' * 40}'; there are creditcard, debit, " in refusal.value.details
    assert MethodNotAvailable().details == "Payment method not available (for this customer)"


def test_a_card_has_texts_for_the_page_of_a_rail_too() -> None:
    card = METHODS["creditcard"]
    there = card.checkout.on_page_of_rail()
    assert {card.checkout.title, there.hint, there.submit} <= {*card.texts()}


def test_who_transfers_collects_nothing_and_who_reserves_collects_later() -> None:
    found = {word: METHODS[word].course.is_immediate for word in ("creditcard", "prepaid", "giropay")}
    assert found == {"creditcard": False, "prepaid": False, "giropay": True}
