"""How fast the machine itself is: a fixed piece of Python, and PostgreSQL with the writes of a create."""

import re
import subprocess
import time

from bench.client import CONNECTIONS
from bench.stand import PROCESSES, CannotMeasure, Stand, sql

ROUNDS = 200_000
TRIES = 5
REFERENCE_MS = 13
"""What the piece takes on the machine whose milliseconds the budget is in."""


def piece_ms() -> float:
    """The processor time of the fixed piece under this interpreter: of some tries the best, undisturbed one."""
    return min(computed() for _ in range(TRIES))


def computed() -> float:
    """Milliseconds of integer arithmetic."""
    begun, total = time.process_time(), 0
    for number in range(ROUNDS):
        total += number * number % 7
    return 1000 * (time.process_time() - begun)


def writes(stand: Stand, database: str) -> str:
    """A script for pgbench with what a create must write: a customer, a Smart Transaction, and a commit.

    The rows are like the first ones of a database; nothing is read or checked.
    """
    script = [
        "\\set number random(1, 9000000000000000000)",
        "BEGIN;",
        insert(database, "customers", "PCU"),
        insert(database, "smart_transactions", "STX"),
        "COMMIT;",
    ]
    file = stand.folder / "writes.sql"
    file.write_text("\n".join(script))
    return str(file)


def pgbench(stand: Stand, database: str, file: str, seconds: int) -> float:
    """How often in a second pgbench runs a script, over as many connections as the load has."""
    done = subprocess.run(
        [stand.cluster.program("pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={CONNECTIONS}",
         f"--jobs={PROCESSES}", f"--time={seconds}", f"--file={file}", database],
        capture_output=True, text=True,
    )  # fmt: skip
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None:
        raise CannotMeasure(done.stderr)
    return float(rate[1])


def insert(database: str, table: str, prefix: str) -> str:
    """The INSERT of a row like the first one of a table, under an id of its own."""
    found = sql(database, "SELECT column_name FROM information_schema.columns WHERE table_name = %s", table)
    names = [name for (name,) in found if name not in ("id", "seq")]
    texts = ", ".join(f"quote_nullable({name}::text)" for name in names)
    [values] = sql(database, f"SELECT {texts} FROM {table} ORDER BY seq LIMIT 1")  # noqa: S608 - our own words
    row = re.sub(r":(?=[A-Za-z_])", ": ", ", ".join(values))  # to pgbench :name is a variable
    return f"INSERT INTO {table} (id, {', '.join(names)}) VALUES ('{prefix}_' || :number ::text, {row});"  # noqa: S608
