"""A rail that asks for card and account on a page of its own, through the API and the checkout."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from pfennig.domain.container import Type
from pfennig.gateways import Gateway
from pfennig.operations.acquiring import rails
from pfennig.operations.core.call import Platform
from pfennig.operations.worlds.rails import NewRail
from pfennig.storage.database import Database
from pfennig.twin.simulator import Simulator
from tests.acquirer.rail import AcquirerRail
from tests.acquirer.server import PAGES, Acquirer
from tests.api.conftest import INSTRUMENTS, payment_of
from tests.checkout.conftest import Payer, payer
from tests.conftest import PUBLIC_URL, Api, Change, Json

__all__ = ["payer"]

MERCHANT = "shop-9"
CREDENTIALS = {"key": f"key-of-{MERCHANT}", "webhook_secret": "whsec-of-shop-9"}
HOSTED = ("creditcard", "debit")
HOLDERS_CARD = "4111111111111111"

ByCard = pytest.mark.parametrize("method", HOSTED)
Serve = Callable[..., None]


@pytest.fixture
def platform(platform: Platform, acquirer: Acquirer, connections: httpx.Client, contract: Change) -> Platform:
    """A twin whose cards and debits are at an acquirer that asks for them itself."""
    acquirer.secrets[MERCHANT] = CREDENTIALS["webhook_secret"]
    acquirer.events.clear()
    acquirer.seen.clear()
    acquirer.locked.clear()
    contract(
        methods=[*HOSTED, "prepaid"],
        rails=[NewRail("acquirer", [*HOSTED], CREDENTIALS), NewRail("simulator", ["prepaid"])],
        recurring=True,
        wallets=["googlepay"],
    )
    rail = AcquirerRail(acquirer.url, connections, takes_instruments_for=(), asks_payers_for=HOSTED)
    served: dict[str, Gateway] = {"simulator": Simulator(), "acquirer": rail}
    return replace(platform, rails=served)


@pytest.fixture
def takes_too(platform: Platform) -> None:
    """The acquirer takes instruments, too."""
    rail = platform.rails["acquirer"]
    assert isinstance(rail, AcquirerRail)
    rail.takes_instruments_for = HOSTED


def start_of(acquirer: Acquirer) -> str:
    """Our id of the last start."""
    return str([said for said in acquirer.seen if said["verb"] == "start"][-1]["request"])


def deliver(http: httpx.Client, acquirer: Acquirer) -> int:
    """How the acquirer's next webhook is answered."""
    event = acquirer.events.pop()
    return http.post("/rails/acquirer/notify", content=event.body, headers=event.headers).status_code


def prepared(api: Api, method: str, body: Json | None = None, **fields: Any) -> Json:
    """A case that was prepared without a container."""
    return api.post(f"Smart/Transactions/{api.buy(**fields)['id']}/prepare/{method}", body)


def status(api: Api, case: Json) -> str:
    """How a case is."""
    return str(api.get(f"Smart/Transactions/{case['id']}")["status"])


@ByCard
def test_a_payment_without_a_container_from_the_page_to_the_refund(
    mine: Api, http: httpx.Client, acquirer: Acquirer, database: Database, method: str
) -> None:
    case = prepared(mine, method, payment_context={"creditcard_schemes": ["visa"]})
    assert (case["status"], "container" in case) == ("created", False)
    assert case["iframe_url"].startswith(f"{PAGES}/pay_")
    acquirer.payer(start_of(acquirer), "yes")
    assert http.get(f"/rails/return/{start_of(acquirer)}").status_code == 303
    assert status(mine, case) == "approved"
    assert deliver(http, acquirer) == 200
    mine.post(f"Smart/Transactions/{case['id']}/start")
    payment = payment_of(mine, case)
    mine.post(f"Payment/Transactions/{payment['id']}/cancel", {"reduce_amount_by": 200})
    assert [said["verb"] for said in acquirer.seen] == ["start", "capture", "refund"]
    assert (acquirer.seen[0]["instrument"], acquirer.seen[0]["networks"]) == (None, ["visa"])
    assert status(mine, case) == "ok"
    with database.view() as view:
        assert view.containers.all(merchant_id="MRC_MINE") == []
        assert not [mail for mail in view.mails.all() if mail.kind == "mandate_notice"]
    trans_id = mine.get(f"Payment/Transactions/{payment['id']}")["trans_id"]
    refused = mine.refused("GET", f"Payment/Transactions/{trans_id}/paymentInstructions")
    assert refused[0] in (403, 404)


@ByCard
def test_a_webhook_alone_is_enough(mine: Api, http: httpx.Client, acquirer: Acquirer, method: str) -> None:
    case = mine.buy()
    started = mine.post(f"Smart/Transactions/{case['id']}/start/{method}")
    assert started["iframe_url"].startswith(PAGES)
    acquirer.payer(start_of(acquirer), "yes")
    assert deliver(http, acquirer) == 200
    assert status(mine, case) == "ok"


@ByCard
def test_a_container_is_refused_where_the_rail_alone_asks(mine: Api, acquirer: Acquirer, method: str) -> None:
    case = mine.buy()
    refused = mine.refused("POST", f"Smart/Transactions/{case['id']}/prepare/{method}", INSTRUMENTS[method])
    assert refused[::2] == (403, 4191)
    assert acquirer.seen == []


@pytest.mark.usefixtures("takes_too")
@ByCard
def test_a_container_pays_where_the_rail_takes_it_too(mine: Api, acquirer: Acquirer, method: str) -> None:
    case = prepared(mine, method, INSTRUMENTS[method])
    assert status(mine, case) == "approved"
    assert acquirer.seen[0]["instrument"] == case["container"]["type"]
    assert prepared(mine, method)["iframe_url"].startswith(PAGES)


SERIES = {"mit_instructions": {"type": "cit", "standing_instruction": "ucof"}}


def test_what_shall_pay_again_is_not_left_to_the_rail(mine: Api, payer: Payer, acquirer: Acquirer) -> None:
    case = mine.buy(payment_context=SERIES)
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    assert mine.refused("POST", path)[::2] == (403, 4122)
    assert mine.refused("POST", path, INSTRUMENTS["creditcard"])[::2] == (403, 4122)
    assert 'value="creditcard"' not in payer.open(case["payment_links"]["prepaid"].split("&payment-method")[0]).page
    assert acquirer.seen == []


@pytest.mark.usefixtures("takes_too")
def test_what_shall_pay_again_is_asked_for_by_us_where_the_rail_takes_it(
    mine: Api, payer: Payer, acquirer: Acquirer
) -> None:
    case = mine.buy(payment_context=SERIES)
    path = f"Smart/Transactions/{case['id']}/prepare/creditcard"
    assert mine.refused("POST", path)[::2] == (400, 3032)
    assert "number" in payer.open(case["payment_links"]["creditcard"]).fields
    assert mine.post(path, INSTRUMENTS["creditcard"])["container"]
    assert acquirer.seen[0]["instrument"] == Type.CREDIT_CARD


@ByCard
def test_the_checkout_asks_nothing_that_the_rail_asks(
    mine: Api, payer: Payer, acquirer: Acquirer, database: Database, method: str
) -> None:
    case = mine.buy()
    payer.open(case["payment_links"][method])
    assert set(payer.fields) == {"token", "key"}
    assert "5,00" in payer.page
    assert ">Weiter<" in payer.page
    assert "auf der nächsten Seite ein" in payer.page
    assert not any(word in payer.page for word in ("cc-number", 'name="iban"', "Testdaten", "Mandat", "wallet-"))
    first = dict(payer.fields)
    payer.send(number=HOLDERS_CARD, iban="DE35500105175418493188")  # nobody reads what nobody asked for
    assert payer.sent_to.startswith(PAGES)
    page = payer.sent_to
    path = f"/pay/{method}?stx={case['id']}&lang=de"
    payer.go("POST", path, data=first)  # sent twice, or back and again
    assert payer.sent_to == page
    assert len(acquirer.seen) == 1
    acquirer.payer(start_of(acquirer), "yes")
    payer.open(f"{PUBLIC_URL}/rails/return/{start_of(acquirer)}")
    assert payer.sent_to == "https://shop.example.test/success?order=7"
    with database.view() as view:
        assert view.containers.all(merchant_id="MRC_MINE") == []


@pytest.mark.parametrize(("choice", "says"), [("no", "abgelehnt"), ("leaves", "abgebrochen")])
def test_who_comes_back_without_having_paid_can_try_again(
    mine: Api, payer: Payer, acquirer: Acquirer, choice: str, says: str
) -> None:
    link = mine.buy()["payment_links"]["creditcard"]
    payer.open(link).send()
    early = payer.open(f"{PUBLIC_URL}/rails/return/{start_of(acquirer)}")  # back without a word
    assert early.status == 200
    acquirer.payer(start_of(acquirer), choice)
    payer.open(f"{PUBLIC_URL}/rails/return/{start_of(acquirer)}")
    assert says in payer.page
    payer.open(link).send()
    assert payer.sent_to.startswith(PAGES)
    assert len(acquirer.seen) == 2


def test_an_answer_that_was_lost_is_asked_for(mine: Api, payer: Payer, acquirer: Acquirer) -> None:
    payer.open(mine.buy(merchantRef="error")["payment_links"]["creditcard"])
    form = dict(payer.fields)
    payer.send()
    assert payer.sent_to.startswith("/pay/result")
    payer.go("POST", payer_path(mine, acquirer), data=form)
    assert payer.status in (200, 303)
    assert len(acquirer.seen) == 1


def payer_path(api: Api, acquirer: Acquirer) -> str:
    """Where the form of the last start was sent to."""
    [newest, *_] = api.get("Smart/Transactions?count=1")["data"]
    return f"/pay/creditcard?stx={newest['id']}&lang=de"


def test_a_debit_needs_no_creditor_of_ours_where_the_rail_has_the_mandate(
    mine: Api, platform: Platform, database: Database, contract: Change
) -> None:
    bare = replace(platform, creditor_id=None)
    with database.view() as view:
        mine_ = view.contracts.get("GCR_MINE")
    asked = ["creditcard", "debit"]
    assert rails.methods_with_rail(bare, mine_, asked) == rails.methods_to_link(bare, mine_, asked) == asked
    at_ours = replace(mine_, rails={"simulator": {"methods": asked, "credentials": {}}})
    assert rails.methods_with_rail(bare, at_ours, asked) == ["creditcard"]
    assert rails.methods_to_link(bare, at_ours, asked) == ["creditcard"]


def test_a_wallet_is_not_offered_where_the_rail_alone_asks_for_cards(
    mine: Api, platform: Platform, database: Database
) -> None:
    answer = mine.refused(
        "POST", "Payment/Containers", {"type": "googlepay", "private": {"signature": "s", "protocolVersion": "ECv2"}}
    )
    assert answer[::2] == (403, 4002)
