"""What stands beside us: pgbench with the very statements that a request sends, and localstripe."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from itertools import repeat

from bench.client import CONNECTIONS, Load, request, saturate
from bench.stand import PROCESSES, CannotMeasure, Server, Stand, sql
from tests.postgres import free_port

FORM = "application/x-www-form-urlencoded"
LOGGED = re.compile(r"(?:statement|execute [^:]+): (.*)", re.DOTALL)
PARAMETER = re.compile(r"\$(\d+) = ('(?:[^']|'')*'|NULL)")
OWN_ID = re.compile(r"'(STX|PCU)_[A-Z0-9]{30}'")


def statements(stand: Stand, database: str, ask: Callable[[], object]) -> list[str]:
    """What the server sends to the database for one request, with its values, as PostgreSQL saw it."""
    name = database.rpartition("/")[2]
    before = len(list(logged(stand, name)))
    reconnect(stand, database, "SET log_statement = 'all'")
    ask()
    reconnect(stand, database, "RESET log_statement")
    return list(logged(stand, name))[before:]


def reconnect(stand: Stand, database: str, setting: str) -> None:
    """Lets the server connect anew, with this setting."""
    admin, name = stand.cluster.url("postgres"), database.rpartition("/")[2]
    sql(admin, f"ALTER DATABASE {name} {setting}")
    sql(admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)


def logged(stand: Stand, name: str) -> Iterator[str]:
    """The statements in the log of one database."""
    for file in sorted((stand.cluster.folder / "data" / "statements").glob("*.json")):
        for line in map(json.loads, file.read_text().splitlines()):
            found = LOGGED.fullmatch(line["message"])
            if found and line.get("dbname") == name:
                given = dict(PARAMETER.findall(line.get("detail", "")))
                yield re.sub(r"\$(\d+)", lambda place, given=given: given[place[1]], found[1])


def pgbench(stand: Stand, database: str, script: list[str], seconds: int) -> float:
    """How often in a second pgbench runs these statements, over as many connections as the load has."""
    file = stand.folder / "request.sql"
    plain = (re.sub(r"(?<!:):(?=[A-Za-z_])", ": ", text.replace("\n", " ")) for text in script)  # :name is a variable
    lines = [OWN_ID.sub(r"('\1_' || :number ::text)", text) for text in plain]
    file.write_text("\n".join(["\\set number random(1, 9000000000000000000)", *(f"{line};" for line in lines)]))
    program = stand.cluster.program("pgbench")
    done = subprocess.run(
        [program, "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}", f"--jobs={PROCESSES}",
         f"--time={seconds}", f"--file={file}", database],
        capture_output=True, text=True,
    )  # fmt: skip
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None:
        raise CannotMeasure(done.stderr)
    return float(rate[1])


class Localstripe(Server):
    """A twin of another provider, which keeps everything in memory."""

    def answers(self) -> bool:
        """Whether it creates payment intents yet."""
        try:
            load = Load(self.url, connections=1)
        except ConnectionError:
            return False
        load.close()
        return True

    def created(self, seconds: float) -> float:
        """Payment intents a second."""
        load = Load(self.url)
        ask = request("POST", "/v1/payment_intents", b"amount=500&currency=eur", "sk_test_bench", FORM)
        rate = saturate(load, "create", repeat(ask), seconds).rate
        load.close()
        return rate


def localstripe(stand: Stand) -> Localstripe:
    """It, yet to be started."""
    port = str(free_port())
    return Localstripe(
        ("localstripe", "--port", port, "--from-scratch"), stand.folder, url=f"http://127.0.0.1:{port}"
    )
