"""Where a payer ends who transfers the money: at the shop, if a mail tells them where to; else on our page."""

import re
from dataclasses import replace

import pytest

from pfennig.operations.core.call import MailServer, Platform
from pfennig.operations.worlds.world import NewNotifications
from pfennig.storage.database import Database
from tests.checkout.conftest import Payer
from tests.conftest import Api, Change, Dress, Json

SHOP = "https://shop.example.test"
SERVER = MailServer("mail.example.test", 25, False, "", "", "payments@example.test")
PLACE = {"street": "Am Markt 1", "postal_code": "07743", "city": "Jena", "country": "DE"}
MAX = {"forename": "Max", "surname": "Mustermann", "email": "max@example.net", "address": PLACE}
AUTO = {"auto_capture": True}
TRANSFERS = ("prepaid", "invoice")


@pytest.fixture
def platform(platform: Platform) -> Platform:
    """A twin whose mails are taken by somebody."""
    return replace(platform, mail_server=SERVER)


def paid(api: Api, payer: Payer, method: str, **fields: object) -> Json:
    """A transaction that the payer has confirmed."""
    case = api.buy(**{"customer": {"contact": MAX}, "payment_context": AUTO} | fields)
    payer.open(case["payment_links"][method]).send()
    return case


def stays(payer: Payer) -> bool:
    """True where the payer reads on our page where to transfer, and goes back by its only button."""
    if "/pay/result" not in payer.sent_to:
        return False
    assert 'id="instructions"' in payer.page
    assert re.findall(r'class="([^"]*)" id="back"\s+href="([^"]*)"', payer.page) == [
        ("button", f"{SHOP}/success?order=7")
    ]
    return True


@pytest.mark.parametrize("method", TRANSFERS)
def test_with_a_mail_the_payer_is_at_the_shop_at_once_and_the_link_shows_the_details(
    mine: Api, payer: Payer, database: Database, method: str
) -> None:
    case = paid(mine, payer, method)
    assert payer.sent_to == f"{SHOP}/success?order=7"
    seen = mine.get(f"Smart/Transactions/{case['id']}")
    details = seen["payment_instructions"]
    with database.view() as view:
        [written] = [mail for mail in view.mails.all() if not mail.kind.is_for_merchant]
    assert details["purpose"] in written.text
    assert written.is_open
    for link in (case["payment_links"]["general"], case["payment_links"][method]):
        assert stays(payer.open(link))
        assert f'<dd id="purpose" dir="auto">{details["purpose"]}</dd>' in payer.page


@pytest.mark.parametrize("method", TRANSFERS)
def test_an_address_that_cannot_be_written_to_leaves_the_payer_on_our_page(
    mine: Api, payer: Payer, method: str
) -> None:
    paid(mine, payer, method, customer={"contact": MAX | {"email": '"max mustermann"@example.net'}})
    assert stays(payer)


@pytest.mark.parametrize("method", TRANSFERS)
def test_who_gets_no_mails_from_a_contract_reads_our_page(
    mine: Api, payer: Payer, contract: Change, method: str
) -> None:
    contract(notifications=NewNotifications(customer_order_mail=False))
    paid(mine, payer, method)
    assert stays(payer)


@pytest.mark.parametrize("method", TRANSFERS)
def test_a_contract_may_want_its_payers_to_read_our_page(mine: Api, payer: Payer, dress: Dress, method: str) -> None:
    dress(shows_instructions=True)
    paid(mine, payer, method)
    assert stays(payer)


@pytest.mark.parametrize("method", TRANSFERS)
def test_a_mail_that_was_given_up_tells_nobody(mine: Api, payer: Payer, database: Database, method: str) -> None:
    case = mine.buy(customer={"contact": MAX}, payment_context=AUTO)
    form = payer.open(case["payment_links"][method]).answer
    assert payer.send().sent_to.startswith(SHOP)
    with database.unit() as unit:
        for mail in unit.mails.all():
            unit.mails.change(mail, replace(mail, is_open=False, answer="given up"))
    payer.answer = form
    assert stays(payer.send()), "the same form once more leads to where it stands now"


def test_where_the_shop_has_no_page_ours_stays(mine: Api, payer: Payer) -> None:
    paid(mine, payer, "prepaid", application_context={})
    assert 'id="instructions"' in payer.page
    assert 'id="back"' not in payer.page


def test_an_invoice_that_is_only_authorised_has_nothing_to_read(mine: Api, payer: Payer) -> None:
    paid(mine, payer, "invoice", payment_context={})
    assert payer.sent_to == f"{SHOP}/success?order=7"


class TestWithoutMailServer:
    """Where nobody takes mails, none goes out."""

    @pytest.fixture
    def platform(self, platform: Platform) -> Platform:
        """The same twin without somebody who takes its mails."""
        return replace(platform, mail_server=None)

    @pytest.mark.parametrize("method", TRANSFERS)
    def test_our_page_stays(self, mine: Api, payer: Payer, method: str) -> None:
        paid(mine, payer, method)
        assert stays(payer)
