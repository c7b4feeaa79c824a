"""What belongs to another merchant answers as what nobody has: to the letter, and after the same questions.

One shop does everything that the API offers. Then a stranger asks for what it left: at each operation of the table,
in references of bodies, in lists and in the lab; and once more for ids of the same shape that nobody has.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from pfennig.api import description
from pfennig.domain.ident import FIRST_ISSUE
from pfennig.operations.books import settlement
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.worlds import world
from pfennig.resources import RESOURCES
from pfennig.storage import tables
from pfennig.storage.database import Database
from tests import journey
from tests.api.conftest import account, card
from tests.conftest import Api, order
from tests.described import known

Json = Any
Left = Mapping[str, list[str]]

SUPPORT_ID = re.compile(r'"supportId":"[0-9a-f]{32}"')
ASKED = "«asked»"
NOBODYS_NUMBER = 899_999_999
SHORTEST_ID = 4

FORBIDDEN = "DELETE Payment/Customers/{id}"
"""Where nothing is there, the API is known to answer 403."""

NOUNS = {
    "Document.Uploads": "uploads",
    "Payment.Secupaypayout": "payments",
    "Services.Identcases": "cases",
    "Services.Uploadidents": "service_issues",
}
"""Where the objects of a noun without a list are kept."""


@pytest.fixture
def left(database: Database, http: httpx.Client, platform: Platform) -> Left:
    """The names of what a shop left behind, by kind."""
    demo = world.read(world.DEMO)
    demo.merchants[0].contracts[0].fees = {"creditcard": world.NewFee(fixed=25)}
    world.seed(database, demo, update=False)
    clients = [merchant.contracts[0].clients[0] for merchant in demo.merchants[:2]]
    shop, other = (Api(http, (client.id, client.secret)) for client in clients)
    journey.play(shop, other, lambda: settlement.run(Call(platform, None, "de", role="operator")))
    owner = demo.merchants[0].id
    found = defaultdict(list, merchants=[owner])
    with database.view() as view:
        for table in tables.metadata.sorted_tables:
            if "merchant_id" in table.c:
                query = select(table.c.id).where(table.c.merchant_id == owner).order_by(table.c.seq)
                found[table.name] = list(view.connection.execute(query).scalars())
        found["cases"] = [each.case_id for each in view.ident_requests.all(merchant_id=owner)]
        paid = view.payments.all(merchant_id=owner)
        found["payments"] = [paid[0].id, paid[0].transaction_hash, paid[-1].id]
        found["numbers"] = [str(paid[0].trans_id)]
        found["lines"] = [found["receipts"][0], str(view.receipts.get(found["receipts"][0]).seq)]
        found["issues"] = [str(FIRST_ISSUE + each.seq) for each in view.service_issues.all(merchant_id=owner)]
        found["series"] = [
            str(case.data["subscription"]["id"])
            for case in view.smart_transactions.all(merchant_id=owner)
            if case.data.get("subscription")
        ] or found["numbers"]
    return found


def nobodys(name: str) -> str:
    """A name of the same shape that nobody has."""
    if name.isdigit():
        return str(NOBODYS_NUMBER)
    if "_" in name:
        prefix, _, rest = name.partition("_")
        return f"{prefix}_{rest[::-1]}"
    return "zzzzzzzzzzzz" + name[12:]


class Prober:
    """Asks for something that is another's, and for something that nobody has, and compares."""

    def __init__(self, api: Api, questions: list[str], is_thorough: bool) -> None:
        self.api, self.questions, self.differences = api, questions, list[str]()
        self.is_thorough, self.turn = is_thorough, 0

    def some(self, names: list[str]) -> list[str]:
        """Which of the names at a place it asks for: all, or another one each time, so that each has its turn."""
        self.turn += 1
        return names if self.is_thorough or not names else [names[self.turn % len(names)]]

    def answer(self, verb: str, path: str, body: Json, name: str) -> tuple[int, str, int]:
        """What comes back, without what was asked and the supportId; and how many questions it took."""
        self.questions.clear()
        response = self.api.http.request(verb, path, json=body, headers=self.api.headers)
        said = SUPPORT_ID.sub("", response.text)
        quoted = f"'{name}'" if len(name) < SHORTEST_ID else name  # a short number stands in others, too
        text = said.replace(quoted, quoted.replace(name, ASKED))
        return response.status_code, text, len(self.questions)

    def both(self, verb: str, path: str, body: Json, *names: str) -> list[tuple[int, str, int]]:
        """What comes back for each of these names."""
        return [self.answer(verb, path.replace("‹›", each), filled(body, each), each) for each in names]

    def compare(self, verb: str, path: str, body: Json, name: str, status: int | None = 404) -> None:
        """Asks twice. `‹›` in the path and in the body stands for the name, `‹n›` in the body for a number."""
        theirs, none = self.both(verb, path, body, name, nobodys(name))
        if theirs != none:  # the first of them may have read what is remembered from then on
            theirs, none = self.both(verb, path, body, name, nobodys(nobodys(name)[:-1] + "7"))
        if none[0] == 200 and status == 404:  # the operation does not look at the id
            theirs, none = ((200, "", each[2]) for each in (theirs, none))
        elif status and theirs[0] != status:
            none = (status, "expected", 0)
        if theirs != none:
            self.differences.append(f"{verb} {path} {body} {name}:\n  {theirs}\n  {none}")

    @contextmanager
    def all_alike(self) -> Iterator[None]:
        """Fails at its end if anything differed."""
        yield
        assert not self.differences, "\n".join(self.differences)


def filled(body: Json, name: str) -> Json:
    """A body with a name in its place."""
    if isinstance(body, dict):
        return {key: filled(value, name) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, name) for value in body]
    return (
        {"‹›": name, "‹n›": int(name) if name.isdigit() else name}.get(body, body) if isinstance(body, str) else body
    )


@pytest.fixture
def prober(request: pytest.FixtureRequest, stranger: Api, questions: list[str]) -> Prober:
    """A stranger who tries."""
    return Prober(stranger, questions, request.config.getoption("everything"))


def test_what_is_another_merchants_answers_as_what_nobody_has(prober: Prober, left: Left) -> None:
    for probe in (at_every_operation, in_addresses, in_bodies, in_lists_and_the_lab):
        probe(prober, left)


def at_every_operation(prober: Prober, left: Left) -> None:
    """The object that an address begins with."""
    with prober.all_alike():
        for noun in RESOURCES:
            kind = "payments" if noun.name.startswith("Payment.Secupay") else NOUNS.get(noun.name)
            names = left[kind or (noun.rows.noun.table.name if noun.rows else "")]
            for action in noun.operations:
                if "{id}" not in action.path or not names:
                    continue
                several = {names[0], names[1 if kind == "payments" else -1], names[-1]}
                for name in prober.some(sorted(several)):
                    path = (
                        action.path.replace("{id}", "‹›").replace("{method}", "debit").replace("{service}", "paypal")
                    )
                    path = re.sub(r"\{\w+\}", "XXX_1", path)
                    body = known().example(description.name(noun, action)) if action.body else None
                    status = None if description.name(noun, action) == FORBIDDEN else 404
                    prober.compare(action.verb, f"/api/v2/{noun.path}/{path}", body, name, status)


def in_addresses(prober: Prober, left: Left) -> None:
    """What an address names behind its action."""
    api = prober.api
    waits = api.post(f"Smart/Transactions/{api.buy()['id']}/start/creditcard", card())["transactions"][0]["id"]
    container = api.post("Payment/Containers", account()["container"])["id"]
    methods = {"currency": "EUR", "is_demo": True}
    with prober.all_alike():
        for verb, path, kind, body in (
            ("POST", "General/Contracts/me/getAvailablePaymentMethods/‹›", "smart_transactions", methods),
            ("POST", "General/Merchants/me/getPublicData/‹›", "contracts", None),
            ("POST", f"Payment/Containers/{container}/assign/‹›", "customers", None),
            ("POST", f"Payment/Secupaydebits/{waits}/assignExternalInvoicePdf/‹›", "uploads", None),
            ("POST", f"Payment/Transactions/{waits}/assignPayment/‹›", "lines", None),
            ("POST", "Payment/Transactions/me/returnTransfer/‹›", "lines", None),
            ("POST", "Payment/Transactions/me/getPaymentInstructions/‹›", "smart_transactions", None),
            ("GET", "Payment/Transactions/me/CrowdFundingData/‹›", "merchants", None),
        ):
            for name in prober.some(left[kind][:2]):
                prober.compare(verb, f"/api/v2/{path}", body, name)
        unassign = f"/api/v2/Payment/Containers/{container}/assign/‹›"
        prober.compare("DELETE", unassign, None, left["customers"][0], status=None)


def in_bodies(prober: Prober, left: Left) -> None:
    """References."""
    api = prober.api
    mine = api.buy()["id"]
    upload = api.post("Document/Uploads", {"content": "JVBERi0xLjQKJSVFT0YK"})["id"]
    article = {"item_type": "article", "desc": "Mug", "quantity": 1, "priceOne": 500, "tax": 19}
    share = {"item_type": "stakeholder_payment", "contract_id": "‹›", "sum": 5}
    part = {"item_type": "sub_transaction", "sum": 500, "contract_id": "‹›", "sub_basket": [article]}
    debit = {"amount": 500, "customer": known().example("POST Payment/Customers"), "redirect_url": {}}
    asked = known().example("POST Payment/Contracts/{id}/requestId")
    event_details = {"event_details": {"date_start": "2026-05-01", "date_end": "2026-05-02"}}
    clone = known().example("POST Payment/Contracts/{id}/clone")
    mandate = known().example("POST Payment/Mandates")
    papers = {"document_ids": [upload]}
    payout = known().example("POST Payment/Secupaypayout")
    [line] = payout["transaction_list"]
    freely = known().example("POST Payment/Secupaypayout/{id}/PayoutWithoutCustomer")
    origin = {"amount": 350, "purpose": "Interest", "reference": "1", "origin_transaction": "‹n›"}
    with prober.all_alike():
        for path, kind, body in (
            ("Smart/Transactions", "contracts", order(contract={"id": "‹›"})),
            ("Smart/Transactions", "customers", order(customer={"id": "‹›"})),
            ("Smart/Transactions", "contracts", order(basket={"products": [article, share]})),
            ("Smart/Transactions", "contracts", order(basket={"products": [part]})),
            (f"Smart/Transactions/{mine}/prepare/creditcard", "containers", {"container": {"id": "‹›"}}),
            ("Payment/Containers", "merchants", account()["container"] | {"merchant_id": "‹›"}),
            ("Payment/Containers", "customers", account()["container"] | {"customer": {"id": "‹›"}}),
            ("Payment/Containers", "customers", account()["container"] | {"customer_id": "‹›"}),
            ("Payment/Mandates", "merchants", mandate | {"merchant_id": {"id": "‹›"}}),
            ("Payment/Plans", "merchants", known().example("POST Payment/Plans") | {"merchant": {"id": "‹›"}}),
            ("General/Stores", "merchants", {"name": "Laden", "merchant": "‹›"}),
            ("Payment/Contracts/GCR_STRANGER/requestId", "contracts", asked | {"contract_id": "‹›"}),
            ("Payment/Contracts/GCR_STRANGER/requestId", "merchants", asked | event_details | {"merchant_id": "‹›"}),
            ("Payment/Contracts/GCR_STRANGER/clone", "contracts", clone | {"contract_id": "‹›"}),
            ("Services/Uploadidents", "contracts", papers | {"contract_id": "‹›"}),
            ("Services/Uploadidents", "merchants", papers | {"merchant_id": "‹›"}),
            ("Services/Uploadidents", "payments", papers | {"payment_id": "‹›"}),
            ("Services/Uploadidents", "issues", papers | {"service_issue_id": "‹n›"}),
            ("Services/Uploadidents", "uploads", {"contract_id": "me", "document_ids": ["‹›"]}),
            ("Payment/Secupaycreditcards", "contracts", debit | {"contract": "‹›"}),
            ("Payment/Secupaycreditcards", "customers", debit | {"customer": "‹›"}),
            ("Payment/Secupaycreditcards", "containers", debit | {"container": "‹›"}),
            ("Payment/Secupaycreditcards", "series", debit | {"subscription": {"id": "‹n›"}}),
            ("Payment/Secupaypayout", "contracts", payout | {"contract_id": "‹›"}),
            ("Payment/Secupaypayout", "containers", payout | {"transaction_list": [line | {"container_id": "‹›"}]}),
            ("Payment/Secupaypayout/me/PayoutWithoutCustomer", "numbers", freely | {"payout_list": [origin]}),
            ("Payment/Transactions/me/getRefundBankAccount", "numbers", {"trans_id": "‹n›"}),
        ):
            for name in prober.some(left[kind][:2]):
                prober.compare("POST", f"/api/v2/{path}", body, name, status=None)


def in_lists_and_the_lab(prober: Prober, left: Left) -> None:
    """What is searched for, and what testers name."""
    # What is held back leaves with the first call of the lab, which asks more than the next ones.
    prober.api.http.delete("/lab/v1/outcomes", headers=prober.api.headers)
    with prober.all_alike():
        for noun in RESOURCES:
            if noun.rows and (ids := left[noun.rows.noun.table.name]):
                prober.compare("GET", f"/api/v2/{noun.path}?q=id:‹›", None, ids[0], status=200)
        for verb, path, kind, body in (
            ("GET", "transactions/‹›/timeline", "smart_transactions", None),
            ("GET", "transactions/‹›/quiet", "smart_transactions", None),
            ("GET", "mails?transaction=‹›", "smart_transactions", None),
            ("POST", "bank/transfers/‹›/return", "lines", None),
            ("POST", "bank/payments/‹›/return", "payments", None),
            ("POST", "bank/payments/‹›/unassign", "payments", None),
            ("POST", "contracts/‹›/activate", "contracts", None),
            ("POST", "idents/‹›", "ident_requests", {"status": "ok"}),
            ("POST", "tokens", "containers", {"container": "‹›", "status": "active"}),
        ):
            prober.compare(verb, f"/lab/v1/{path}", body, left[kind][0])
