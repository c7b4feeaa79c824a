"""`pfennig lab`: the lab of a running twin from the command line. Source: docs/lab.md."""

import argparse
import os
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pfennig.clock import duration
from pfennig.console import complain, sentence, show, show_json, show_text
from pfennig.settings import LAB_CLIENT, BadSetting

GUIDE = "00563697073442633035025909838580:3382456441636938321687549172178382320163695870914358804052148567"
"""The client of the getting-started guide, which every twin has."""

PATIENCE_SECONDS = 600
"""A clock that is moved by a year stops often, and waits for slow receivers."""

Run = Callable[[argparse.Namespace], int]


def register(commands: Any) -> None:
    """Adds `lab` and its actions to the command line."""
    text = "make the simulated world of a running twin move"
    group = commands.add_parser("lab", help=text, description=sentence(text))
    group.add_argument("--url", default="http://127.0.0.1:8080", help="where the twin runs (default %(default)s)")
    group.add_argument(
        "--client",
        default=os.environ.get(LAB_CLIENT, GUIDE),
        metavar="ID:SECRET",
        help=f"who acts (default: what {LAB_CLIENT} says, else the client of the guide)",
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    clock = action(actions, "clock", clock_moved, "show the clock, or move it")
    clock.add_argument("to", nargs="?", metavar="TO", help="7d, 2h30m, a moment such as 2027-01-31T12:00, or next")
    clock.add_argument("--server", action="store_true", help="the clock of everybody instead of the merchant's")
    outcome = action(actions, "outcome", outcome_queued, "queue what the next payment shall come to, or list it all")
    outcome.add_argument("outcome", nargs="?", metavar="OUTCOME", help="such as insufficient_funds")
    outcome.add_argument("--method", help="for which method (default: any)")
    outcome.add_argument("--verb", choices=("start", "capture", "cancel", "refund"), default="start")
    outcome.add_argument("--after", type=int, metavar="SECONDS", help="the rail answers only then")
    action(actions, "balance", balance_shown, "print what is available and what is pending")
    contract = action(actions, "contract", contract_decided, "decide about a contract as its operator")
    contract.add_argument("contract", metavar="CONTRACT", help="GCR_…")
    contract.add_argument("decision", choices=("activate", "reject", "account"))
    transfer = action(actions, "transfer", send_transfer, "let a payer transfer money")
    transfer.add_argument("amount", type=int, metavar="AMOUNT", help="in cents")
    transfer.add_argument("purpose", metavar="PURPOSE", help='such as "TA 40000001"')
    for verb, text in (
        ("return", "send money that belongs to no order back to where it came from"),
        ("unassign", "take money that a payment does not need off it"),
    ):
        back = action(actions, verb, surplus_moved, text)
        back.add_argument("id", metavar="ID", help="PCI_…" + (", or BKL_…" if verb == "return" else ""))
        back.add_argument("amount", nargs="?", type=int, metavar="AMOUNT", help="in cents (default: all)")
        back.set_defaults(verb=verb)
    token = action(actions, "token", token_moved, "answer for a card network about a token")
    token.add_argument("container", metavar="CONTAINER", help="PCT_…")
    token.add_argument("status", metavar="STATUS", help="inquiry, active, failed or archived")
    mails = action(actions, "mails", mails_listed, "print the mails to payers and merchants")
    mails.add_argument("transaction", nargs="?", metavar="TRANSACTION", help="STX_… (default: of all)")
    for name, text in (("quiet", "wait until nothing is under way"), ("timeline", "print what happened")):
        looking = action(actions, name, look_at_transaction, text)
        looking.add_argument("transaction", metavar="TRANSACTION", help="STX_…")
        looking.set_defaults(view=name)


def action(actions: Any, name: str, run: Run, text: str) -> argparse.ArgumentParser:
    """Performs one action of the lab."""
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text, description=sentence(text))
    parser.set_defaults(run=run)
    return parser


def clock_moved(given: argparse.Namespace) -> int:
    """Moves a clock: pfennig lab clock [TO]."""
    scope = {"scope": "server" if given.server else "merchant"}
    if given.to is None:
        return print_answer(ask_lab(given, "GET", "clock", params=scope))
    if given.to == "next":
        return print_clock(ask_lab(given, "POST", "clock/next", json=scope))
    if by := duration(given.to):
        return print_clock(ask_lab(given, "POST", "clock/advance", json=scope | {"seconds": int(by.total_seconds())}))
    try:
        moment = datetime.fromisoformat(given.to)
    except ValueError:
        raise BadSetting(f"{given.to!r} is neither a duration such as 7d nor a moment such as 2027-01-31") from None
    return print_clock(ask_lab(given, "POST", "clock/set", json=scope | {"now": moment.isoformat()}))


def print_clock(answer: Any) -> int:
    """Prints what a clock shows now; whoever moves one on which nothing falls due may have meant another."""
    if not answer["steps"]:
        complain(f"nothing fell due by the clock of {answer['of']}; --client says whose is moved, --server moves all")
    return print_answer(answer)


def outcome_queued(given: argparse.Namespace) -> int:
    """Queues an outcome: pfennig lab outcome [OUTCOME]."""
    if given.outcome is None and given.after is None:
        return print_answer(ask_lab(given, "GET", "outcomes"))
    request = {"outcome": given.outcome, "method": given.method, "verb": given.verb, "after_seconds": given.after}
    return print_answer(ask_lab(given, "POST", "outcomes", json=request))


def balance_shown(given: argparse.Namespace) -> int:
    """Shows the balance: pfennig lab balance."""
    return print_answer(ask_lab(given, "GET", "balances"))


def contract_decided(given: argparse.Namespace) -> int:
    """Decides about a contract: pfennig lab contract CONTRACT activate|reject|account."""
    return print_answer(ask_lab(given, "POST", f"contracts/{given.contract}/{given.decision}"))


def send_transfer(given: argparse.Namespace) -> int:
    """pfennig lab transfer AMOUNT PURPOSE."""
    return print_answer(
        ask_lab(given, "POST", "bank/transfers", json={"amount": given.amount, "purpose": given.purpose})
    )


def surplus_moved(given: argparse.Namespace) -> int:
    """Moves a surplus: pfennig lab return|unassign ID [AMOUNT]."""
    noun = "transfers" if given.id.startswith("BKL_") else "payments"
    request = {} if given.amount is None else {"amount": given.amount}
    return print_answer(ask_lab(given, "POST", f"bank/{noun}/{given.id}/{given.verb}", json=request))


def token_moved(given: argparse.Namespace) -> int:
    """Moves a token: pfennig lab token CONTAINER STATUS."""
    return print_answer(ask_lab(given, "POST", "tokens", json={"container": given.container, "status": given.status}))


def look_at_transaction(given: argparse.Namespace) -> int:
    """pfennig lab quiet|timeline TRANSACTION: 1 if it did not become quiet."""
    answer = ask_lab(given, "GET", f"transactions/{given.transaction}/{given.view}")
    if given.view == "quiet":
        print_answer(answer)
        return 0 if answer["quiet"] else 1
    for entry in answer["data"]:
        show(f"{entry['at']}  {entry['kind']:11}  {entry['object']}  {entry['text']}")
    return 0


def mails_listed(given: argparse.Namespace) -> int:
    """Lists mails, oldest first, as people read a terminal: pfennig lab mails [TRANSACTION]."""
    only = {"transaction": given.transaction} if given.transaction else {}
    for mail in reversed(ask_lab(given, "GET", "mails", params=only)["data"]):
        head = f"{mail['created']}  {mail['kind']}  {mail['progress']}"
        show(head, f"To: {mail['to']}", f"Subject: {mail['subject']}", "")
        show_text(f"{mail['text']}\n")
    return 0


def ask_lab(given: argparse.Namespace, verb: str, path: str, **more: Any) -> Any:
    """Sends a request to the lab; answers its answer. Raises BadSetting with the lab's refusal."""
    import httpx  # importing it takes a while, and most commands do not need it

    client_id, _, secret = given.client.partition(":")
    grant = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    try:
        with httpx.Client(base_url=given.url, timeout=PATIENCE_SECONDS) as http:
            token = http.post("/oauth/token", json=grant).json()
            if "access_token" not in token:
                raise BadSetting(f"{given.url} does not know this client")
            headers = {"Authorization": f"Bearer {token['access_token']}", "Accept-Language": "en"}
            answer = http.request(verb, f"/lab/v1/{path}", headers=headers, **more)
            body = answer.json()
    except BadSetting:
        raise
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise BadSetting(f"there is no twin at {given.url}; say where with --url") from None
    if answer.status_code == HTTPStatus.NOT_FOUND:
        raise BadSetting(f"{body['error_details']} for client {client_id}; --client or {LAB_CLIENT} names another")
    if answer.status_code != HTTPStatus.OK:
        raise BadSetting(body["error_details"])
    return body


def print_answer(answer: Any) -> int:
    """Prints an answer for people."""
    show_json(answer)
    return 0
