"""The command line: each command does its work, or says in one line what to mend and ends with 2."""

import gc
import itertools
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Event as Signal

import httpx
import pytest
import yaml

from pfennig import __version__, application, cli, foundation, ids
from pfennig.cli import READER_GONE
from pfennig.clock import system_clock
from pfennig.domain.approval import Approval
from pfennig.domain.ledger import LedgerAccount
from pfennig.domain.methods import METHODS
from pfennig.domain.payment import State
from pfennig.domain.settlement import Remittance
from pfennig.operations.books import bank, remittances
from pfennig.operations.checks import reconciliation
from pfennig.operations.core import ledger
from pfennig.operations.core.call import Call, Caller
from pfennig.operations.core.validity import BadToken
from pfennig.operations.parties import clients, sessions
from pfennig.operations.pay import payments, smart_transactions
from pfennig.operations.pay.payments import PaymentRequest
from pfennig.operations.pay.smart_transactions import BasketInfo
from pfennig.settings import PREFIX, Profile, Settings
from pfennig.storage import migrations
from pfennig.storage.crypto.encryption import Keyring, new_key, use_seal
from pfennig.storage.database import Database
from pfennig.storage.integrity import chain
from tests.acquirer.rail import AcquirerRail
from tests.api.conftest import bought
from tests.conftest import MINE, PUBLIC_URL, SMALL_WORLD, STRANGER, Api
from tests.pairs import with_rare
from tests.patience import PATIENCE_SECONDS
from tests.postgres import Cluster
from tests.storage.facts import a_case, a_payment
from tests.tampering import unguarded

COMMANDS = ["serve", "demo", "push", "migrate", "seed", "client", "contract", "device", "link", "ledger", "settle"]
COMMANDS += ["bank", "audit", "retention", "person", "keys", "lab", "tls"]


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]

BUILT = cache(cli.build)
"""The parser of all commands, which is the same each time and takes longer to build than most commands take."""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each command finds an empty folder, and no setting in the environment; what `serve` leaves there is removed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    # It would keep the standard error of this test for all that follow.
    monkeypatch.setattr(foundation, "set_up_log", lambda: None)
    monkeypatch.setattr(cli, "build", BUILT)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    yield
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[name]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process."""

    def run(*arguments: str) -> Said:
        try:
            code: object = cli.main(list(arguments))
        except SystemExit as end:
            code = end.code
        assert isinstance(code, int)
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """Runs a command that must be refused, with nothing but one line that says why."""

    def refused(*arguments: str) -> str:
        said = run(*arguments)
        assert (said.code, said.out) == (2, "")
        [line] = said.err.splitlines()
        assert line.startswith("pfennig: ")
        return line

    return refused


@pytest.fixture
def store() -> Iterator[Database]:
    """The database in the folder."""
    store = Database("pfennig.db", system_clock)
    yield store
    store.close()


def test_help_lists_the_commands(run: Run) -> None:
    said = run("--help")
    assert said.code == 0
    assert re.findall(r"^    (\w+)(?: |$)", said.out, re.MULTILINE) == COMMANDS
    assert f"{PREFIX}PUBLIC_URL" in said.out


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == Said(0, f"pfennig {__version__}\n", "")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("serve", ["--host", "--port", "--database", "--profile", "--public-url", "--workers", "--tls-cert",
                   "--tls-key", "--trusted-proxies", "8080", "127.0.0.1"]),
        ("demo", ["--once", "--port"]),
        ("push", ["list", "resend", "--database"]),
        ("push list", ["--database"]),
        ("push resend", ["ID", "--all"]),
        ("migrate", ["--database"]),
        ("seed", ["--file", "--update", "--database"]),
        ("client", ["add", "rotate", "revoke", "list"]),
        ("client add", ["CONTRACT", "--name"]),
        ("client rotate", ["CLIENT", "--now", "--in"]),
        ("client revoke", ["CLIENT"]),
        ("client list", ["--database"]),
        ("contract", ["list", "show", "activate", "reject", "account", "vouch", "rail", "creditor"]),
        ("contract creditor", ["CONTRACT", "ID"]),
        ("contract show", ["CONTRACT", "--profile", "--creditor-id"]),
        ("contract rail", ["CONTRACT", "RAIL", "METHOD", "--credentials"]),
        ("contract account", ["CONTRACT", "--refuse"]),
        ("lab contract", ["CONTRACT", "activate", "reject", "account"]),
        ("device", ["confirm", "end", "list"]),
        ("device confirm", ["CODE", "--contract"]),
        ("device end", ["SESSION"]),
        ("ledger", ["check", "head", "show", "balance"]),
        ("ledger head", ["--since", "--compare"]),
        ("ledger balance", ["CONTRACT", "--database"]),
        ("settle", ["run", "list", "file", "done"]),
        ("settle file", ["FILE", "--owner", "--iban", "--again"]),
        ("settle done", ["ID"]),
        ("bank", ["list", "assign", "unassign", "return"]),
        ("bank assign", ["TRANSFER", "PAYMENT"]),
        ("bank unassign", ["PAYMENT", "--amount"]),
        ("bank return", ["ID", "--amount"]),
        ("lab return", ["ID", "AMOUNT"]),
        ("lab unassign", ["ID", "AMOUNT"]),
        ("lab balance", ["available", "pending"]),
        ("link", ["TRANSACTION", "--public-url"]),
        ("tls", ["init"]),
        ("tls init", ["--folder", "HOST"]),
    ],
)  # fmt: skip
def test_every_command_explains_itself(run: Run, command: str, words: list[str]) -> None:
    said = run(*command.split(), "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"usage: pfennig {command}")
    for word in words:
        assert word in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["surf"],
        ["push", "surf"],
        ["serve", "--prot", "80"],
        ["serve", "--port"],
        ["seed"],
        ["client"],
        ["client", "add"],
        ["tls"],
        ["ledger", "show", "STX_\udcff"],
        ["settle", "done", "RMT_1", "RMT_\udcff"],
        ["contract", "rail", "GCR_1", "simulator", "credit\udcff"],
        ["audit", "--object", "\udcff"],
    ],
    ids=lambda words: ascii(" ".join(words)),
)
def test_what_is_no_command_is_refused_in_one_line(run: Run, arguments: list[str]) -> None:
    said = run(*arguments)
    assert (said.code, said.out) == (2, "")
    [line] = said.err.splitlines()
    assert line.startswith("pfennig")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["serve", "--workers", "2"], "workers"),
        (["serve", "--port", "http"], "port"),
        (["serve", "--profile", "production"], "profile"),
        (["serve", "--public-url", "pay.example.test"], "public_url"),
        (["serve", "--trusted-proxies", "the router"], "trusted_proxies"),
        (["serve", "--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem"], "nowhere.pem"),
        (["serve", "--database", "mysql://me@db.test/shop"], "database"),
        (["serve", "--host", "no host"], "no host"),
        (["serve", "--database", "no/folder/pfennig.db"], "no/folder/pfennig.db"),
        (["migrate", "--database", "no/folder/pfennig.db"], "no/folder/pfennig.db"),
        (["client", "list", "--database", "no/folder/pfennig.db"], "no/folder/pfennig.db"),
        (["push"], "SQLite"),
        (["seed", "--file", "nowhere.yaml"], "nowhere.yaml"),
        (["client", "add", "GCR_NONE"], "GCR_NONE"),
        (["client", "rotate", "nobody"], "nobody"),
        (["client", "revoke", "nobody"], "nobody"),
        (["link", "STX_NONE"], "STX_NONE"),
        (["tls", "init", "no host"], "no host"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_what_cannot_be_done_is_refused_in_one_line(
    refused: Callable[..., str], arguments: list[str], word: str
) -> None:
    assert word in refused(*arguments)


def test_an_unknown_setting_in_the_environment_ends_the_start(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PFENNIG_PROT", "80")
    assert "PFENNIG_PROT" in refused("serve")


@pytest.mark.parametrize("command", ["serve", "push", "migrate", "client list"])
def test_a_database_that_does_not_answer_is_said_in_one_line_without_its_password(
    refused: Callable[..., str], command: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        line = refused(*command.split(), "--database", f"postgresql://me:hunter2hunter2@127.0.0.1:{port}/shop")
    assert "database" in line
    assert "hunter2hunter2" not in line


def test_a_certificate_that_is_none_is_refused_in_one_line(refused: Callable[..., str]) -> None:
    Path("server.pem").write_text("not a certificate")
    line = refused("serve", "--port", str(free_port()), "--tls-cert", "server.pem", "--tls-key", "server.pem")
    assert "server.pem" in line


def test_a_port_that_is_taken_is_refused_in_one_line(refused: Callable[..., str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in refused("serve", "--port", str(port))


def test_migrating_makes_the_tables_once_for_a_twin_with_the_demo_merchants_and_for_an_operator_without(
    run: Run, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as operator:
        operator.setenv("PFENNIG_DATA_KEYS", "")
        assert run("migrate", "--profile", "operator").code == 2
        operator.setenv("PFENNIG_DATA_KEYS", new_key())
        run("migrate", "--profile", "operator")
    with store.view() as view:
        assert view.merchants.all() == []
    store.close()
    Path("pfennig.db").unlink()
    assert run("migrate") == Said(0, f"migrated to {migrations.NEWEST}\n", "")
    assert run("migrate") == Said(0, f"up to date to {migrations.NEWEST}\n", "")
    assert migrations.revision(store) == migrations.NEWEST
    with store.view() as view:
        assert view.contracts.find("GCR_KTSST836QYITQJM1JGYIZ4F4OLKI04")


def test_a_world_is_seeded_and_seeding_it_again_changes_nothing(run: Run, store: Database) -> None:
    said = run("seed", "--file", str(SMALL_WORLD))
    assert (said.code, said.err) == (0, "")
    assert "MRC_MINE: new\n" in said.out
    before = contents(store)
    assert run("seed", "--file", str(SMALL_WORLD)) == Said(0, "0 of the file's entries were new or changed\n", "")
    assert run("seed", "--update", "--file", str(SMALL_WORLD)).out.startswith("0 of")
    assert contents(store) == before


@pytest.fixture
def changed_world(world: None) -> str:
    """A file that differs from the world that was seeded before."""
    changed = yaml.safe_load(SMALL_WORLD.read_text())
    mine = changed["merchants"][0]
    mine["companyname"] = "Unser Laden GmbH"
    mine["contracts"][0]["methods"] = ["debit"]
    mine["contracts"][0]["clients"][0]["secret"] = "another-secret-0123456789"
    Path("changed.yaml").write_text(yaml.safe_dump(changed))
    return "changed.yaml"


DIFFERENCES = ["MRC_MINE: companyname differs", "GCR_MINE: methods differs", "client-mine: secret differs"]
CHANGES = ["MRC_MINE: changed companyname", "GCR_MINE: changed methods", "client-mine: changed secret"]


def test_what_differs_is_shown_and_left_as_it_is(run: Run, changed_world: str, store: Database) -> None:
    before = contents(store)
    said = run("seed", "--file", changed_world)
    assert said.code == 1
    assert said.out.splitlines() == DIFFERENCES
    [line] = said.err.splitlines()
    assert "--update" in line
    assert contents(store) == before


def test_what_differs_is_changed_on_demand(run: Run, changed_world: str, store: Database) -> None:
    said = run("seed", "--file", changed_world, "--update")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[:-1] == CHANGES
    with store.view() as view:
        assert view.merchants.get("MRC_MINE").companyname == "Unser Laden GmbH"
        assert view.contracts.get("GCR_MINE").methods == ["debit"]
    assert run("seed", "--file", changed_world).code == 0
    clients.issue_token(store, "client-mine", "another-secret-0123456789")
    with pytest.raises(clients.BadCredentials):
        clients.issue_token(store, "client-mine", "secret-of-mine-0123456789")


CONTRACT = """
merchants:
  - id: MRC_SHOP
    companyname: Shop
    contracts:
      - id: GCR_SHOP
        methods: [debit]
        bank_account: {owner: Bank, iban: DE81850400611005523759, bic: COBADEFFXXX, bankname: Bank}
"""


STRANGE = (
    *('!!int "abc"', '!!int ""', '!!float "abc"', '!!bool "maybe"', '!!timestamp "2001-99-99"', '!!timestamp "x"'),
    *("1" * 5000, '!!binary "x"', "? [1, 2]", "!!python/name:os.system", "&a *b"),
)
"""What is no value, though it says so."""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CONTRACT.replace("companyname", "company"), ["company", "merchants[0]"]),
        (CONTRACT.replace("MRC_SHOP", "SHOP"), ["MRC", "merchants[0].id"]),
        (CONTRACT.replace("methods: [debit]", "methods: debit"), ["contracts[0].methods"]),
        (CONTRACT.replace("    companyname: Shop\n", ""), ["companyname"]),
        (CONTRACT + "  - {id: MRC_SHOP, companyname: Twin}\n", ["MRC_SHOP", "twice"]),
        (CONTRACT.replace("[debit]", "[debit, cheque]"), ["GCR_SHOP", "cheque", "creditcard"]),
        (CONTRACT + "        parent: GCR_NONE\n", ["GCR_NONE"]),
        (CONTRACT + "        url_push: ftp://shop.test\n", ["GCR_SHOP", "url_push"]),
        (CONTRACT + "        payout_account: {owner: '..', iban: DE81850400611005523759}\n", ["GCR_SHOP", "owner"]),
        (CONTRACT + "        payout_account: {owner: Anna, iban: DE00}\n", ["GCR_SHOP", "iban"]),
        (CONTRACT + "        creditor_id: DE97ZZZ09999999999\n", ["GCR_SHOP", "creditor_id"]),
        ("merchants:\n  - id: MRC_SHOP\n   companyname: [", ["YAML", "line 3"]),
        ("merchants: \x00", ["YAML"]),
        (CONTRACT.replace("Shop", "Shop\n    companyname: Shop"), ["'companyname' is there twice, see line 5"]),
        ("merchants: []\nmerchants: []", ["'merchants' is there twice, see line 2"]),
        (CONTRACT.replace("companyname: Shop", 'companyname: "a\\0b"'), ["cannot be stored", "line 4"]),
        (CONTRACT.replace("companyname: Shop", 'companyname: "a\\ud800b"'), ["cannot be stored", "line 4"]),
        *((f"merchants:\n  - {value}", ["line 2"]) for value in STRANGE),
        ("merchants: " + "[" * 500, ["nested too deep"]),
        (CONTRACT + f"        fees: {{debit: {{fixed: {10**12 + 1}}}}}\n", ["fixed"]),
        (CONTRACT + f"        fees: {{debit: {{minimum: {10**30}}}}}\n", ["minimum"]),
        ("- a list", ["world.yaml"]),
        ("just words", ["world.yaml"]),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_name_and_the_place_and_nothing_is_written(
    refused: Callable[..., str], store: Database, text: str, words: list[str]
) -> None:
    Path("world.yaml").write_text(text)
    line = refused("seed", "--file", "world.yaml")
    for word in ("world.yaml", *words):
        assert word in line
    if migrations.revision(store):
        with store.view() as view:
            assert view.merchants.all() == []


def test_an_empty_file_is_an_empty_world(run: Run) -> None:
    Path("world.yaml").touch()
    assert run("seed", "--file", "world.yaml").code == 0


@pytest.fixture(scope="session")
def seeded(memory: Path) -> Path:
    """A database that the command has made and seeded with the small world, to be copied."""
    file = memory / "seeded.db"
    assert cli.main(["seed", "--file", str(SMALL_WORLD), "--database", str(file)]) == 0
    with closing(sqlite3.connect(file)) as connection:  # so that all of it is in the file, and not in its journal
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@pytest.fixture
def world(seeded: Path) -> None:
    """The small world."""
    shutil.copyfile(seeded, "pfennig.db")


def word_after(label: str, said: Said) -> str:
    """What a command printed behind a label."""
    match = re.search(rf"^{label} +(\S+)$", said.out, re.MULTILINE)
    assert match, said
    return match[1]


def listed(run: Run, client: str) -> list[str]:
    """How the list shows a client."""
    [line] = [line for line in run("client", "list").out.splitlines() if line.startswith(client)]
    return re.split(r"  +", line)


@pytest.mark.usefixtures("world")
def test_a_new_client_can_buy_tokens_and_only_its_digest_is_kept(run: Run, store: Database, tmp_path: Path) -> None:
    said = run("client", "add", "GCR_MINE", "--name", "Till 3")
    client, secret = word_after("client_id", said), word_after("client_secret", said)
    assert (said.code, said.err) == (0, "")
    assert clients.issue_token(store, client, secret)
    assert listed(run, client)[1:] == ["GCR_MINE", "1 secret", "Till 3"]
    assert not [file for file in tmp_path.iterdir() if secret.encode() in file.read_bytes()]


@pytest.mark.usefixtures("world")
def test_while_rotating_two_secrets_live_and_the_oldest_ends(run: Run, store: Database) -> None:
    said = run("client", "add", "GCR_MINE")
    client, first = word_after("client_id", said), word_after("client_secret", said)
    second = word_after("client_secret", run("client", "rotate", client))
    for secret in (first, second):
        assert clients.issue_token(store, client, secret)
    assert listed(run, client)[2].strip() == "2 secrets"
    third = word_after("client_secret", run("client", "rotate", client))
    for secret in (second, third):
        assert clients.issue_token(store, client, secret)
    with pytest.raises(clients.BadCredentials):
        clients.issue_token(store, client, first)


@pytest.mark.usefixtures("world")
def test_a_revoked_client_ends_with_its_secrets_and_tokens(
    run: Run, refused: Callable[..., str], store: Database
) -> None:
    said = run("client", "add", "GCR_MINE")
    client, secret = word_after("client_id", said), word_after("client_secret", said)
    token = clients.issue_token(store, client, secret).access_token
    assert run("client", "revoke", client).code == 0
    with pytest.raises(clients.BadCredentials):
        clients.issue_token(store, client, secret)
    with store.view() as view, pytest.raises(BadToken):
        clients.caller(view, token)
    assert listed(run, client)[2].strip() == "revoked"
    assert "revoked" in refused("client", "rotate", client)


@pytest.mark.usefixtures("world")
def test_a_contract_says_which_rail_serves_what(
    run: Run, refused: Callable[..., str], store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards_only = AcquirerRail("https://acquirer.example", httpx.Client())
    cards_only.methods = {"creditcard": METHODS["creditcard"]}
    rails = {"acquirer": AcquirerRail("https://acquirer.example", httpx.Client()), "other": cards_only}
    monkeypatch.setattr(foundation, "rails", lambda settings: rails)
    file = tmp_path / "acquirer.json"
    file.write_text('{"key": "hush-hush"}', encoding="utf-8")
    given = ("contract", "rail", "GCR_MINE", "acquirer")
    assert run(*given, "creditcard", "paypal", "--credentials", str(file)) == Said(
        0, "GCR_MINE: acquirer serves creditcard, paypal\n", ""
    )
    shown = run("contract", "show", "GCR_MINE").out
    assert json.loads(shown)["rails"] == {"acquirer": ["creditcard", "paypal"]}
    assert "hush" not in shown
    assert run(*given, "debit", "creditcard", "debit").code == 0
    assert json.loads(run("contract", "show", "GCR_MINE").out)["rails"] == {"acquirer": ["debit", "creditcard"]}
    assert run("contract", "rail", "GCR_MINE", "other", "creditcard").code == 0
    with store.view() as view:
        contract = view.contracts.get("GCR_MINE")
        assert [contract.rail_of(method) for method in ("debit", "creditcard", "paypal")] == [
            "acquirer",
            "other",
            None,
        ]
        assert contract.credentials_at("acquirer") == {"key": "hush-hush"}
        assert [entry.verb for entry in view.audit.all(object_id="GCR_MINE")][-1] == "set rail of"
    for wrong in ("[1]", "{", '{"key": 5}'):
        file.write_text(wrong, encoding="utf-8")
        assert "must be JSON" in refused(*given, "creditcard", "--credentials", str(file))
    assert "cannot be read" in refused(*given, "creditcard", "--credentials", str(tmp_path / "none"))
    assert "'twit'; there are creditcard, debit" in refused(*given, "twit")
    assert "'nobody'; this server has acquirer, other" in refused("contract", "rail", "GCR_MINE", "nobody", "debit")
    assert "'nobody'" in refused("contract", "rail", "GCR_MINE", "nobody")
    assert "other does not serve debit; it serves creditcard" in refused(
        "contract", "rail", "GCR_MINE", "other", "debit"
    )
    del rails["acquirer"]  # what a server has no longer can be taken away
    assert run(*given).out == "GCR_MINE: acquirer serves nothing\n"
    with store.view() as view:
        assert list(view.contracts.get("GCR_MINE").rails or ()) == ["other"]


def test_seeding_says_which_rails_of_a_contract_are_not_there(run: Run, tmp_path: Path) -> None:
    world = yaml.safe_load(SMALL_WORLD.read_text(encoding="utf-8"))
    world["merchants"][0]["contracts"][0]["rails"] = [{"rail": "elsewhere", "methods": ["creditcard"]}]
    file = tmp_path / "world.yaml"
    file.write_text(yaml.safe_dump(world), encoding="utf-8")
    said = run("seed", "--file", str(file))
    assert said.code == 0
    assert "there is no rail 'elsewhere'; this server has simulator" in said.err


@pytest.mark.usefixtures("world")
def test_a_contract_says_under_which_identifier_its_debits_are_collected(
    run: Run, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(*options: str) -> str:
        told: str = json.loads(run("contract", "show", "GCR_MINE", *options).out)["creditor_id"]
        return told

    assert shown() == "DE98ZZZ09999999999, the server's"
    assert shown("--creditor-id", "AT61ZZZ01234567890") == "AT61ZZZ01234567890, the server's"
    monkeypatch.setenv("PFENNIG_PROFILE", "operator")
    monkeypatch.setenv("PFENNIG_DATA_KEYS", new_key())
    assert shown().startswith("none: ")
    assert "debit is not offered" in shown()
    given = ("contract", "creditor", "GCR_MINE")
    assert run(*given, "de79 zzz 01234567890").out == "GCR_MINE collects debits as DE79ZZZ01234567890\n"
    assert shown() == "DE79ZZZ01234567890"
    assert "creditor identifier" in refused(*given, "DE98ZZZ01234567890")
    assert run("seed", "--file", str(SMALL_WORLD), "--update").code == 0
    assert shown() == "DE79ZZZ01234567890"
    assert run(*given).code == 0
    assert shown().startswith("none: ")


@pytest.mark.usefixtures("world")
def test_an_operator_decides_about_a_contract(run: Run, refused: Callable[..., str], store: Database) -> None:
    with store.unit() as unit:
        contract = unit.contracts.get("GCR_SELLER")
        asked = {"iban": "DE37503240001000000524"}
        secret = {"paypal": {"live": {"client_id": "id", "client_secret": "hush"}}}
        waiting = replace(contract, state=Approval.REQUESTED, project="Kaffeewerk", asked_account=asked)
        unit.contracts.change(contract, replace(waiting, third_parties=secret, url_push="https://shop.example.test"))
    [line] = run("contract", "list", "--waiting").out.splitlines()
    assert line.startswith("GCR_SELLER  requested ")
    assert len(run("contract", "list").out.splitlines()) == 5
    shown = run("contract", "show", "GCR_SELLER").out
    assert json.loads(shown)["asked_account"] == asked
    assert "hush" not in shown
    assert run("contract", "activate", "GCR_SELLER").out == "GCR_SELLER is active\n"
    assert "The current status is 'active' already" in refused("contract", "activate", "GCR_SELLER")
    assert "earns nothing" in run("contract", "show", "GCR_MINE").out
    assert run("contract", "account", "GCR_SELLER").code == 0
    assert "GCR_SELLER" in refused("contract", "account", "GCR_SELLER", "--refuse")
    assert run("contract", "reject", "GCR_SELLER").out == "GCR_SELLER is rejected\n"
    assert "GCR_NONE" in refused("contract", "activate", "GCR_NONE")
    with store.view() as view:
        assert view.contracts.get("GCR_SELLER").payout_account == asked
        verbs = [(entry.by, entry.verb) for entry in view.audit.all(object_id="GCR_SELLER")]
        assert len(view.events.all(object_id="GCR_SELLER")) == 2
    assert verbs[-3:] == [("operator", "activate"), ("operator", "take account of"), ("operator", "reject")]


@pytest.mark.usefixtures("world")
def test_a_device_is_let_in_listed_and_ended(run: Run, refused: Callable[..., str], store: Database) -> None:
    mine = ("client-mine", "secret-of-mine-0123456789")
    first, second = (sessions.register(store, *mine, name) for name in ("till-1", "till-2"))
    assert run("device", "confirm", first.user_code).out == "till-1 may act under GCR_MINE\n"
    assert "GCR_STRANGER" in refused("device", "confirm", second.user_code, "--contract", "GCR_STRANGER")
    assert "user code" in refused("device", "confirm", first.user_code)
    token = sessions.open_device(store, *mine, first.device_code).access_token
    lines = [line.split() for line in run("device", "list").out.splitlines()]
    assert [[line[1], *line[4:]] for line in lines] == [
        ["GCR_MINE", "device", "till-1"],
        ["GCR_MINE", "waits", "till-2"],
    ]
    assert all(line[2] == "until" for line in lines)
    assert run("device", "end", lines[0][0]).code == 0
    with store.view() as view, pytest.raises(BadToken):
        clients.caller(view, token)
    assert lines[0][0] in refused("device", "end", lines[0][0])


@pytest.mark.usefixtures("world")
def test_an_operator_says_when_an_old_secret_ends(run: Run, refused: Callable[..., str], store: Database) -> None:
    for option, words in (
        ([], "The one before it works until the next rotation"),
        (["--in", "24h"], "The one before it ends in 24h"),
        (["--now"], "The one before it ends now"),
    ):
        said = run("client", "rotate", "client-mine", *option)
        assert said.code == 0
        assert words in said.out
    [line] = [line for line in run("client", "list").out.splitlines() if line.startswith("client-mine")]
    assert "1 secret " in line
    run("client", "rotate", "client-mine", "--in", "1h")
    [line] = [line for line in run("client", "list").out.splitlines() if line.startswith("client-mine")]
    assert "2 secrets until " in line
    for wrong in ("soon", "400d", "-1h", ""):
        assert "--in" in refused("client", "rotate", "client-mine", f"--in={wrong}")


@pytest.mark.usefixtures("world")
def test_the_list_shows_every_client_and_no_secret(run: Run) -> None:
    said = run("client", "list")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()] == [
        "client-mine",
        "client-colleague",
        "client-seller",
        "client-stranger",
    ]
    assert "secret-of" not in said.out


@pytest.mark.usefixtures("world")
def test_balances_are_printed_for_one_contract_or_for_all(
    run: Run, refused: Callable[..., str], store: Database
) -> None:
    assert run("ledger", "balance") == Said(0, "", "pfennig: no money has moved yet\n")
    with store.unit() as unit:
        for contract, lines in (
            ("GCR_MINE", {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1}),
            ("GCR_MINE", {LedgerAccount.PAYER: -1, LedgerAccount.IN_TRANSIT: 1}),
            ("GCR_SELLER", {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1}),
        ):
            ledger.post(unit, unit.payments.add(a_payment(contract_id=contract)), lines, 500, "a test")
    mine, sellers = (line.split() for line in run("ledger", "balance").out.splitlines())
    assert mine == ["GCR_MINE", "5.00", "EUR", "available", "5.00", "EUR", "pending"]
    assert sellers == ["GCR_SELLER", "5.00", "EUR", "available", "0.00", "EUR", "pending"]
    assert run("ledger", "balance", "GCR_MINE").out.split() == mine
    assert "GCR_NONE" in refused("ledger", "balance", "GCR_NONE")


@pytest.mark.usefixtures("world")
def test_heads_of_the_chain_are_printed_and_compared(
    run: Run, refused: Callable[..., str], store: Database, tmp_path: Path
) -> None:
    assert run("ledger", "head") == Said(0, "", "pfennig: nothing is sealed yet; the server does it\n")
    for noun in chain.SEALED:
        with store.unit() as unit:
            chain.extend(unit, noun)
    printed = run("ledger", "head", "--since", "2026-01-01").out
    [(_, number, digest)] = [line.split() for line in printed.splitlines()]
    heads = tmp_path / "heads.txt"
    heads.write_text(printed)
    assert run("ledger", "head", "--compare", str(heads)) == Said(0, "1 seal, 0 differences\n", "")
    heads.write_text(printed.replace(digest, "0" * 64))
    said = run("ledger", "head", "--compare", str(heads))
    assert (said.code, said.out.splitlines()[-1]) == (1, "1 seal, 1 difference")
    assert f"  {number}  " in said.out
    for nonsense in ("nonsense", f"2026-02-04  {10**20}  {digest}\n", f"{printed}2026-02-04  1\n", "\0"):
        heads.write_text(nonsense)
        assert "something else than lines of" in refused("ledger", "head", "--compare", str(heads))
    for cut_off in ("", "\n \n", printed[:-9], printed + printed[:30], printed + printed[:9]):
        heads.write_text(cut_off)
        said = run("ledger", "head", "--compare", str(heads))
        assert (said.code, said.out) == (1, "")
        assert said.err.endswith(", so it proves nothing\n")
    heads.write_text(printed.rstrip())
    assert run("ledger", "head", "--compare", str(heads)).code == 0
    assert "nowhere cannot be read" in refused("ledger", "head", "--compare", "nowhere")
    assert "a day such as 2027-01-31 was expected" in run("ledger", "head", "--since", "January").err


@pytest.mark.usefixtures("world")
def test_a_difference_is_noted_and_taken_back_by_the_check(run: Run, store: Database) -> None:
    assert run("ledger", "check").code == 0
    with store.unit() as unit:
        payment = unit.payments.add(a_payment(amount=500))
        ledger.post(unit, payment, {LedgerAccount.PAYER: -1, LedgerAccount.MERCHANT: 1}, 500, "a test")
    assert run("ledger", "check").code == 1
    with store.view() as view:
        last = reconciliation.last_check(view)
    assert last
    assert last.differences > 0
    with unguarded(store) as unit:
        unit.postings.remove()
        unit.payments.remove()
    assert run("ledger", "check").code == 0
    with store.view() as view:
        last = reconciliation.last_check(view)
    assert last
    assert last.differences == 0


@pytest.mark.usefixtures("world")
def test_a_payment_link_is_printed_with_its_code_and_an_email(run: Run, store: Database) -> None:
    with store.unit() as unit:
        unit.smart_transactions.add(a_case(id="STX_ONE"))
    said = run("link", "STX_ONE", "--public-url", "https://pay.example.test")
    assert (said.code, said.err) == (0, "")
    link, *code, subject, _, hello = said.out.partition("!")[0].splitlines()
    assert link == "https://pay.example.test/pay?stx=STX_ONE"
    assert "█" in code[0]
    assert (subject, hello) == ("Ihre Zahlung an Mein Laden GmbH", "Guten Tag")
    assert said.out.endswith("zahlen:\nhttps://pay.example.test/pay?stx=STX_ONE\n\nViele Grüße\nMein Laden GmbH\n")


def test_certificates_are_made_with_what_to_do_next(run: Run) -> None:
    said = run("tls", "init", "shop.test")
    assert (said.code, said.err) == (0, "")
    assert "127.0.0.1 shop.test" in said.out
    assert "--tls-cert tls/server.pem --tls-key tls/server-key.pem" in said.out
    assert {file.name for file in Path("tls").iterdir()} == {"ca.pem", "ca-key.pem", "server.pem", "server-key.pem"}


def test_a_folder_that_cannot_be_made_is_refused_in_one_line(refused: Callable[..., str]) -> None:
    Path("file").touch()
    assert "file" in refused("tls", "init", "--folder", "file")


def test_postgresql_is_migrated_by_a_person_before_anything_else(
    run: Run, refused: Callable[..., str], cluster: Cluster
) -> None:
    database = ("--database", cluster.create("by_hand"))
    for command in (["serve"], ["push"], ["client", "list"], ["seed", "--file", str(SMALL_WORLD)]):
        assert "pfennig migrate" in refused(*command, *database)
    assert run("migrate", *database).out.startswith("migrated")
    assert run("seed", "--file", str(SMALL_WORLD), *database).code == 0
    assert run("client", "add", "GCR_MINE", *database).code == 0
    assert "client-mine" in run("client", "list", *database).out


def test_why_a_database_cannot_be_used_is_said_in_one_line(refused: Callable[..., str], cluster: Cluster) -> None:
    line = refused("client", "list", "--database", cluster.url("nowhere"))
    assert 'database "nowhere" does not exist' in line
    assert f"postgresql://pfennig@127.0.0.1:{cluster.port}/nowhere" in line
    stranger = cluster.url("postgres").replace("pfennig@", "nobody@")
    assert 'role "nobody" does not exist' in refused("client", "list", "--database", stranger)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"postgresql://pfennig@127.0.0.1:{silent.getsockname()[1]}/shop"
        assert "nobody listens there" in refused("client", "list", "--database", address)
    Path("letter.db").write_text("Dear reader, " * 1000)
    assert "no SQLite database" in refused("client", "list", "--database", "letter.db")


def test_there_is_nothing_to_look_at_where_there_is_no_database(refused: Callable[..., str]) -> None:
    for words in ("ledger check", "settle list", "contract list", "audit", "person export anna@example.test"):
        assert "no database at typo.db" in refused(*words.split(), "--database", "typo.db")
    assert not Path("typo.db").exists()


@pytest.mark.usefixtures("world")
def test_the_books_of_what_there_is_not_are_no_empty_books(run: Run, refused: Callable[..., str]) -> None:
    assert "STX_NOPE" in refused("ledger", "show", "STX_NOPE")


@pytest.mark.parametrize(
    "words", with_rare([("--help",), ("serve --help",), ("keys new",)], [("serve --help",), ("keys new",)])
)
def test_whoever_stops_reading_ends_the_program_in_peace(words: str) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "pfennig.cli", *words.split()]
    done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS)
    os.close(writes)
    assert (done.returncode in (0, READER_GONE), done.stderr) == (True, "")


@pytest.mark.usefixtures("world")
def test_an_older_secret_does_not_outlive_its_place_by_the_order_of_the_clock(store: Database) -> None:
    """Two secrets made in the same moment are told apart by their number."""
    moment = datetime.now(UTC) - timedelta(days=1)
    frozen = Database("pfennig.db", lambda: moment)
    with frozen.unit() as unit:
        secrets = [clients.rotate(unit, "client-mine") for _ in range(3)]
    frozen.close()
    with pytest.raises(clients.BadCredentials):
        clients.issue_token(store, "client-mine", secrets[0])
    for secret in secrets[1:]:
        assert clients.issue_token(store, "client-mine", secret)


def contents(store: Database) -> list[object]:
    """Everything that a world file can bring."""
    with store.view() as view:
        shelves = (view.merchants, view.contracts, view.clients, view.secrets, view.customers, view.templates)
        return [fact for shelf in shelves for fact in shelf.all()]


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.usefixtures("world")
def test_the_audit_trail_is_printed_from_a_moment_on_or_of_one_object(run: Run, refused: Callable[..., str]) -> None:
    run("client", "rotate", "client-mine")
    [first, last] = run("audit", "--object", "client-mine").out.splitlines()
    assert re.split(r"  +", first)[1:] == ["operator", "client-mine", "create client"]
    assert re.split(r"  +", last)[1:] == ["operator", "client-mine", "rotate client"]
    assert len(run("audit", "--since", "2020-01-01").out.splitlines()) > 5
    assert run("audit", "--since", "2999-01-01T12:00").out == ""
    assert "2027-01-31" in refused("audit", "--since", "yesterday")


@pytest.mark.usefixtures("world")
def test_how_long_things_are_kept_is_printed(run: Run, refused: Callable[..., str]) -> None:
    lines = run("retention", "--retention", "mails=7").out.splitlines()
    assert re.fullmatch(r"mails +0 old +7 days since .*: .*", lines[1])
    assert "postings" in refused("retention", "--retention", "postings=1")


@pytest.mark.usefixtures("world")
def test_a_person_is_handed_out_and_erased(run: Run, refused: Callable[..., str], store: Database) -> None:
    with store.view() as view:
        [customer, *_] = view.customers.all()
    said = run("person", "export", customer.id)
    assert json.loads(said.out)["customers"][0]["contact"] == customer.contact
    assert run("person", "erase", customer.id).out == "emptied 0 transactions, 0 instruments, 0 mails\n"
    assert json.loads(run("person", "export", customer.id).out)["customers"][0]["contact"] == {}
    assert [line.split("  ")[-1] for line in run("audit", "--object", customer.id).out.splitlines()] == [
        f"{verb} customer" for verb in ("create", "export", "erase", "export")
    ]
    assert run("person", "export", "nobody@example.test").code == 1
    assert "PCU_NOBODY" in refused("person", "erase", "PCU_NOBODY")


@pytest.mark.usefixtures("world")
def test_who_is_still_needed_is_not_erased(run: Run, refused: Callable[..., str], store: Database) -> None:
    with store.unit() as unit:
        [customer, *_] = unit.customers.all()
        data = {"customer": {"id": customer.id, "contact": customer.contact}}
        unit.smart_transactions.add(a_case(id="STX_ONE", customer_id=customer.id, data=data))
        payment = unit.payments.add(a_payment(state=State.PENDING))
    assert payment.id in refused("person", "erase", customer.id)


@pytest.mark.usefixtures("world")
def test_keys_are_made_and_take_over(
    run: Run, refused: Callable[..., str], store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "PFENNIG_DATA_KEYS" in refused("keys", "rotate")
    older, newer = (run("keys", "new").out.strip() for _ in range(2))
    monkeypatch.setenv("PFENNIG_DATA_KEYS", older)
    assert re.search("^customers +1 of 1 ", run("keys", "rotate").out, re.MULTILINE)
    monkeypatch.delenv("PFENNIG_DATA_KEYS")
    assert "decrypt" in refused("person", "export", "anna@example.test")
    monkeypatch.setenv("PFENNIG_DATA_KEYS", f"{newer},{older}")
    assert run("keys", "rotate").code == 0
    monkeypatch.setenv("PFENNIG_DATA_KEYS", newer)
    assert run("person", "export", "nobody@example.test").code == 1


@pytest.fixture
def owed(world: None, store: Database) -> None:
    """Five euros that a contract with an account is owed, and five of one without."""
    payout_account = {"owner": "Anna", "iban": "DE35500105175418493188", "bic": "INGDDEFFXXX", "bankname": "ING"}
    with store.unit() as unit:
        contract = unit.contracts.get("GCR_MINE")
        unit.contracts.change(contract, replace(contract, payout_account=payout_account))
    foundation.prepare(store, Profile.OPERATOR)
    platform = foundation.platform(Settings(public_url=PUBLIC_URL), store, Signal())
    with httpx.Client(transport=httpx.WSGITransport(application.create(platform)), base_url=PUBLIC_URL) as http:
        for credentials in (MINE, STRANGER):
            bought(Api(http, credentials))


@pytest.mark.usefixtures("owed")
def test_merchants_are_paid_by_a_file_for_the_bank(
    run: Run, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PFENNIG_PROFILE", "operator")
    monkeypatch.setenv("PFENNIG_DATA_KEYS", new_key())
    payer = ("--owner", "Zahl AG", "--iban", "DE81850400611005523759")
    assert run("ledger", "check").out.startswith("the marks: ")
    assert "rows marked anew" in run("keys", "rotate").out
    assert run("ledger", "check").code == 0
    said = run("settle", "run").out
    assert "waits: it has no payout account" in said
    assert "5.00 EUR  PPO_" in said
    assert said.endswith("1 payout\n")
    assert run("settle", "run").out.endswith("0 payouts\n")
    assert "IBAN" in refused("settle", "file", "one.xml", "--owner", "Zahl AG", "--iban", "DE00")
    batch = run("settle", "file", "one.xml", *payer).out.partition(":")[0]
    assert batch in run("settle", "list").out
    assert "cannot be written" in refused("settle", "file", "one.xml", *payer)
    assert "no open transfer" in refused("settle", "file", "two.xml", *payer)
    assert "without a file" not in refused("settle", "file", "two.xml", *payer), "that is how a twin pays"
    assert "no transfer" in refused("settle", "file", "two.xml", "--again", "BAT_NONE", *payer)
    assert run("settle", "file", "two.xml", "--again", batch, *payer).code == 0
    one, two = (Path(name).read_text() for name in ("one.xml", "two.xml"))
    assert f"<MsgId>{batch}</MsgId>" in one
    assert re.findall("<EndToEndId>.*?</EndToEndId>", one) == re.findall("<EndToEndId>.*?</EndToEndId>", two)
    assert '<InstdAmt Ccy="EUR">5.00</InstdAmt>' in one
    assert run("settle", "done", batch).out == f"{batch}: 1 made\n"
    assert run("settle", "list").out == "0 transfers\n"
    assert "nothing with the id" in refused("settle", "done", "RMT_NONE")
    assert run("ledger", "check").code == 0


PAYER = ("--owner", "Zahl AG", "--iban", "DE81850400611005523759")


@pytest.fixture
def ordered(run: Run, world: None, store: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three transfers that wait; no bank can write the owner of the second, nor the purpose of the last."""
    monkeypatch.setenv("PFENNIG_PROFILE", "operator")
    key = new_key()
    monkeypatch.setenv("PFENNIG_DATA_KEYS", key)
    assert run("keys", "rotate").code == 0
    use_seal(store.engine, Keyring([key]))
    made = []
    for nth, (owner, purpose) in enumerate([("Anna", "one"), ("\U0001f389", "two"), ("Bert", "\U0001f389")]):
        with store.unit() as unit:
            made.append(unit.remittances.add(a_transfer(f"PPO_{nth}", owner, purpose)).id)
    return made


def a_transfer(about_id: str, owner: str, purpose: str) -> Remittance:
    """A transfer of five euros that the bank is to make."""
    return Remittance(
        id=ids.new("RMT"),
        merchant_id="MRC_MINE",
        contract_id="GCR_MINE",
        about_id=about_id,
        amount=500,
        currency="EUR",
        account={"owner": owner, "iban": "DE35500105175418493188", "bic": "INGDDEFFXXX", "bankname": "ING"},
        purpose=purpose,
        is_open=True,
        created=datetime(2026, 2, 4, tzinfo=UTC),
    )


def test_a_transfer_that_no_bank_can_write_is_left_out_and_named(run: Run, ordered: list[str]) -> None:
    said = run("settle", "file", "one.xml", *PAYER)
    assert said.code == 1
    assert [line.partition(":")[0] for line in said.out.splitlines()[:2]] == ordered[1:]
    batch = said.out.splitlines()[-1].partition(":")[0]
    one = Path("one.xml")
    assert re.findall("<EndToEndId>(.*?)</EndToEndId>", one.read_text()) == ordered[:1]
    assert one.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in Path.cwd().iterdir() if file.name.endswith(".draft")] == []
    listed = run("settle", "list").out
    assert [batch in line for line in listed.splitlines()[:3]] == [True, False, False]
    assert run("settle", "file", "two.xml", "--again", batch, *PAYER).code == 0
    assert Path("two.xml").read_bytes() == one.read_bytes()


def test_where_no_transfer_fits_nothing_is_booked_and_no_file_is_left(
    run: Run, refused: Callable[..., str], store: Database, ordered: list[str]
) -> None:
    with store.unit() as unit:
        first = unit.remittances.get(ordered[0])
        unit.remittances.change(first, replace(first, account=dict(first.account) | {"owner": "..."}))
    said = refused("settle", "file", "one.xml", *PAYER)
    assert all(id in said for id in ordered)
    assert not [file for file in Path.cwd().iterdir() if "one.xml" in file.name]
    with store.unit() as unit:
        assert unit.remittances.all(batch_id=None, is_open=True) == unit.remittances.all()
        for each in unit.remittances.all():  # as it was when a batch was booked before its file was written
            unit.remittances.change(each, replace(each, batch_id="BAT_OLD"))
    assert "BAT_OLD" in refused("settle", "file", "one.xml", *PAYER)
    assert all(id in refused("settle", "file", "one.xml", "--again", "BAT_OLD", *PAYER) for id in ordered)


def test_a_payer_whom_no_bank_can_write_is_refused(refused: Callable[..., str], ordered: list[str]) -> None:
    assert "owner" in refused("settle", "file", "one.xml", "--owner", "\U0001f389", *PAYER[2:])
    assert "owner" in refused("settle", "file", "one.xml", "--owner", "x" * 71, *PAYER[2:])


@pytest.mark.parametrize("is_booked", [True, False], ids=["behind", "before"])
def test_a_crash_beside_the_booking_leaves_no_transfer_without_its_file(
    run: Run, store: Database, ordered: list[str], monkeypatch: pytest.MonkeyPatch, is_booked: bool
) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(
            "pfennig.files.Draft.publish" if is_booked else "pfennig.operations.books.remittances.book", crash
        )
        with pytest.raises(Crash):
            run("settle", "file", "one.xml", *PAYER)
    gc.collect()  # the lock of the draft goes with its process
    assert not Path("one.xml").exists()
    said = run("settle", "file", "one.xml", *PAYER).out
    assert ("earlier run" in said) is is_booked
    with store.view() as view:
        [batch] = {each.batch_id for each in view.remittances.all() if each.batch_id}
    assert f"<MsgId>{batch}</MsgId>" in Path("one.xml").read_text()
    assert not [file for file in Path.cwd().iterdir() if file.name.endswith(".draft")]


@pytest.fixture
def too_much(world: None, store: Database) -> str:
    """A prepayment of five euros that was called off before seven came for it; and nine for nobody."""
    platform = foundation.platform(Settings(public_url=PUBLIC_URL), store, Signal())
    call = Call(platform, Caller("client-mine", "MRC_MINE", "GCR_MINE"), "de")
    with call.unit() as unit:
        case = smart_transactions.open_transaction(
            call, unit, smart_transactions.StxRequest(basket_info=BasketInfo(sum=500))
        )
    payment_id = payments.start(call, case.id, "prepaid", PaymentRequest()).payment_id or ""
    payments.cancel(call, case.id)
    with call.view() as view:
        purpose = view.payments.get(payment_id).purpose
    sender = {"iban": "DE35500105175418493188", "owner": "Anna"}
    bank.book(call, bank.Credit(amount=700, purpose=purpose, **sender))
    bank.book(call, bank.Credit(amount=900, purpose="thank you", **sender))
    return payment_id


def test_money_that_belongs_to_no_order_is_listed_and_finds_its_way(
    run: Run, refused: Callable[..., str], store: Database, too_much: str
) -> None:
    listed = run("bank", "list").out
    assert re.search(rf"^{too_much} .* 7.00 EUR  not needed$", listed, re.MULTILINE)
    [line] = re.findall(r"^(BKL_\w+) .* 9.00 EUR  unassigned$", listed, re.MULTILINE)
    taken = run("bank", "unassign", too_much, "--amount", "100").out
    assert taken.startswith(f"took 1.00 EUR off {too_much}; transfer BKL_")
    assert taken.endswith(" has 1.00 EUR that belongs to nobody\n")
    assert run("bank", "return", too_much, "--amount", "200").out.startswith("sends 2.00 EUR back; transfer BKL_")
    assert (
        run("bank", "return", line).out
        == f"sends 9.00 EUR back; transfer {line} has 0.00 EUR that belongs to nobody\n"
    )
    assert line in refused("bank", "return", line)
    assert "4.00 EUR more than it needs" in refused("bank", "return", too_much, "--amount", "401")
    assert "4.00 EUR" in refused("bank", "return", too_much, "--amount", "-1")
    assert line in refused("bank", "assign", line, too_much)
    assert "nothing with the id" in refused("bank", "return", "BKL_NONE")
    assert run("bank", "list").out.endswith("1 transfer, 1 payment\n")
    assert run("ledger", "check").code == 0


def test_two_bank_files_at_once_do_not_share_a_transfer(
    run: Run, refused: Callable[..., str], ordered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = remittances.new_batch

    def overtaken(call: Call) -> remittances.Batch:
        batch = planned(call)
        remittances.book(call, replace(batch, id="BAT_FASTER"))
        return batch

    monkeypatch.setattr("pfennig.operations.books.remittances.new_batch", overtaken)
    assert "BAT_FASTER" in refused("settle", "file", "one.xml", *PAYER)
    assert not [file for file in Path.cwd().iterdir() if "one.xml" in file.name]
