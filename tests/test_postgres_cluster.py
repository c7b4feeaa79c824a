"""The tests' own PostgreSQL: there when asked for, and no trace of it afterwards."""

import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE

import psycopg
import pytest

from tests.patience import PATIENCE_SECONDS
from tests.postgres import Cluster

ROOT = Path(__file__).parents[1]

OWNER = """
from tests.postgres import Cluster
cluster = Cluster()
print(cluster.folder, cluster.url("postgres"), flush=True)
input()
"""


def test_a_cluster_makes_databases_and_leaves_nothing() -> None:
    with Cluster() as cluster, psycopg.connect(cluster.create("shop")) as connection:
        assert connection.execute("SHOW lc_collate").fetchone() == ("C.UTF-8",)
        assert connection.execute("SELECT upper('müll')").fetchone() == ("MÜLL",)
    assert not cluster.folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url("shop"))


def test_a_cluster_ends_with_tests_that_were_killed() -> None:
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as tests:
        assert tests.stdout
        folder, url = tests.stdout.readline().split()
        psycopg.connect(url).close()
        tests.kill()
    until = time.monotonic() + PATIENCE_SECONDS
    while Path(folder).exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
