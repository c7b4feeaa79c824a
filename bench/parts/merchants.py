"""One hot merchant against many"""

import json
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from statistics import median

from bench.client import CONNECTIONS, Ask, Load, Visitor, request
from bench.report import Figure, ratio, side_by_side
from bench.shop import PATH
from bench.stand import OURS, Ours, Stand
from pfennig.demo import ORDER

MERCHANTS = 50
SECONDS = 5
SECRET = "bench-secret-of-a-merchant-0123456789"
ORDERED = json.dumps({name: value for name, value in ORDER.items() if name in ("customer", "intent", "basket_info")})
ACCOUNT = {"owner": "Max Mustermann", "iban": "DE37503240001000000524"}
DEBIT = json.dumps({"container": {"type": "bank_account", "private": ACCOUNT}})


def run(stand: Stand) -> list[Figure]:
    """Debits started a second: all of one merchant, who is in every posting, or of many in turn."""
    with stand.serving("merchants") as served:
        ours = served[OURS]
        tokens = [ours.server.token(credentials(number)) for number in seeded(stand, ours)]
        rates = side_by_side({"one": partial(paid, ours, tokens[:1]), "many": partial(paid, ours, tokens)})
    return [
        Figure("paid for one merchant", median(rates["one"]), "/s"),
        Figure(f"paid for {MERCHANTS} merchants", median(rates["many"]), "/s"),
        Figure("one against many", ratio(rates["one"], rates["many"]), ""),
    ]


def credentials(number: int) -> dict[str, str]:
    """How a merchant gets his token."""
    return {"grant_type": "client_credentials", "client_id": f"bench-shop-{number}", "client_secret": SECRET}


def seeded(stand: Stand, ours: Ours) -> range:
    """Makes the merchants, and answers their numbers."""
    merchants = [
        {
            "id": f"MRC_{number:030}",
            "companyname": f"Merchant {number}",
            "contracts": [
                {
                    "id": f"GCR_{number:030}",
                    "methods": ["debit"],
                    "bank_account": ACCOUNT | {"bic": "", "bankname": ""},
                    "clients": [{"id": f"bench-shop-{number}", "secret": SECRET, "name": "bench"}],
                }
            ],
        }
        for number in range(MERCHANTS)
    ]
    file = stand.folder / "merchants.yaml"
    file.write_text(json.dumps({"merchants": merchants}))  # which is YAML, too
    stand.pfennig("seed", "--database", ours.database, "--file", str(file), tree=ours.server.tree).run()
    return range(MERCHANTS)


def paid(ours: Ours, tokens: list[str]) -> float:
    """Debits that were started in a second."""
    load, turns = Load(ours.server.url), cycle(tokens)
    until = time.perf_counter() + SECONDS
    with ours.in_order():
        record = load.run((0, shop(turns, until)) for _ in range(CONNECTIONS))
    load.close()
    return len(record.seconds["start"]) / record.elapsed


def shop(turns: Iterator[str], until: float) -> Visitor:
    """Sells until that time, each sale for the merchant whose turn it is."""
    while time.perf_counter() < until:
        token = next(turns)
        case = (yield Ask("create", request("POST", PATH, ORDERED.encode(), token))).json
        yield Ask("start", request("POST", f"{PATH}/{case['id']}/start/debit", DEBIT.encode(), token))
