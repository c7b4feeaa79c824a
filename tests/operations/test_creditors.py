"""Who collects debits: a contract's creditor identifier, else the server's, else nobody, and then there are none."""

from dataclasses import replace
from threading import Event as Signal
from typing import Any

import httpx
import pytest

from pfennig import application, foundation
from pfennig.domain.container import Container
from pfennig.operations.acquiring import creditors
from pfennig.operations.core import audit
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.settings import Settings
from pfennig.storage.crypto.encryption import new_key
from pfennig.storage.database import Database
from tests.api.conftest import account
from tests.api.recurring import billed, plan, set_to, subscribed
from tests.checkout.conftest import Payer
from tests.conftest import MINE, PUBLIC_URL, Api, Change

TEST_ID = "DE98ZZZ09999999999"
OURS = "DE79ZZZ01234567890"
SERVERS = "AT61ZZZ01234567890"
NOT_AVAILABLE = (403, "ProductNotAllowedException", 4002)
ERIKA = {"customer": {"id": "PCU_KNOWN"}}
ACCOUNT: dict[str, Any] = {"type": "bank_account", "customer": {"id": "PCU_KNOWN"}, **account()["container"]}


def shop(platform: Platform) -> Api:
    """My shop there."""
    transport = httpx.WSGITransport(application.create(platform))
    return Api(httpx.Client(transport=transport, base_url=PUBLIC_URL, follow_redirects=True), MINE)


@pytest.fixture
def without(platform: Platform) -> Api:
    """My shop where the server has no creditor identifier."""
    return shop(replace(platform, creditor_id=None))


def paid(api: Api) -> dict[str, Any]:
    """What Erika pays by debit, with the account that she types."""
    paid: dict[str, Any] = api.post(f"Smart/Transactions/{api.buy(**ERIKA)['id']}/start/debit", account())
    return paid


def container_of(database: Database, case: dict[str, Any]) -> Container:
    """What it was paid with."""
    with database.view() as view:
        return view.containers.get(case["container"]["id"])


def test_only_a_twin_has_a_creditor_identifier_unasked(database: Database, woken: Signal) -> None:
    operated = Settings(profile="operator", data_keys=new_key())
    assert foundation.platform(Settings(), database, woken).creditor_id == TEST_ID
    assert foundation.platform(operated, database, woken).creditor_id is None
    said = replace(operated, creditor_id="at61 zzz 01234567890")
    assert foundation.platform(said, database, woken).creditor_id == SERVERS
    assert TEST_ID not in repr(Abilities())


def test_without_a_creditor_identifier_no_page_link_or_answer_offers_debits(without: Api) -> None:
    case = without.buy()
    assert "debit" not in case["payment_links"]
    assert "prepaid" in case["payment_links"]
    asked = {"currency": "EUR", "is_demo": False, "apiv2_products": True}
    offered = without.post("General/Contracts/GCR_MINE/getAvailablePaymentMethods", asked)
    assert "debit" not in offered
    assert "creditcard" in offered
    page = without.http.get(case["payment_links"]["general"]).text
    assert 'value="creditcard"' in page
    assert 'value="debit"' not in page
    link = case["payment_links"]["prepaid"].replace("prepaid", "debit")
    assert 'name="iban"' not in without.http.get(link).text


@pytest.mark.parametrize("verb", ["prepare", "start"])
def test_without_one_a_debit_is_refused_as_any_method_that_is_not_available(without: Api, verb: str) -> None:
    path = f"Smart/Transactions/{without.buy()['id']}/{verb}"
    assert without.refused("POST", f"{path}/debit", account()) == NOT_AVAILABLE
    assert without.refused("POST", f"{path}/paypal") == NOT_AVAILABLE


def test_without_one_an_older_debit_is_refused_too(without: Api) -> None:
    body = {"amount": 500, "currency": "EUR", "purpose": "Order", **account()}
    assert without.refused("POST", "Payment/Secupaydebits", body) == NOT_AVAILABLE


def test_an_account_without_a_mandate_gets_one_when_it_first_pays(
    without: Api, database: Database, contract: Change
) -> None:
    kept = without.post("Payment/Containers", ACCOUNT)
    assert "mandate" not in kept
    contract(creditor_id=OURS)
    case = without.buy(**ERIKA)
    by_id = {"container": {"id": kept["id"]}}
    case = without.post(f"Smart/Transactions/{case['id']}/start/debit", by_id)
    assert container_of(database, case).mandate["creditor_id"] == OURS


def test_a_contract_of_its_own_goes_before_the_server(
    platform: Platform, database: Database, contract: Change
) -> None:
    api = shop(replace(platform, creditor_id=SERVERS))
    link = api.buy()["payment_links"]["debit"]
    assert SERVERS in api.http.get(link).text
    contract(creditor_id=OURS)
    page = api.http.get(link).text
    assert OURS in page
    assert SERVERS not in page
    assert container_of(database, paid(api)).mandate["creditor_id"] == OURS


def test_a_mandate_keeps_the_creditor_that_it_was_granted_to(mine: Api, database: Database, contract: Change) -> None:
    before = container_of(database, paid(mine))
    contract(creditor_id=OURS)
    by_id = {"container": {"id": before.id}}
    again = mine.post(f"Smart/Transactions/{mine.buy(**ERIKA)['id']}/start/debit", by_id)
    assert container_of(database, again).mandate == before.mandate
    assert before.mandate["creditor_id"] == TEST_ID


def test_whoever_types_an_account_anew_grants_a_mandate_to_the_creditor_of_today(
    mine: Api, database: Database, contract: Change
) -> None:
    first = container_of(database, paid(mine))
    assert container_of(database, paid(mine)).id == first.id
    contract(creditor_id=OURS)
    second = container_of(database, paid(mine))
    assert second.mandate["creditor_id"] == OURS
    assert second.mandate["identification"] != first.mandate["identification"]
    assert container_of(database, paid(mine)).id == second.id
    with database.view() as view:
        assert view.containers.get(first.id).mandate == first.mandate


def test_another_number_makes_a_mandate_for_the_creditor_of_today(mine: Api, contract: Change) -> None:
    kept = mine.post("Payment/Containers", ACCOUNT)
    contract(creditor_id=OURS)
    other = {"private": {"owner": "Max Mustermann", "iban": "DE37503240001000000524"}}
    assert mine.put(f"Payment/Containers/{kept['id']}", other)["mandate"]["creditor_id"] == OURS


def test_a_creditor_identifier_can_be_taken_away_and_is_in_the_audit_trail(database: Database) -> None:
    with database.unit() as unit:
        assert creditors.assign(unit, audit.OPERATOR, "GCR_MINE", "de79zzz 01234567890").creditor_id == OURS
        assert creditors.assign(unit, audit.OPERATOR, "GCR_MINE", None).creditor_id is None
        assert [each.verb for each in unit.audit.all(object_id="GCR_MINE")][-2:] == ["set creditor of"] * 2


def test_a_subscription_is_not_collected_by_whoever_is_no_creditor_any_more(
    without: Api, database: Database, contract: Change
) -> None:
    contract(creditor_id=OURS)
    id = subscribed(without, plan(without), account(), "debit", start_at="2026-02-10T00:00:00+01:00")
    with database.unit() as unit:
        creditors.assign(unit, audit.OPERATOR, "GCR_MINE", None)
    set_to(without, "2026-02-10T12:00:00")
    assert [state for _, _, state in billed(without, id)[1:]] == ["denied"]


@pytest.fixture
def real(platform: Platform) -> Api:
    """My shop on a server that moves money, and has a creditor identifier by now."""
    return shop(replace(platform, creditor_id=SERVERS, can=replace(platform.can, moves_money=True)))


def test_nobody_is_debited_by_a_mandate_that_was_only_for_tests(mine: Api, real: Api, database: Database) -> None:
    first = container_of(database, paid(mine))
    assert first.mandate["creditor_id"] == TEST_ID
    body = {"container": {"id": first.id}}
    path = f"Smart/Transactions/{real.buy(**ERIKA)['id']}/start/debit"
    assert real.refused("POST", path, body) == (403, "ProductNotAllowedException", 4195)
    assert mine.post(f"Smart/Transactions/{mine.buy(**ERIKA)['id']}/start/debit", body)["status"] == "ok"
    anew = container_of(database, paid(real))
    assert anew.id != first.id
    assert anew.mandate["creditor_id"] == SERVERS


def test_no_subscription_is_collected_by_a_mandate_that_was_only_for_tests(mine: Api, real: Api) -> None:
    id = subscribed(mine, plan(mine), account(), "debit", start_at="2026-02-10T00:00:00+01:00")
    set_to(real, "2026-02-10T12:00:00")
    [(number, _, state)] = billed(real, id)[1:]
    assert state == "denied", number


def test_who_still_tests_a_bank_collects_under_the_identifier_of_tests(platform: Platform) -> None:
    testing = shop(replace(platform, creditor_id=TEST_ID, can=replace(platform.can, moves_money=True)))
    id = paid(testing)["container"]["id"]
    path = f"Smart/Transactions/{testing.buy(**ERIKA)['id']}/start/debit"
    assert testing.post(path, {"container": {"id": id}})["status"] == "ok"


def test_nobody_grants_a_mandate_to_another_creditor_than_their_page_has_shown(
    mine: Api, database: Database, contract: Change
) -> None:
    payer, link = Payer(mine.http), mine.buy()["payment_links"]["debit"]
    assert TEST_ID in payer.open(link).page
    contract(creditor_id=OURS)
    typed = account()["container"]["private"]
    assert payer.send(**typed).status == 403
    with database.view() as view:
        assert view.containers.all() == []
    assert OURS in payer.open(link).page
    payer.send(**typed)
    with database.view() as view:
        assert [each.mandate["creditor_id"] for each in view.containers.all()] == [OURS]
