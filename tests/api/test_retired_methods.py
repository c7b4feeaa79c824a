"""Methods that the world has ended: they stay, unless the contract lets them end with their last day."""

from dataclasses import replace

import pytest

from pfennig.domain.methods import METHODS
from pfennig.storage.database import Database
from tests.api.conftest import AtTheBank
from tests.api.test_outcomes import lab
from tests.conftest import Api, Json

NOT_AVAILABLE = (403, "ProductNotAllowedException", 4002)
LAST_MOMENTS = {"giropay": "2024-06-30T23:59:59+02:00", "sofort": "2025-09-30T23:59:59+02:00"}


@pytest.fixture
def ending(database: Database) -> None:
    """The contract with all methods lets the retired ones end."""
    with database.unit() as unit:
        contract = unit.contracts.get("GCR_ALL")
        unit.contracts.change(contract, replace(contract, ends_retired_methods=True))


def buy(mine: Api, **fields: object) -> Json:
    """A Smart Transaction that can be paid by every method that there is."""
    return mine.buy(contract={"id": "GCR_ALL"}, basket_info={"sum": 500_00, "currency": "EUR"}, **fields)


IN_EUROS = {word for word, row in METHODS.items() if row.limits.has_currency("EUR")}


def linked(case: Json) -> set[str]:
    """The methods for which there is a link."""
    return set(case["payment_links"]) - {"general"}


def test_every_retired_method_has_its_day_here() -> None:
    assert set(LAST_MOMENTS) == {word for word, row in METHODS.items() if row.limits.last_day}


@pytest.mark.parametrize("moment", ["2024-01-01", "2026-02-04", "2030-01-01"])
def test_no_method_ends_where_nobody_wants_it_to(mine: Api, moment: str) -> None:
    lab(mine, "clock/set", now=f"{moment}T12:00:00")
    assert linked(buy(mine)) == IN_EUROS
    assert mine.post(f"Smart/Transactions/{buy(mine)['id']}/prepare/giropay")["payment_method"] == "giropay"


@pytest.mark.usefixtures("ending")
@pytest.mark.parametrize("method", LAST_MOMENTS)
def test_a_method_ends_with_its_last_day_in_germany(mine: Api, method: str) -> None:
    lab(mine, "clock/set", now=LAST_MOMENTS[method])
    case = buy(mine)
    path = f"Smart/Transactions/{case['id']}"
    assert method in linked(case)
    assert f"/pay/{method}?" in mine.http.get(f"/pay?stx={case['id']}").text
    assert mine.post(f"{path}/prepare/{method}")["status"] == "created"
    lab(mine, "clock/advance", seconds=1)
    assert method not in linked(mine.get(path))
    assert f"/pay/{method}?" not in mine.http.get(f"/pay?stx={case['id']}").text
    for action in ("prepare", "start"):
        assert mine.refused("POST", f"{path}/{action}/{method}") == NOT_AVAILABLE
    assert linked(buy(mine)) | {"giropay", "sofort"} == IN_EUROS


@pytest.mark.usefixtures("ending")
def test_a_shop_that_wants_nothing_but_what_has_ended_is_told_what_there_is(mine: Api) -> None:
    wanted = {"payment_context": {"payment_methods": ["sofort"]}, "contract": {"id": "GCR_ALL"}}
    sale = {"basket_info": {"sum": 500_00, "currency": "EUR"}} | wanted
    answer = mine.request("POST", "Smart/Transactions", json=sale)
    assert (answer.status_code, answer.json()["code"]) == (400, 3043)
    assert "creditcard" in answer.json()["error_details"]
    assert "sofort" not in answer.json()["error_details"].partition(":")[2]


@pytest.mark.usefixtures("ending")
def test_who_was_at_the_bank_before_the_end_can_still_pay(mine: Api, at_the_bank: AtTheBank) -> None:
    lab(mine, "clock/set", now=LAST_MOMENTS["sofort"])
    case = mine.post(f"Smart/Transactions/{buy(mine)['id']}/prepare/sofort")
    lab(mine, "clock/advance", minutes=5)
    at_the_bank(case, "succeed")
    assert mine.get(f"Smart/Transactions/{case['id']}")["status"] == "ok"
    lab(mine, "clock/advance", days=1)
    payment = f"Payment/Transactions/{case['transactions'][0]['id']}"
    assert mine.request("POST", f"{payment}/cancel").status_code == 200


@pytest.mark.usefixtures("ending")
def test_the_day_is_that_of_the_merchants_clock(mine: Api, stranger: Api) -> None:
    assert "sofort" not in linked(buy(mine))
    lab(stranger, "clock/set", now="2025-01-01T12:00:00")
    assert "sofort" not in linked(buy(mine))
    lab(mine, "clock/set", now="2025-01-01T12:00:00")
    assert "sofort" in linked(buy(mine))
