"""Writes docs/reference/ and docs/coverage.md from the tables in the code, so that they cannot disagree.

Run by `make docs`.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import yaml

import pfennig
from pfennig.api import description
from pfennig.api import errors as door
from pfennig.api.metrics import COUNTED, READ
from pfennig.api.reference import Reference, plain, spelled_out
from pfennig.checkout import assets
from pfennig.commands.common import ENVIRONMENT_ONLY
from pfennig.domain import calendar, ledger, methods, payment, smart_transaction
from pfennig.domain.container import iban_in_groups
from pfennig.errors import Refusal
from pfennig.language import say
from pfennig.operations.worlds import world
from pfennig.resources import RESOURCES
from pfennig.settings import HELP, IN_FILE, PREFIX, SECRETS, Settings
from pfennig.twin.simulator.instruments import ACCOUNTS, CARDS
from pfennig.twin.simulator.plots import SCENARIOS

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"


def page(title: str, *parts: str) -> str:
    """A page with its parts below the title."""
    note = "<!-- Written by `make docs` from the code; changes made here are lost. -->"
    return "\n\n".join((f"# {title}", note, *parts)) + "\n"


def table(head: str, rows: Iterable[Iterable[object]]) -> str:
    """Rows under the words of the head."""
    names = head.split(" | ")
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (names, ["---"] * len(names), *rows))


def code(word: object) -> str:
    """A word as programs write it; nothing stays nothing."""
    return f"`{word}`" if str(word) else ""


def spoken(text: str, **values: object) -> tuple[str, str]:
    """A text in English and in German."""
    return say(text, "en", **values), say(text, "de", **values)


def settings() -> str:
    """Everything that can be set."""
    rows = (
        ("" if f.name in ENVIRONMENT_ONLY else code("--" + f.name.replace("_", "-")),
         code(PREFIX + f.name.upper()), code(f.default), HELP[f.name])
        for f in fields(Settings)
    )  # fmt: skip
    filed = ", ".join(code(PREFIX + name.upper() + IN_FILE) for name in SECRETS)
    said = (
        "Each is an option of `pfennig serve` or an environment variable; the option wins. A setting with a secret "
        f"can also be read from a file that {filed} names; the command line refuses passwords, because everybody on "
        "the machine can read it."
    )
    return page("Settings", said, table("option | environment | default | meaning", rows))


def metrics() -> str:
    """Everything that `GET /metrics` tells."""
    rows = ((code(name), text, ", ".join(map(code, labels))) for name, (text, labels) in (COUNTED | READ).items())
    return page("Metrics", "The metrics that `GET /metrics` answers.", table("metric | meaning | labels", rows))


def operations() -> str:
    """Everything that the API offers."""
    parts = ["Other operations are not offered."]
    for noun in RESOURCES:
        offered = (
            (each.verb, code(f"/api/v2/{noun.path}/{each.path}".rstrip("/")), each.answer) for each in noun.operations
        )
        parts += [f"## {noun.name}", table("verb | address | answer", offered)]
        if noun.rows:
            parts.append(f"[The names for its list](names.md#{noun.name.lower().replace('.', '')}).")
    return page("Operations", *parts)


def names() -> str:
    """What lists can be asked by."""
    said = (
        "Use these names in `q` and `sort`, and those with a tick under *groups* in the `group_by_prop` of an "
        "`aggregate`. A term without a name searches those with a tick under *without a name*. `meta=only` answers "
        "the same to programs. "
        "[How to search](../shops.md#search-and-filter)."
    )
    parts = [said]
    for noun in RESOURCES:
        if noun.rows:
            rows = (
                (code(name), x.kind, "✓" if x.can_group else "", "✓" if x.is_bare else "")
                for name, x in noun.rows.names.items()
            )
            parts += [f"## {noun.name}", table("name | kind | groups | without a name", rows)]
    return page("Names in lists", *parts)


def coverage() -> str:
    """Everything that is known of the API, and how much of it is here."""
    known = Reference()
    areas: dict[str, list[tuple[str, str, str]]] = {}
    for row in reached(known):
        area = row[0].split()[1].strip("/").partition("/")[0].replace("oauth", "OAuth")
        areas.setdefault(area, []).append((code(row[0]), *row[1:]))
    words = ("works", "refused", "not yet")
    counts = [
        (area, *(sum(row[1] == word for row in rows) for word in words)) for area, rows in sorted(areas.items())
    ]
    total = ("all", *(sum(column) for column in zip(*(row[1:] for row in counts), strict=True)))
    said = (
        f"The official PHP SDK has {len(known.names)} operations. This page lists all of them, and "
        f"{sum(map(len, areas.values())) - len(known.names)} others. Documented: stated in the provider's "
        "public guide or API reference. Seen: in an SDK or another public client. Our choice: in no source. "
        "Tests compare the source of this page, `src/pfennig/api/reference/`, with the code."
    )
    unread = ((", ".join(map(code, part["fields"])), part["why"]) for part in known.deviations["unread"])
    others = known.deviations["answers"] | known.deviations["models"]
    return page(
        "Coverage",
        said,
        table(" | ".join(("area", *words)), [*counts, total]),
        *(f"## {area}\n\n" + table("operation | state | source", rows) for area, rows in sorted(areas.items())),
        "## Fields of bodies that are ignored\n\n" + table("fields | reason", unread),
        "## Answers that differ from the SDK's models\n\n"
        + table("operation or field | reason", ((code(w), d["why"]) for w, d in others.items())),
    )


def reached(known: Reference) -> Iterator[tuple[str, str, str]]:
    """Each operation, its state, and where it is known from. Legacy endpoints that are alike are one."""
    offered = {
        plain(description.name(noun, each)): description.name(noun, each)
        for noun in RESOURCES
        for each in noun.operations
    }
    offered[plain("POST /oauth/token")] = "POST /oauth/token"
    offered[plain("POST Document/Uploads?multipart")] = "POST Document/Uploads"
    sources = {plain(one): source for each, source in known.sources.items() for one in spelled_out(each)}
    refused = {plain(each) for each in known.deviations["refused"]}
    beyond = [each for each in known.sources if plain(spelled_out(each)[0]) not in known.operations]
    ours = [each for each in offered if each not in {*sources, *known.operations}]
    for each in (*known.names, *beyond, *(offered[one] for one in ours)):
        names = [plain(one) for one in spelled_out(each)]
        offers = "refused" if names[0] in refused else "works"
        works = offers if offered.keys() >= set(names) else "not yet"
        yield each, works, sources.get(names[0], "our choice" if each in ours else "seen")


def refusals() -> list[Refusal]:
    """One of each refusal that has a code of its own, those that nobody has loaded yet among them."""
    for module in pkgutil.walk_packages(pfennig.__path__, "pfennig."):
        if ".migrations." not in module.name:  # these run inside Alembic only
            importlib.import_module(module.name)
    return door.refusals()


def errors() -> str:
    """Everything that is refused."""
    kinds = [
        (status, code(name), " ".join((kind.__doc__ or "").split())) for kind, (status, name) in door.KINDS.items()
    ]
    bug, name, number = door.BUG
    every = [(one, one.code, door.kind(one)[0], code(type(one).__name__)) for one in refusals()]
    rows = ((*facts, *spoken(one.user_text, code=one.code)) for one, *facts in every)
    return page(
        "Errors",
        table("HTTP | error | kind", [*kinds, (bug, code(name), f"A bug (code {number}).")]),
        table("code | HTTP | refusal | English | German", rows),
    )


def life(moves: Mapping[StrEnum, frozenset[StrEnum]]) -> str:
    """A table of moves as a diagram and as a table, both in the order of the states."""
    after: dict[str, list[str]] = {here: [to for to in moves if to in moves[here]] for here in moves}
    arrows = [("[*]", next(iter(after))), *((here, to) for here in after for to in after[here] or ["[*]"])]
    diagram = ["```mermaid", "stateDiagram-v2", *(f"    {here} --> {to}" for here, to in arrows), "```", ""]
    rows = ((code(here), ", ".join(map(code, after[here])) or "the end") for here in after)
    return "\n".join([*diagram, table("from | to", rows)])


def states() -> str:
    """How the nouns live."""
    known = [(code(state), status) for state, status in payment.STATUSES.items()]
    known += [(f"{code(state)}, {method}", status) for state, method, status in methods.own_statuses()]
    rows = ((s, x.number, *spoken(x.text), x.simple.value, code(x.simple.text)) for s, x in known)
    head = "state | status | English | German | status_simple | status_simple_text"
    shown = "On the wire a payment has a detailed and a simple status. Numbers from 900 are ours."
    smart, paid = life(smart_transaction.MOVES), life(payment.MOVES)
    return page("States", "## Smart Transaction", smart, "## Payment", paid, shown, table(head, rows))


def life_of(method: str) -> str:
    """The states that a payment by one method can reach, with their numbers, and the moves between them."""
    states = methods.METHODS[method].course.states
    numbers = {s: methods.status(s, method) for s in payment.State if s in states}
    names = [f"    {s}: {s} {x.number} ({x.simple.value} {x.simple.text})" for s, x in numbers.items()]
    moves: dict[StrEnum, frozenset[StrEnum]] = {here: payment.MOVES[here] & states for here in numbers}
    diagram, _ = life(moves).split("```\n\n")
    return diagram.replace("stateDiagram-v2\n", "\n".join(["stateDiagram-v2", *names, ""])) + "```"


def lives() -> str:
    """How payments live, method by method."""
    said = (
        "Each state shows its detailed status and, in brackets, the simple one; each new simple status is pushed. "
        "A reservation expires after {days} days. Later reports of rails (reviews, return debits, charge-backs) "
        "arrive by themselves, or at once when the [lab](../lab.md) moves the clock."
    )
    parts = []
    for method, row in methods.METHODS.items():
        made = dict.fromkeys((row.products.authorised, row.products.collected))
        known = ", ".join(f"{product.number} {product.name}" for product in made if product)
        refund = row.products.refunded.number
        parts += [f"## {method}", f"Products: {known}; refunds {refund}.", life_of(method)]
    return page("The life of a payment", said.format(days=calendar.RESERVED_FOR.days), *parts)


def test_data() -> str:
    """What can be used in the twin."""
    demo = world.read(world.DEMO)
    instruments = [(c.number, c.plot) for c in CARDS], [(a.iban, a.plot) for a in ACCOUNTS]
    cards, ibans = (
        [(code(iban_in_groups(number)), code(plot), *spoken(SCENARIOS[plot].text)) for number, plot in rows]
        for rows in instruments
    )
    outcomes = ((code(name), *spoken(plot.text)) for name, plot in SCENARIOS.items())
    both = [(merchant, contract) for merchant in demo.merchants for contract in merchant.contracts]
    agreed = (
        (m.companyname, code(m.id), code(c.id), code(c.parent or ""), ", ".join(c.methods), ", ".join(c.wallets))
        for m, c in both
    )
    clients = ((x.name, code(x.id), code(x.secret), code(c.id)) for _, c in both for x in c.clients)
    templates = ((template.title, code(template.id)) for template in demo.checkout_templates)
    return page(
        "Test data",
        "These data exist only in the twin.",
        "## Cards\n\nUse any security code, and any month that is not over. Other card numbers are refused.",
        table("number | outcome | English | German", cards),
        "## Bank accounts\n\nEvery other valid IBAN works, too.",
        table("IBAN | outcome | English | German", ibans),
        "## Outcomes\n\nEach can be [queued](../lab.md#outcomes) for the next payment by any method.",
        table("outcome | English | German", outcomes),
        "## Merchants and contracts\n\n" + table("merchant | id | contract | below | methods | wallets", agreed),
        "## Clients\n\nThe ids and secrets of the provider's public documentation.",
        table("client | id | secret | contract", clients),
        "## Checkout templates\n\n" + table("template | id", templates),
    )


def postings() -> str:
    """What each move posts."""
    moves = ((f"{kind} {here} → {to}", lines) for (kind, here, to), lines in ledger.ENTRIES.items())
    others = (
        ("payment accepted, if the contract has a fee for its method", ledger.CHARGED),
        ("reservation lowered", ledger.RELEASED),
        ("reservation raised", ledger.RAISED),
        ("transfer arrives", ledger.ARRIVED),
        ("money that arrived is assigned to a prepayment", ledger.RECEIVED),
        ("money that arrived is assigned to an invoice or a mixed payment", ledger.SETTLED),
        ("prepayment accepted", ledger.TRANSFERRED),
        ("money that a prepayment or a payout transaction does not need belongs to nobody again", ledger.UNRECEIVED),
        ("money that an invoice or a mixed payment does not need belongs to nobody again", ledger.NOT_SETTLED),
        ("money that belongs to nobody is sent back to its sender", ledger.SENT_BACK),
        ("refund created", ledger.PROMISED),
        ("refund refused by the rail", ledger.TAKEN_BACK),
        ("share of a stakeholder, wherever its payment gives to merchant_payable", ledger.SHARED),
        ("share of a stakeholder, wherever its payment takes from merchant_payable", ledger.UNSHARED),
        ("share taken back by a refund", ledger.UNSHARED),
        ("share given again, as the refund was refused", ledger.SHARED),
        ("payout of a contract: money that it received", ledger.SETTLED_OUT),
        ("payout of a contract: shares deducted from it", ledger.SHARED_BEFORE),
        ("transfer of a payout, or of a return, made by the bank", ledger.SENT),
        ("money that arrived is assigned to a payout transaction", ledger.RECEIVED),
        ("payout transaction accepted", ledger.PASSED_ON),
        *(("transfer, before bank lines had entries of their own", lines) for lines in ledger.BEFORE_RECEIPTS),
        ("the same, posted again from the account where it arrived", ledger.REPOSTED),
    )
    rows = (
        (what, *(f"{lines.get(a, 0):+d}" if a in lines else "" for a in ledger.LedgerAccount))
        for what, lines in [*moves, *others]
    )
    said = (
        "Every movement of money is an entry: lines that sum to zero, written in the transaction of the change "
        "and never changed; the database refuses changes. A line is +1 or -1 times the amount (for a fee, the fee). "
        "Positive amounts are money that we hold for somebody. Status changes that are not in this table move no "
        "money. The parts of a mixed payment post as separate payments, the mixed payment itself only posts money "
        "that arrives for it. For a share, stakeholder_share belongs to the contract that pays it, merchant_payable "
        "to the stakeholder's. `pfennig ledger check` compares all entries with payments, bank lines and payouts; "
        "an entry that is not in this table is a difference. The delivery worker checks continuously, page by page, "
        "and logs differences."
    )
    return page("Ledger", said, table(" | ".join(["event", *ledger.LedgerAccount]), rows))


def scripts() -> str:
    """What runs in the payer's browser."""
    rows = ((code(one["url"].rpartition("/")[2]), one["why"], code(one["integrity"])) for one in assets.inventory())
    said = (
        "Every script of the payment pages, as PCI DSS 6.4.3 requires. `GET /pay/scripts.json` lists those of a "
        "running server. The pages load nothing from other hosts, and nothing inline."
    )
    return page("Scripts", said, table("script | purpose | integrity", rows))


def costs() -> str:
    """What operations ask of the database."""
    counted = yaml.safe_load((ROOT / "tests" / "costs.yaml").read_text(encoding="utf-8")).values()
    said = "Counted by tests, which fail when a number changes. A flush is a commit that waits for the disk."
    parts = []
    for name in ("PostgreSQL", "SQLite"):
        rows = [{"operation": row["what"], **row[name.lower()]} for row in counted]
        parts += [f"## {name}", table(" | ".join(rows[0]), (row.values() for row in rows))]
    return page("Costs", said, *parts)


PAGES = {
    "settings": settings,
    "metrics": metrics,
    "operations": operations,
    "../coverage": coverage,
    "names": names,
    "errors": errors,
    "states": states,
    "life-of-a-payment": lives,
    "ledger": postings,
    "scripts": scripts,
    "costs": costs,
    "test-data": test_data,
}

if __name__ == "__main__":
    for name, draw in PAGES.items():
        (REFERENCE / f"{name}.md").write_text(draw(), encoding="utf-8")
