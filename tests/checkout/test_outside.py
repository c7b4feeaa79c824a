"""The simulated pages of somebody else: every outcome is a button, and each comes to its end."""

import re
from itertools import product

import pytest

from pfennig.domain.methods import METHODS
from pfennig.twin.simulator.instruments import CARDS
from tests.api.test_outcomes import BODIES, lab
from tests.checkout.conftest import Payer
from tests.conftest import Api, Json, currency
from tests.pairs import diagonal, with_rare

PLACE = {"street": "Am Markt 1", "postal_code": "07743", "city": "Jena", "country": "DE"}
MAX = {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": PLACE}
OUTSIDE = [word for word, row in METHODS.items() if row.is_outside]


def sold(api: Api, currency: str = "EUR", **fields: object) -> Json:
    """A thousand euros, by every method that has them."""
    sum: Json = {"sum": 1_000_00, "currency": currency}
    return api.buy(contract={"id": "GCR_ALL"}, basket_info=sum, customer={"contact": MAX}, **fields)


def outside(payer: Payer, case: Json, method: str) -> Payer:
    """A payer at the page of somebody else."""
    payer.open(case["payment_links"][method]).send()
    assert f"/sim/{method}/" in payer.sent_to
    return payer


def shown(payer: Payer) -> dict[str, str]:
    """The outcomes on the page before the payer, and the status that the shop is said to see."""
    return dict(re.findall(r'<button [^>]*value="(\w+)".*?<code[^>]*>(\w+)</code>', payer.page, re.DOTALL))


CHOICES = {
    "succeed": None,
    "fail": "Der Zahlungsdienst hat die Zahlung abgelehnt.",
    "cancel": "Sie haben die Bestätigung abgebrochen. Es wurde nichts abgebucht.",
}
"""What can be chosen there, and what the payer reads then: nothing, where they are back at the shop."""

CHOSEN = [[*OUTSIDE], [*CHOICES]]


@pytest.mark.parametrize(("method", "choice"), with_rare(product(*CHOSEN), diagonal(CHOSEN)))
def test_every_outcome_is_a_button_of_its_own(mine: Api, payer: Payer, method: str, choice: str) -> None:
    says = CHOICES[choice]
    case = sold(mine, currency(method))
    outside(payer, case, method)
    assert "Simulation" in payer.page
    assert [*shown(payer)][:3] == ["succeed", "fail", "cancel"]
    told = shown(payer)[choice]
    assert "Zahlung ablehnen" in payer.page
    payer.send(choice=choice)
    status = mine.get(f"Smart/Transactions/{case['id']}")["status"]
    assert status == told
    if says is None:
        assert payer.sent_to == "https://shop.example.test/success?order=7"
        assert status == ("ok" if METHODS[method].course.is_immediate else "approved")
    else:
        assert says in payer.page
        assert ('id="methods"' if choice == "cancel" else 'id="retry"') in payer.page
        assert status == ("created" if choice == "cancel" else "failed")


CHALLENGED = {"number": "371449635398431", "expiry": "12/39", "cvv": "1234", "owner": "Max Mustermann"}


def test_each_outcome_of_3d_secure_ends_as_its_row_says(mine: Api, payer: Payer, subtests: pytest.Subtests) -> None:
    def ask() -> Json:
        case = mine.buy(customer={"contact": MAX}, payment_context={"auto_capture": True})
        payer.open(case["payment_links"]["creditcard"]).send(**CHALLENGED)
        assert "/sim/3ds/" in payer.sent_to
        return case

    ask()
    rows = shown(payer)
    assert {card.plot for card in CARDS} - {"approved", "challenge", "frictionless", "authentication_failed"} <= {
        *rows
    }
    for choice, told in rows.items():
        with subtests.test(choice):
            case = ask()
            payer.send(choice=choice)
            path = f"Smart/Transactions/{case['id']}"
            if choice == "authentication_timeout":
                assert mine.get(path)["status"] == "created"
                lab(mine, "clock/advance", minutes=2)
            assert mine.get(path)["status"] == told


def test_what_comes_later_is_offered_only_where_the_money_is_collected(mine: Api, payer: Payer) -> None:
    for captures in (False, True):
        case = mine.buy(customer={"contact": MAX}, payment_context={"auto_capture": captures})
        payer.open(case["payment_links"]["creditcard"]).send(**CHALLENGED)
        assert ("charged_back" in shown(payer)) is captures
    payer.send(choice="charged_back")
    lab(mine, "clock/advance", days=11)
    payment = mine.get(f"Smart/Transactions/{case['id']}")["transactions"][0]["id"]
    assert mine.get(f"Payment/Transactions/{payment}/checkStatus")["status_simple"] == 4


@pytest.mark.parametrize("choice", ["approved", "challenge", "returned_ac04", "SUCCEED", "", "x" * 1000])
def test_what_the_page_does_not_list_cannot_be_chosen(mine: Api, payer: Payer, choice: str) -> None:
    case = sold(mine)
    outside(payer, case, "paypal").send(choice=choice)
    assert payer.status == 403
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "created"


def instructions(api: Api, case: Json) -> Json | None:
    """What the shop shows the payer afterwards."""
    return api.get(f"Smart/Transactions/{case['id']}").get("payment_instructions")


def test_a_lender_offers_instalments_and_the_shop_is_told_which_were_chosen(mine: Api, payer: Payer) -> None:
    case = sold(mine)
    outside(payer, case, "easycredit")
    assert re.findall(r'id="months-(\d+)"', payer.page) == ["6", "12", "24", "36"]
    assert "12 Raten zu 87,87\xa0€" in payer.page
    assert "Die letzte beträgt 87,86\xa0€. Zusammen 1.054,43\xa0€, davon 54,43\xa0€ Zinsen." in payer.page
    assert instructions(mine, case) is None
    payer.send(choice="succeed", months="12")
    chosen = {"number_of_installments": 12, "installment": 87_87, "last_installment": 87_86}
    assert instructions(mine, case) == chosen | {"interest": 54_43, "total_value": 1_054_43}
    mine.post(f"Smart/Transactions/{case['id']}/start")
    assert instructions(mine, case) == chosen | {"interest": 54_43, "total_value": 1_054_43}
    mine.post(f"Smart/Transactions/{case['id']}/cancel")
    assert instructions(mine, case) is None


@pytest.mark.parametrize("months", ["13", "-6", "twelve"])
def test_instalments_that_were_not_offered_are_not_to_be_had(mine: Api, payer: Payer, months: str) -> None:
    case = sold(mine)
    outside(payer, case, "easycredit").send(choice="succeed", months=months)
    assert payer.status == 403
    assert instructions(mine, case) is None
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "created"


def test_whoever_refuses_instalments_owes_nothing(mine: Api, payer: Payer) -> None:
    case = sold(mine)
    outside(payer, case, "easycredit").send(choice="fail", months="24")
    assert instructions(mine, case) is None


@pytest.mark.parametrize(
    "method", [word for word, row in METHODS.items() if not row.is_outside and not row.course.is_prepaid]
)
def test_a_bank_that_asks_has_a_page_whatever_the_method(mine: Api, payer: Payer, method: str) -> None:
    lab(mine, "outcomes", outcome="challenge", method=method)
    case = mine.post(f"Smart/Transactions/{sold(mine)['id']}/prepare/{method}", BODIES[method])
    payer.open(case["iframe_url"])
    assert (payer.status, "Simulation" in payer.page) == (200, True)
    payer.send(choice="succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "approved"
