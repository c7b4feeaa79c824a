"""What the tests of recurring payments share: a plan, an order, a clock."""

from typing import Any

from tests.api.conftest import card
from tests.api.test_outcomes import lab
from tests.conftest import Api, Json

TEMPLATE = {"checkout_template": "COT_QV85D3F542XWFFJYCSWG00W400YWAT"}
PUSH = {"return_urls": {"url_push": "https://shop.example.test/push"}}


def phase(price: int, unit: str = "month", count: int = 1, **more: Any) -> Json:
    """A phase of a plan, regular and without an end."""
    return {"sequence": 1, "interval": {"unit": unit, "count": count}, "price": price} | more


def plan(api: Api, *phases: Json, **fields: Any) -> str:
    """The id of a new plan; by default ten euros a month."""
    made = api.post("Payment/Plans", {"billing_cycles": list(phases or [phase(1000)])} | fields)
    id: str = made["id"]
    return id


def item(plan_id: str, **fields: Any) -> Json:
    """The item that subscribes to a plan for an initial fee of five euros."""
    return {"item_type": "subscription", "desc": "Coffee", "priceOne": 500, "plan_id": plan_id} | fields


def ordered(api: Api, plan_id: str, **fields: Any) -> Json:
    """An order with a subscription that is not paid yet."""
    basket = {"products": [item(plan_id, **fields)]}
    total = basket["products"][0]["priceOne"]
    return api.buy(basket=basket, basket_info={"sum": total, "currency": "EUR"}, application_context=TEMPLATE | PUSH)


def subscribed(api: Api, plan_id: str, body: Json | None = None, method: str = "creditcard", **fields: Any) -> str:
    """The id of a subscription whose order was paid, by a card that works if nothing else is said."""
    case = ordered(api, plan_id, **fields)
    paid = api.post(f"Smart/Transactions/{case['id']}/start/{method}", body or card())
    assert paid["status"] == "ok", paid
    id: str = paid["subscription"]["id"]
    return id


def read(api: Api, id: str) -> Json:
    """A subscription."""
    return api.get(f"Payment/Subscriptions/{id}")


def billed(api: Api, id: str) -> list[tuple[str, int, str]]:
    """The payments of a subscription, oldest first: their day, amount and simple status."""
    found = api.get("Payment/Transactions", q=f"subscription.id:{id}", sort="trans_id:asc", count=100)["data"]
    return [(each["created"][:10], each["amount"], each["details"]["status_simple_text"]) for each in found]


def advance(api: Api, **by: int) -> None:
    """Moves my clock."""
    lab(api, "clock/advance", **by)


def set_to(api: Api, now: str) -> None:
    """Sets my clock."""
    lab(api, "clock/set", now=now)
