"""A marketplace: my shop, two sellers below it, and baskets of both with a share for the marketplace."""

from dataclasses import replace
from typing import Any

from pfennig.operations.checks import reconciliation
from pfennig.operations.core import ledger
from pfennig.storage.database import Database
from tests.conftest import Json

PLATFORM, ANNA, BERT = "GCR_MINE", "GCR_SELLER", "GCR_BERT"

ACCOUNT = {"owner": "Anna & Bert GbR", "iban": "DE35500105175418493188", "bic": "INGDDEFFXXX", "bankname": "ING-DiBa"}
"""Where everybody is paid out to."""

Money = dict[str, tuple[int, int]]
"""What is available and what is pending, by contract; contracts without any are left out."""


def open_second_shop(database: Database) -> None:
    """Bert, who sells below my shop as Anna does."""
    with database.unit() as unit:
        merchant, contract = unit.merchants.get("MRC_SELLER"), unit.contracts.get(ANNA)
        unit.merchants.add(replace(merchant, id="MRC_BERT", companyname="Bert unter mir"))
        unit.contracts.add(replace(contract, id=BERT, merchant_id="MRC_BERT"))


def article(price: int, **fields: Any) -> Json:
    """One piece of something."""
    return {"item_type": "article", "desc": "Coffee maker", "quantity": 1, "priceOne": price, "tax": 19} | fields


def share(amount: int, contract: str = PLATFORM) -> Json:
    """What somebody gets of it."""
    return {"item_type": "stakeholder_payment", "desc": "Fee", "sum": amount, "contract_id": contract}


def part(contract: str, amount: int, *shares: Json, **fields: Any) -> Json:
    """What one seller sells."""
    inside = [article(amount), *shares]
    item = {"item_type": "sub_transaction", "desc": "Order", "sum": amount, "contract_id": contract}
    return item | {"sub_basket": inside} | fields


def basket(*items: Json) -> Json:
    """The fields of an order with these items."""
    return {"basket": {"products": list(items)}, "basket_info": {"currency": "EUR"}}


def mixed(anna: str, bert: str) -> Json:
    """73.50 EUR: Anna sells for 53.50 and Bert for 20.00, of which the marketplace gets 1.61 and 1.00."""
    parts = part(anna, 5350, share(161), reference_id="1002"), part(bert, 2000, share(100), reference_id=1003)
    return basket(*parts)


MIXED = mixed(ANNA, BERT)


def balances(database: Database) -> Money:
    """What everybody has."""
    with database.view() as view:
        found = {each.contract_id: (each.available, each.pending) for each in ledger.balances(view)}
    return {contract: money for contract, money in found.items() if any(money)}


def accounts(database: Database) -> dict[str, int]:
    """What each account of the books holds, whoever owns it; accounts with nothing are left out."""
    found: dict[str, int] = {}
    with database.view() as view:
        for posting in view.postings.all():
            found[posting.account] = found.get(posting.account, 0) + posting.amount
    return {account: amount for account, amount in found.items() if amount}


def differences(database: Database) -> list[str]:
    """What the check of the books has to say."""
    with database.view() as view:
        return [str(difference) for difference in reconciliation.check_all(view)[1]]
