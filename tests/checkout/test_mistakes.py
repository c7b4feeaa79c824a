"""Everything that is wrong with a form is said at once, and what comes back empty is asked for again."""

import html
import json
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
IBAN = "An IBAN that begins with DE has 22 characters; this one has 4"
NUMBER_AGAIN, CODE_AGAIN = "Please enter the card number again", "Please enter the security code again"
BACK = "Please enter the 3 digits on the back of the card"

MISTAKES = [
    ({"number": "", "expiry": "13/29", "cvv": "", "owner": ""}, ["Please enter the card number", MONTH, CODE, NAME]),
    ({"number": NO_NUMBER, "expiry": "01/20"}, [NUMBER, OVER, CODE_AGAIN]),
    ({"number": NO_TEST_CARD, "expiry": "13/29", "owner": "M" * 80}, [TEST, MONTH, CODE_AGAIN, LONG]),
    (
        {"number": "", "expiry": "01/20", "owner": NO_TEST_CARD},
        ["Please enter the card number", OVER, CODE_AGAIN, CARD_IN_NAME],
    ),
    ({"expiry": "01/20"}, [OVER, CODE_AGAIN]),
    ({"cvv": "12"}, [BACK]),
    ({"cvv": "1234"}, [BACK]),
    ({"number": NO_NUMBER, "expiry": "01/20", "cvv": "1"}, [NUMBER, OVER, BACK]),
    ({"number": "378282246310004", "cvv": "123"}, [NUMBER, "Please enter the 4 digits on the front of the card"]),
    ({"owner": ""}, [CODE_AGAIN, NAME]),
]


def messages(payer: Payer) -> list[str]:
    """What is said below the fields, from the first to the last. Each is said once on the page."""
    found = [html.unescape(each) for each in re.findall(r'<p class="error"[^>]*>([^<]+)</p>', payer.page)]
    shown = html.unescape(re.sub(r"data-checks='[^']*'", "", payer.page))
    assert [each for each in found if shown.count(each) > 1] == []
    return found


def links(payer: Payer) -> list[str]:
    """The labels of the wrong fields in the box above the form."""
    return re.findall(r'<li><a href="#[\w-]+">([^<]+)</a>', payer.page)


@pytest.mark.parametrize(("typed", "said"), MISTAKES)
def test_a_card_form_names_every_mistake(mine: Api, payer: Payer, typed: dict[str, str], said: list[str]) -> None:
    payer.open(mine.buy()["payment_links"]["creditcard"] + "&lang=en").send(**CARD | typed)
    assert (payer.status, messages(payer)) == (422, said)
    assert len(links(payer)) == (len(said) if len(said) > 1 else 0)
    assert payer.page.count("autofocus") == 1, "the first wrong field has the focus"


def test_a_number_that_is_not_shown_again_is_asked_for_again(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy()["payment_links"]["creditcard"] + "&lang=en").send(
        **CARD | {"number": "411111XXXXXX1111", "owner": ""}
    )
    assert payer.fields["number"] == ""
    assert messages(payer) == [NUMBER_AGAIN, CODE_AGAIN, NAME]


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
    assert (payer.status, messages(payer)) == (422, said)


def test_a_network_that_the_shop_does_not_take_is_named_with_the_rest(mine: Api, payer: Payer) -> None:
    case = mine.buy(payment_context={"creditcard_schemes": ["mastercard"]})
    payer.open(case["payment_links"]["creditcard"] + "&lang=en").send(**CARD | {"expiry": "01/20"})
    assert messages(payer) == ["This card network is not accepted", OVER, CODE_AGAIN]


def test_the_form_about_the_payer_names_every_mistake(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy(customer={})["payment_links"]["invoice"])
    payer.send(**dict.fromkeys(DETAILS, ""))
    assert len(messages(payer)) == len(DETAILS) - 1, "the salutation may be left out"


def test_what_is_wrong_about_the_payer_and_the_account_is_said_at_once(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy(customer={})["payment_links"]["debit"])
    payer.send(forename="Max", surname="", email="nobody", owner="Max", iban="DE36 5001 0517 5418 4931 88")
    assert links(payer) == ["Nachname", "E-Mail", "IBAN"]
    assert messages(payer)[-1].startswith("Die Prüfziffern in „DE36“ passen nicht zum Rest")
    assert payer.fields["iban"] == "DE36 5001 0517 5418 4931 88"
    assert ">ING-DiBa</output>" in payer.page


def test_the_script_knows_all_that_is_said_about_a_field(mine: Api, payer: Payer) -> None:
    payer.open(mine.buy()["payment_links"]["creditcard"] + "&lang=en")
    [known] = re.findall(r"data-checks='([^']*)'", payer.page)
    found = json.loads(html.unescape(known))
    assert found["number"]["wrong"] == NUMBER
    assert found["cvv"] == {
        "missing": CODE,
        "back": BACK,
        "front": "Please enter the 4 digits on the front of the card",
        "hint": "3 digits on the back; American Express: 4 on the front",
        "hint_back": "3 digits on the back of the card",
        "hint_front": "4 digits on the front of the card",
    }
    assert {*found} >= {"number", "expiry", "cvv", "owner", "iban", "check"}
