"""Where an operator has keys, whoever gets hold of the database reads neither names nor accounts in it."""

import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Signal

import httpx
import pytest

from pfennig import application, foundation
from pfennig.operations.acquiring import contract_rails
from pfennig.operations.core import audit
from pfennig.operations.core.call import Platform
from pfennig.operations.privacy import access_and_erasure
from pfennig.push.worker import Worker
from pfennig.settings import Settings
from pfennig.storage import tables
from pfennig.storage.crypto.encryption import OPEN, BadKeys, Keyring, NoKey, new_key, use_seal
from pfennig.storage.database import Database
from pfennig.storage.integrity import rotation
from pfennig.twin.simulator import Simulator
from tests.api.test_onboarding import ASKED
from tests.conftest import MINE, ON_BOTH, PUBLIC_URL, Api, Json, StoppedClock, fill
from tests.operations.test_access_and_erasure import ANNA, BERTA
from tests.operations.test_audit import DEBIT
from tests.postgres import Cluster

numbers = itertools.count()

KEY = new_key()
"""The operator's key."""

MANDATE: Json = {
    "iban": "DE37503240001000000524",
    "bic": "FTSBDEFAXXX",
    "type": "CORE",
    "date_of_signature": "2026-02-01",
    "merchant_id": {"id": "MRC_MINE"},
}
TRANSFER: Json = {
    "amount": 1,
    "purpose": "Gruss von Geheimrat",
    "iban": "DE75512108001245126199",
    "owner": "A. Geheimrat",
}
SELLER: Json = ASKED | {
    "contact": ASKED["contact"] | {"surname": "Verschwiegen", "email": "verschwiegen@example.net"},
    "payout_account": {"iban": "DE02500105170137075030"},
    "notes": "Schwester von Verschwiegen",
}
ELSEWHERE: Json = {"paypal": {"live": {"client_id": "id", "client_secret": "hush-hush"}}}
PERSONAL: tuple[str, ...] = (
    "Geheimrat",
    "Beschenkt",
    "Mustermann",
    "anna@example.net",
    DEBIT["container"]["private"]["iban"],
    MANDATE["iban"],
    TRANSFER["iban"],
    "Verschwiegen",
    SELLER["contact"]["email"],
    SELLER["payout_account"]["iban"],
    "hush-hush",
)


@dataclass
class Store:
    """A database of an operator, and what somebody reads who has stolen it."""

    database: Database
    stolen: Callable[[], str]


Make = Callable[[Keyring], Store]


@pytest.fixture(scope="module")
def sqlite_sealed(memory: Path, sqlite_tables: Path) -> Path:
    """An SQLite file with the small world, encrypted by the operator's key, to be copied."""
    file = memory / "sealed.db"
    shutil.copyfile(sqlite_tables, file)
    database = Database(str(file), StoppedClock(), seal=Keyring([KEY]))
    fill(database)
    database.close()
    return file


@pytest.fixture
def make(
    request: pytest.FixtureRequest, kind_of_database: str, tmp_path: Path, clock: StoppedClock
) -> Iterator[Make]:
    """Makes a new database with the small world, encrypted by the operator's key or by none."""
    cluster: Cluster | None = None if kind_of_database == "sqlite" else request.getfixturevalue("cluster")
    made: list[Database] = []

    def make(seal: Keyring) -> Store:
        if cluster:
            address = cluster.create(f"sealed_{next(numbers)}", request.getfixturevalue("postgresql_tables"))
        else:
            address = str(tmp_path / "sealed.db")
            template = "sqlite_template" if seal is OPEN else "sqlite_sealed"
            shutil.copyfile(request.getfixturevalue(template), address)
        database = Database(address, clock, seal=seal)
        made.append(database)
        if cluster:
            fill(database)

        def stolen() -> str:
            database.close()
            if cluster is None:
                return "".join(part.read_bytes().decode("latin-1") for part in tmp_path.glob("sealed.db*"))
            command = (str(cluster.program("pg_dump")), "--inserts", address)
            return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout

        return Store(database, stolen)

    yield make
    for database in made:
        database.close()


@pytest.fixture
def store(make: Make) -> Store:
    """A database with the operator's key."""
    return make(Keyring([KEY]))


def api_platform(database: Database) -> Platform:
    """A twin on this database."""
    return foundation.platform(Settings(public_url=PUBLIC_URL), database, Signal())


def api(database: Database) -> Api:
    """My shop, on that platform."""
    transport = httpx.WSGITransport(application.create(api_platform(database)))
    return Api(httpx.Client(transport=transport, base_url=PUBLIC_URL), MINE)


def live(shop: Api) -> Json:
    """Lets people leave traces wherever they do: a purchase, a mandate, a transfer, a request with a key."""
    shop.headers["Idempotency-Key"] = "once"
    case = shop.buy(customer={"contact": ANNA}, shipping_address={"contact": BERTA}, idents=[{"of": "Geheimrat"}])
    del shop.headers["Idempotency-Key"]
    shop.post(f"Smart/Transactions/{case['id']}/prepare/debit", DEBIT)
    shop.post(f"Smart/Transactions/{case['id']}/start")
    shop.post("Payment/Mandates", MANDATE)
    shop.post("Payment/Contracts/me/requestId", SELLER)
    shop.post("General/Contracts/me/updateBankAccount", {"iban": SELLER["payout_account"]["iban"]})
    shop.post("General/Contracts/me/ThirdPartyConfiguration", ELSEWHERE)
    answer = shop.http.post("/lab/v1/bank/transfers", headers=shop.headers, json=TRANSFER)
    assert answer.status_code < 300, answer.text
    return shop.get(f"Smart/Transactions/{case['id']}")


def found(said: str) -> list[str]:
    """What of it says who people are, or where their money is."""
    return [word for word in PERSONAL if word in said]


@ON_BOTH
def test_whoever_steals_the_database_reads_no_name_and_no_account(store: Store) -> None:
    case = live(api(store.database))
    assert case["customer"]["contact"]["surname"] == "Geheimrat"
    said = store.stolen()
    assert case["id"] in said
    assert found(said) == []


@ON_BOTH
def test_without_a_key_everything_could_be_read(make: Make) -> None:
    store = make(OPEN)
    live(api(store.database))
    assert found(store.stolen()) == list(PERSONAL)


def test_all_that_is_encrypted_comes_back_as_it_was(store: Store, make: Make) -> None:
    live(api(store.database))
    with store.database.view() as view:
        assert {"Geheimrat" in mail.text for mail in view.mails.all()} == {True}
        assert [line.owner for line in view.receipts.all()] == [TRANSFER["owner"]]
        assert [mandate.data["iban"] for mandate in view.mandates.all()] == [MANDATE["iban"]]
        [claim] = view.idempotency_keys.all()
        assert "Geheimrat" in str(claim.answer)


@pytest.mark.parametrize("keys", [[], [new_key()]], ids=["none", "another"])
def test_a_key_that_is_missing_is_missed_at_once(store: Store, keys: list[str]) -> None:
    use_seal(store.database.engine, Keyring(keys))
    with pytest.raises(NoKey):
        foundation.require_tables(Settings(), store.database)


def rotated(database: Database, *keys: str) -> int:
    """How many rows were encrypted anew with the first of these keys."""
    seal = Keyring(keys)
    use_seal(database.engine, seal)
    last = {progress.table: progress for progress in rotation.rotate(database, seal)}
    return sum(progress.changed for progress in last.values())


@ON_BOTH
def test_a_new_key_takes_over_and_the_old_one_can_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "PAGE", 2)
    case, newer = live(api(store.database)), new_key()
    assert rotated(store.database, newer, KEY) > 10
    assert rotated(store.database, newer, KEY) == 0
    use_seal(store.database.engine, Keyring([newer]))
    assert api(store.database).get(f"Smart/Transactions/{case['id']}") == case


def test_a_rotation_that_was_ended_goes_on_with_what_is_left(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "PAGE", 2)
    live(api(store.database))
    seal = Keyring([new_key(), KEY])
    use_seal(store.database.engine, seal)
    begun = rotation.rotate(store.database, seal)
    first = sum(next(begun).changed for _ in range(3))
    rest = {progress.table: progress.changed for progress in rotation.rotate(store.database, seal)}
    assert first > 0
    assert rest[next(iter(rest))] == 0
    assert sum(rest.values()) > 0


def test_what_is_from_before_the_first_key_can_be_read_and_is_encrypted_on_demand(make: Make) -> None:
    store = make(OPEN)
    case = live(api(store.database))
    use_seal(store.database.engine, Keyring([KEY]))
    assert api(store.database).get(f"Smart/Transactions/{case['id']}") == case
    rotated(store.database, KEY)
    assert found(store.stolen()) == []
    assert api(store.database).get(f"Smart/Transactions/{case['id']}") == case


@ON_BOTH
def test_who_was_erased_is_gone_from_the_file_too(make: Make, clock: StoppedClock) -> None:
    store = make(OPEN)
    case = live(api(store.database))
    clock.advance(days=400)
    Worker(api_platform(store.database), Signal()).chores()
    with store.database.unit() as unit:
        access_and_erasure.erase(unit, case["customer"]["id"])
    said = store.stolen()
    assert "anna@example.net" not in said
    assert DEBIT["container"]["private"]["iban"] not in said


def test_everything_that_is_encrypted_has_room_for_it() -> None:
    columns = [column for table in tables.metadata.sorted_tables for column in rotation.encrypted_columns(table)]
    assert len(columns) > 10
    assert not [column for column in columns if getattr(rotation.kind(column).impl, "length", None)]


def test_keys_that_are_none_are_refused_without_repeating_them() -> None:
    with pytest.raises(BadKeys) as refusal:
        Keyring(["not-a-key"])
    assert "not-a-key" not in str(refusal.value)


def test_the_salt_of_an_accounts_mark_is_as_secret_as_the_account() -> None:
    assert {column.name for column in rotation.encrypted_columns(tables.remittances)} == {
        "account",
        "salt",
        "purpose",
    }


def test_credentials_at_rails_are_encrypted(store: Store) -> None:
    with store.database.unit() as unit:
        said = {"key": "geheim-geheim"}
        contract_rails.assign(
            unit, audit.OPERATOR, "GCR_MINE", "acquirer", ["creditcard"], said, {"acquirer": Simulator()}
        )
    with store.database.view() as view:
        contract = view.contracts.get("GCR_MINE")
    assert contract.credentials_at("acquirer") == said
    assert "geheim-geheim" not in store.stolen() + repr(contract)
