"""A small world: mine, a colleague's, a stranger's; a clock that stands still; the simulated bank.

What needs a database runs on SQLite, each test on an empty one with this world in it. What the databases do in
ways of their own (locks, isolation, SQL of their own) is marked `databases(...)` and runs on those. With --everything
all of it runs on both.
"""

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Signal
from typing import Any, TypeVar

import httpx
import hypothesis
import msgspec
import pytest
from hypothesis import HealthCheck
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from pfennig import application, foundation, ids, passwords
from pfennig.domain.branding import Branding
from pfennig.domain.methods import METHODS
from pfennig.domain.parties import Token
from pfennig.errors import Unavailable
from pfennig.operations.core.call import Platform
from pfennig.operations.parties import clients
from pfennig.operations.worlds import world
from pfennig.settings import Profile, Settings
from pfennig.storage import migrations, tables
from pfennig.storage.crypto.encryption import NoKey
from pfennig.storage.database import Database
from pfennig.storage.queries import outbox
from pfennig.storage.unit import Unit, UnitShelf
from tests import described, routes
from tests.patience import PATIENCE_SECONDS
from tests.postgres import Cluster

HERE = Path(__file__).parent
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it is nobody else's
SMALL_WORLD = HERE / "world.yaml"
PUBLIC_URL = "https://pay.example.test"
MORNING = datetime(2026, 2, 4, 9, 30, tzinfo=UTC)

MINE = ("client-mine", "secret-of-mine-0123456789")
COLLEAGUE = ("client-colleague", "secret-of-colleague-0123456789")
STRANGER = ("client-stranger", "secret-of-stranger-0123456789")
SELLER = ("client-seller", "secret-of-seller-0123456789")

KNOWN_TOKENS = {credentials: f"token-of-{credentials[0]}" for credentials in (MINE, COLLEAGUE, STRANGER, SELLER)}
"""What their requests show. To buy a token is no part of most tests, so these are there from the start."""

BOTH = ("sqlite", "postgresql")

ON_BOTH = pytest.mark.databases(*BOTH)
"""Of a test about something that the databases do in ways of their own."""

ON_SQLITE = pytest.mark.databases("sqlite")
"""Of a test among such that is about nothing of the kind."""

ON_POSTGRESQL = pytest.mark.databases("postgresql")
"""Of a test about something that only PostgreSQL does."""

NAMES = [table.name for table in tables.metadata.sorted_tables]

T = TypeVar("T")
Json = dict[str, Any]
Dress = Callable[..., None]
Change = Callable[..., None]


def currency(method: str) -> str:
    """A currency in which somebody can pay by a method: euros, where it has them."""
    known = METHODS[method].limits.currencies or {"EUR"}
    return "EUR" if "EUR" in known else min(known)


@dataclass
class StoppedClock:
    """Stands still until it is told to go on."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.now

    def advance(self, **by: float) -> None:
        """Goes on by hours=…, minutes=… and so on."""
        self.now += timedelta(**by)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option that plays everything."""
    parser.addoption(
        "--everything", action="store_true", help="every test on both databases, every journey, long random lives"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Says how many examples a property is tried with: the same few each time, with --everything many new ones."""
    is_everything = config.getoption("everything")
    hypothesis.settings.register_profile(
        "pfennig",
        max_examples=150 if is_everything else 15,
        derandomize=not is_everything,
        deadline=None,  # no machine is too slow
        suppress_health_check=list(HealthCheck),
    )
    hypothesis.settings.load_profile("pfennig")
    routes.compile_once()


def pytest_collection_finish() -> None:
    """What was imported stays to the end, so the garbage collector need not go through it again and again.

    And it looks less often: hardly anything that a test leaves behind goes in circles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Says on which kinds of database a test runs."""
    if "kind_of_database" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("databases")
        usual = BOTH if metafunc.config.getoption("everything") else BOTH[:1]
        metafunc.parametrize("kind_of_database", marked.args if marked else usual)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what only --everything plays, and begins with what takes long: nobody waits for it at the end.

    What stands at the front of a process's share is not taken over by others, each of which would start a browser.
    """
    if not config.getoption("everything"):
        rare = {item for item in items if item.get_closest_marker("everything")}
        config.hook.pytest_deselected(items=[*rare])
        items[:] = [item for item in items if item not in rare]
    items.sort(key=lambda item: item.path.parent not in (HERE / "browser", HERE, HERE / "stories"))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of the tests' own."""
    with Cluster() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_tables(cluster: Cluster) -> str:
    """The name of a database in it with all tables and nothing in them, to be copied."""
    store = Database(cluster.create("tables"), StoppedClock())
    migrations.migrate(store)
    store.close()
    return "tables"


@pytest.fixture(scope="session")
def postgresql_url(cluster: Cluster, postgresql_tables: str) -> str:
    """A database with the small world and, set aside, the rows of it."""
    url = cluster.create("suite", postgresql_tables)
    store = Database(url, StoppedClock())
    fill(store)
    aside = (f"CREATE TABLE aside.{name} AS TABLE {name};" for name in NAMES)
    with store.engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA aside; {''.join(aside)}"))
    store.close()
    return url


@pytest.fixture(scope="session")
def memory() -> Iterator[Path]:
    """A folder that needs no disk, where the system has such a thing: a commit on SQLite waits for its disk."""
    with TemporaryDirectory(prefix="pfennig-tests-", dir=SHARED_MEMORY if SHARED_MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def sqlite_tables(memory: Path) -> Path:
    """An SQLite file with all tables and nothing in them, to be copied."""
    file = memory / "tables.db"
    store = Database(str(file), StoppedClock())
    migrations.migrate(store)
    store.close()
    return file


@pytest.fixture(scope="session")
def sqlite_template(memory: Path, sqlite_tables: Path) -> Path:
    """An SQLite file with the small world in them."""
    file = memory / "template.db"
    shutil.copyfile(sqlite_tables, file)
    store = Database(str(file), StoppedClock())
    fill(store)
    store.close()
    return file


def small_world() -> world.World:
    """The small world, to be changed at will."""
    return msgspec.convert(msgspec.to_builtins(small_world_read()), world.World)


@cache
def small_world_read() -> world.World:
    """It, read once."""
    return world.read(SMALL_WORLD)


def fill(store: Database) -> None:
    """Puts the small world into an empty database."""
    foundation.prepare(store, Profile.OPERATOR)
    world.seed(store, small_world(), update=False)
    with store.unit() as unit:
        for (client_id, secret), token in KNOWN_TOKENS.items():
            client, known = clients.proof(unit, client_id, secret)
            unit.tokens.add(
                Token(
                    id=ids.digest(token),
                    client_id=client.id,
                    merchant_id=client.merchant_id,
                    contract_id=client.contract_id,
                    secret_id=known.id,
                    expires=datetime(2100, 1, 1, tzinfo=UTC),
                    created=unit.now,
                )
            )


@pytest.fixture(scope="session")
def on_sqlite(memory: Path) -> Iterator[Database]:
    """The way to an SQLite file, for all tests: what is known of its statements is found out once."""
    store = Database(str(memory / "pfennig.db"), StoppedClock())
    yield store
    store.close()


@pytest.fixture(scope="session")
def on_postgresql(postgresql_url: str) -> Iterator[Database]:
    """The way to that database, for all tests."""
    store = Database(postgresql_url, StoppedClock(), timeout_seconds=PATIENCE_SECONDS)
    yield store
    store.close()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that are hashed in no time: nobody guesses here."""
    monkeypatch.setattr(passwords, "COST", 2)


@pytest.fixture
def clock() -> StoppedClock:
    """The clock of the platform."""
    return StoppedClock()


@pytest.fixture
def database(request: pytest.FixtureRequest, kind_of_database: str, clock: StoppedClock) -> Iterator[Database]:
    """A database with the small world; the test runs once on each kind that it is meant for."""
    store: Database = request.getfixturevalue(f"on_{kind_of_database}")
    store.clock = clock
    if store.is_sqlite:
        copy_over(request.getfixturevalue("sqlite_template"), store)
    else:
        renew(store)
    yield store
    try:
        require_true_memory(store)
    finally:
        let_go(store)


def let_go(store: Database) -> None:
    """Forgets what a test has read. The file on SQLite is replaced, so nobody stays connected to it.

    To PostgreSQL connections stay: a new one looks up every table and plans every statement anew, which takes longer
    than most tests.
    """
    if store.is_sqlite:
        store.close()
    else:
        store.memory.forget()


def require_true_memory(store: Database) -> None:
    """Fails where something is remembered of reference data that is not so: somebody changed what all share."""
    kept = {each.table.name: each for each in vars(Unit).values() if isinstance(each, UnitShelf)}
    snapshot = store.memory.latest
    if not snapshot.answers:  # then nobody need connect
        return
    with suppress(Unavailable, SQLAlchemyError, NoKey), store.view() as view:  # some tests leave no database behind
        view.references.check()
        if snapshot.version and view.references.snapshot is snapshot:
            for (name, equal, limit), known in snapshot.answers.items():
                if name == outbox.TENANT:
                    assert known == [*outbox.read_tenants(view, set(dict(equal).values())).values()]
                else:
                    assert known == kept[name].of(view).read_equal(dict(equal), limit)


def copy_over(template: Path, store: Database) -> None:
    """Puts a copy of an SQLite file in the place of whatever is there; nobody may be connected."""
    file = Path(str(store.url.database))
    for journal in ("-wal", "-shm"):
        file.with_name(file.name + journal).unlink(missing_ok=True)
    file.unlink(missing_ok=True)
    shutil.copyfile(template, file)


@dataclass(frozen=True)
class Past:
    """What was done in databases before a test begins. On SQLite each is done once, and copied from then on."""

    folder: Path
    known: dict[str, tuple[Any, datetime]] = field(default_factory=dict)

    def relive(self, name: str, database: Database, clock: StoppedClock, live: Callable[[], T]) -> T:
        """What comes of doing that in a database as it is here. name: of what is done, from where it begins."""
        if not database.is_sqlite:
            return live()
        file = self.folder / f"{name}.db"
        if name in self.known:
            database.close()
            copy_over(file, database)
        else:
            self.known[name] = live(), clock.now
            database.close()
            shutil.copyfile(str(database.url.database), file)
        found: T
        found, clock.now = deepcopy(self.known[name])
        return found


@pytest.fixture(scope="session")
def past(memory: Path) -> Past:
    """What was done before."""
    return Past(memory)


RENEWED = (
    "DELETE FROM {0}",
    "INSERT INTO {0} TABLE aside.{0}",
    "SELECT setval('{0}_seq_seq', coalesce(max(seq), 0) + 1, false) FROM {0}",
)


def renew(store: Database) -> None:
    """Puts the small world in the place of whatever is in a PostgreSQL database.

    TRUNCATE would give each table new files, which takes longer than most tests. As a replica nobody checks
    references, nor that the audit trail only grows.
    """
    renewed = "; ".join(step.format(name) for name in NAMES for step in RENEWED)
    with store.engine.begin() as connection:
        connection.execute(text(f"SET LOCAL session_replication_role = replica; {renewed}"))


@pytest.fixture
def dress(database: Database) -> Dress:
    """Says how the checkout of my contract looks."""

    def dress(**look: Any) -> None:
        wanted = small_world()
        wanted.merchants[0].contracts[0].checkout = msgspec.convert(look, Branding)
        world.seed(database, wanted, update=True)

    return dress


@pytest.fixture
def contract(database: Database) -> Change:
    """Changes what my contract says in the world file."""

    def contract(**fields: Any) -> None:
        wanted = small_world()
        [first, *_] = wanted.merchants[0].contracts
        wanted.merchants[0].contracts[0] = msgspec.structs.replace(first, **fields)
        world.seed(database, wanted, update=True)

    return contract


@pytest.fixture
def woken() -> Signal:
    """Set by the platform when there is something to deliver."""
    return Signal()


@pytest.fixture
def platform(database: Database, woken: Signal) -> Platform:
    """A twin with the small world."""
    settings = Settings(public_url=PUBLIC_URL)
    return foundation.platform(settings, database, woken)


@dataclass
class Api:
    """A client of the API. It buys a token unless it has one; answers come as JSON, and their status is checked."""

    http: httpx.Client
    credentials: tuple[str, str]
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if "Authorization" not in self.headers:
            self.headers = self.bearer() | self.headers

    def bearer(self) -> dict[str, str]:
        """A header with a token that was just bought."""
        client_id, secret = self.credentials
        body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        token = self.http.post("/oauth/token", json=body).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    def request(self, verb: str, path: str, **more: Any) -> httpx.Response:
        """Whatever comes back."""
        return self.http.request(verb, f"/api/v2/{path}", headers=self.headers, **more)

    def get(self, path: str, **params: Any) -> Json:
        """The object or the list at an address."""
        return good(self.request("GET", path, params=params))

    def post(self, path: str, body: Json | None = None) -> Json:
        """What a POST answers."""
        return good(self.request("POST", path, json=body))

    def put(self, path: str, body: Json) -> Json:
        """What a PUT answers."""
        return good(self.request("PUT", path, json=body))

    def refused(self, verb: str, path: str, body: Any = None) -> tuple[int, str, int]:
        """Status, exception name and code of a request that must fail."""
        response = self.request(verb, path, json=body) if body is not None else self.request(verb, path)
        answer = response.json()
        assert response.status_code != 200, answer
        return response.status_code, answer["error"], answer["code"]

    def buy(self, **fields: Any) -> Json:
        """A new Smart Transaction over five euros, with the return URLs of a shop."""
        return self.post("Smart/Transactions", order(**fields))


def order(**fields: Any) -> Json:
    """The body that creates a Smart Transaction."""
    urls = {f"url_{end}": f"https://shop.example.test/{end}?order=7" for end in ("success", "error", "abort")}
    return {
        "intent": "sale",
        "customer": {"contact": {"forename": "Max", "surname": "Mustermann", "email": "max@example.net"}},
        "basket_info": {"sum": 500, "currency": "EUR"},
        "application_context": {"return_urls": {**urls, "url_push": "https://shop.example.test/push"}},
    } | fields


def good(response: httpx.Response) -> Json:
    """The JSON of an answer that must be a 200."""
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


@pytest.fixture
def http(platform: Platform) -> Iterator[httpx.Client]:
    """An HTTP client of the whole application, without a socket between. The API must answer as it describes."""
    transport = httpx.WSGITransport(application.create(platform), raise_app_exceptions=False)
    hooks = {"response": [described.check]}
    with httpx.Client(transport=transport, base_url=PUBLIC_URL, event_hooks=hooks) as client:
        yield client


def known(http: httpx.Client, credentials: tuple[str, str]) -> Api:
    """Somebody of the small world, with the token that is there from the start."""
    return Api(http, credentials, {"Authorization": f"Bearer {KNOWN_TOKENS[credentials]}"})


@pytest.fixture
def mine(http: httpx.Client) -> Api:
    """My shop."""
    return known(http, MINE)


@pytest.fixture
def stranger(http: httpx.Client) -> Api:
    """Another merchant."""
    return known(http, STRANGER)


@pytest.fixture
def seller(http: httpx.Client) -> Api:
    """A merchant under my platform."""
    return known(http, SELLER)
