"""Everything that is wrong with a form is said at once, and what comes back empty is asked for again."""

import re

import pytest

from pfennig.domain.payer import DETAILS
from tests.checkout.conftest import Payer
from tests.conftest import Api

WORKS, NO_NUMBER, NO_TEST_CARD = "4635440000002298", "4111111111111112", "4012888888881881"
CARD = {"number": WORKS, "expiry": "12/39", "cvv": "123", "owner": "Max"}

NUMBER, TEST = "The card number is not valid", "Only test cards can be used here. Never enter a real card number"
MONTH = "Please enter the expiry date as month and year, such as 03/27"
OVER = "This card has expired. Please check the date, or use another card"
CODE, NAME = "Please enter the 3 or 4 digit security code", "Please enter the name of the holder"
LONG, CARD_IN_NAME = "The name of the holder is too long", "A name cannot contain a card number"
IBAN = "The IBAN is not valid"
NUMBER_AGAIN, CODE_AGAIN = "Please enter the card number again", "Please enter the security code again"

MISTAKES = [
    ({"number": NO_NUMBER, "expiry": "13/29", "cvv": "", "owner": ""}, [NUMBER, MONTH, CODE, NAME]),
    ({"number": NO_NUMBER, "expiry": "01/20"}, [NUMBER, OVER, CODE_AGAIN]),
    ({"number": NO_TEST_CARD, "expiry": "13/29", "owner": "M" * 80}, [TEST, MONTH, CODE_AGAIN, LONG]),
    (
        {"number": "", "expiry": "01/20", "owner": NO_TEST_CARD},
        ["Please enter the card number", OVER, CODE_AGAIN, CARD_IN_NAME],
    ),
    ({"expiry": "01/20"}, [OVER, CODE_AGAIN]),
    ({"cvv": "12"}, [CODE]),
    ({"owner": ""}, [CODE_AGAIN, NAME]),
]


def summary(payer: Payer) -> list[str]:
    """What the box above the form says, a line each."""
    return re.findall(r'<li><a href="#[\w-]+">([^<]+)</a>', payer.page)


@pytest.mark.parametrize(("typed", "said"), MISTAKES)
def test_a_card_form_names_every_mistake(mine: Api, payer: Payer, typed: dict[str, str], said: list[str]) -> None:
    payer.open(mine.buy()["payment_links"]["creditcard"] + "&lang=en").send(**CARD | typed)
    assert (payer.status, summary(payer)) == (422, said)
    assert len(re.findall(r'<p class="error"', payer.page)) == len(said)


def test_a_number_that_is_not_shown_again_is_asked_for_again(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy()["payment_links"]["creditcard"] + "&lang=en").send(
        **CARD | {"number": "411111XXXXXX1111", "owner": ""}
    )
    assert payer.fields["number"] == ""
    assert summary(payer) == [NUMBER_AGAIN, CODE_AGAIN, NAME]


@pytest.mark.parametrize(
    ("owner", "iban", "said"),
    [
        ("", "DE12", [NAME, IBAN]),
        ("M" * 80, "", [LONG, "Please enter the IBAN"]),
        (NO_TEST_CARD, "DE12", [CARD_IN_NAME, IBAN]),
    ],
)
def test_a_debit_form_names_every_mistake(mine: Api, payer: Payer, owner: str, iban: str, said: list[str]) -> None:
    payer.open(mine.buy()["payment_links"]["debit"] + "&lang=en").send(owner=owner, iban=iban)
    assert (payer.status, summary(payer)) == (422, said)


def test_a_network_that_the_shop_does_not_take_is_named_with_the_rest(mine: Api, payer: Payer) -> None:
    case = mine.buy(payment_context={"creditcard_schemes": ["mastercard"]})
    payer.open(case["payment_links"]["creditcard"] + "&lang=en").send(**CARD | {"expiry": "01/20"})
    assert summary(payer) == ["This card network is not accepted", OVER, CODE_AGAIN]


def test_the_form_about_the_payer_names_every_mistake(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy(customer={})["payment_links"]["invoice"])
    payer.send(**dict.fromkeys(DETAILS, ""))
    assert len(summary(payer)) == len(DETAILS) - 1, "the salutation may be left out"
