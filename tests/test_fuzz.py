"""Whatever is sent to an operation, its answer is one of those that are described, and never a bug.

Schemathesis makes requests from /openapi.json: such as are described, and such as are not. `make test` plays a few
for every fourth address, the same each time; `make test-all` plays them for all, and `make soak` goes on with many
new ones.
"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from pfennig import application
from pfennig.domain.methods import METHODS
from pfennig.operations.core.call import Platform
from pfennig.operations.parties.third_parties import SERVICES
from tests import journey, soak
from tests.api.conftest import transfer
from tests.conftest import COLLEAGUE, MINE, Api
from tests.described import TOKENS, operations

EXAMPLES = 100 if soak.SECONDS else 2
SETTINGS = settings(
    max_examples=EXAMPLES,
    derandomize=not soak.SECONDS,
    database=None,
    phases=[Phase.generate],  # what was done cannot be undone, so a failure cannot be made smaller
)
CHECKS: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
LISTS = (
    "General/Stores",
    "Smart/Transactions",
    "Payment/Transactions",
    "Payment/Customers",
    "Payment/Containers",
    "Payment/Mandates",
)
KINDS = {"contract": "GCR", "customer": "PCU", "merchant": "MRC", "transaction": "STX"}
"""What stands in an address by another word than `id`."""


def shown(credentials: str) -> str:
    """The header that shows them by HTTP Basic."""
    return f"Basic {b64encode(credentials.encode()).decode()}"


IN_THE_HEADER = st.one_of(
    st.just(shown(":".join(COLLEAGUE))),
    st.text().map(shown),
    st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"])).map("Basic {}".format),
)
"""Credentials by HTTP Basic: good ones, wrong ones, and what cannot be read."""


def things(shop: Api) -> dict[str, list[str]]:
    """The ids of objects in every state, by their prefix, and other words that an address may have."""
    do = journey.doing(shop)
    for _ in range(2):
        for method, body in (("creditcard", {"container": journey.CARD}), ("debit", {"container": journey.ACCOUNT})):
            for verb in ("prepare", "start"):
                shop.post(f"Smart/Transactions/{shop.buy()['id']}/{verb}/{method}", body)
        do("POST Payment/Secupayprepays")
        do("POST Payment/Containers")
        do("POST Payment/Customers")
        do("POST General/Stores")
        shop.post(f"Smart/Transactions/{shop.buy()['id']}/start/prepaid")
        shop.buy()
    found: dict[str, list[str]] = {"method": list(METHODS), "GCR": ["GCR_MINE"], "MRC": ["MRC_MINE"]}
    found["service"] = list(SERVICES)
    found["line"] = [transfer(shop, 700, "thank you", iban="DE35500105175418493188", owner="Max")["id"]]
    for item in (item for noun in LISTS for item in shop.get(noun)["data"]):
        found.setdefault(item["id"][:3], []).append(item["id"])
    return found


def test_nothing_meets_a_bug_or_an_answer_that_is_not_described(
    request: pytest.FixtureRequest, http: httpx.Client, platform: Platform
) -> None:
    is_everything = soak.SECONDS or request.config.getoption("everything")
    there, headers = things(Api(http, MINE)), Api(http, COLLEAGUE).headers
    prefixes = {noun.name: noun.prefix for noun, _ in operations()}
    schema = schemathesis.openapi.from_wsgi("/openapi.json", application.create(platform))
    for _ in soak.rounds():
        offered = sorted(schema.items(), key=ends_something)
        for path, offers in offered if is_everything else offered[::4]:
            for verb in offers:
                prefix = prefixes.get((schema.raw_schema["paths"][path][verb]["tags"])[0], "")
                play(offers[verb], there | {"id": there.get(prefix, [])}, headers)()


def ends_something(item: tuple[str, Any]) -> bool:
    """True for what comes last: under a contract that has ended nothing can be tried any more."""
    return item[0].endswith("/terminate")


def play(operation: Any, there: dict[str, list[str]], headers: dict[str, str]) -> Callable[[], None]:
    """Sends requests to one operation, most of them about something that is there."""
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @SETTINGS
    @given(cases, st.data())
    def send(case: Any, data: st.DataObject) -> None:
        for word in case.path_parameters or {}:
            known = [*there.get(KINDS.get(word, word), []), "me"]
            if data.draw(st.integers(0, 3)):
                case.path_parameters[word] = data.draw(st.sampled_from(known))
        basic = {"Authorization": data.draw(IN_THE_HEADER)} if operation.path == TOKENS else {}
        case.call_and_validate(headers=headers | basic, checks=CHECKS)

    return send
