"""Whoever watches a started server sees all of its processes, and no secret on the way."""

import json
import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from pfennig import cli
from tests.plain import NO_TLS
from tests.postgres import Cluster
from tests.stories.conftest import Server, Shop, alive, below, until

TOKEN = "a-token-for-metrics"
SECRETS = ("3382456441636938321687549172178382320163695870914358804052148567", "DE35500105175418493188", TOKEN)


def counted(server: Server) -> dict[str, int]:
    """How often each operation was answered, as one of the processes tells."""
    answer = httpx.get(f"{server.url}/metrics", verify=NO_TLS, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found = re.findall(r'pfennig_requests_total{operation="([^"]+)",status="200"} ([0-9.]+)', answer.text)
    return {operation: int(float(number)) for operation, number in found}


def counted_if_answered(server: Server) -> dict[str, int]:
    """The same; nothing if a process died with the connection in its queue."""
    try:
        return counted(server)
    except httpx.TransportError:
        return {}


def test_any_of_the_processes_tells_what_all_of_them_did_and_nothing_is_told_twice(
    cluster: Cluster, postgresql_tables: str, tmp_path: Path, ends: Callable[[Any], Any]
) -> None:
    address = cluster.create("watched", postgresql_tables)
    assert cli.main(["migrate", "--database", address]) == 0
    for name, value in (("DATABASE", address), ("METRICS_TOKEN", TOKEN)):
        (tmp_path / name).write_text(f"{value}\n")
    told = {f"PFENNIG_{name}_FILE": str(tmp_path / name) for name in ("DATABASE", "METRICS_TOKEN")}
    server: Server = ends(Server(tmp_path, ("--workers", "2"), told=told))
    assert httpx.get(f"{server.url}/metrics", verify=NO_TLS).status_code == 401

    def buy(_: int) -> str:
        with Shop(server) as shop:
            id: str = shop.pay(shop.create())["id"]
            return id

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(buy, range(12)))
    until(lambda: counted(server).get("POST /api/v2/Smart/Transactions") == 12)
    for _ in range(8):
        assert counted(server)["POST /api/v2/Smart/Transactions/{id}/prepare/{method}"] == 12

    [supervisor, *workers] = server.family
    assert len(below(supervisor)) >= 2
    shown = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (supervisor, *workers))
    assert TOKEN.encode() not in shown
    [folder] = {shared for pid in workers for shared in shared_folders(pid)}
    os.kill(workers[-1], 9)
    until(lambda: not alive(workers[-1:]))  # who asks it while it dies gets no answer
    until(lambda: counted_if_answered(server) and any(folder in shared_folders(pid) for pid in new(server, workers)))
    assert counted(server)["POST /api/v2/Smart/Transactions"] == 12, "the dead are counted, too"
    assert server.stop() == 0
    assert not Path(folder).exists()

    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    paid = [line for line in lines if line.get("operation", "").endswith("prepare/{method}")]
    assert len(paid) == 12
    asked = [line["request_id"] for line in lines if line["event"] == "request"]
    assert len(set(asked)) == len(asked)
    for line in paid:
        assert (line["status"], line["client"]) == (200, "00563697073442633035025909838580")
        assert line["merchant"].startswith("MRC_")
    for hidden in (*SECRETS, *ids):
        assert hidden not in server.log.read_text()


def shared_folders(pid: int) -> set[str]:
    """Where a process counts together with others."""
    return set(re.findall(r"/\S*/pfennig-metrics-[^/]+", Path(f"/proc/{pid}/maps").read_text()))


def new(server: Server, known: Sequence[int]) -> set[int]:
    """The processes of a server that were not there before."""
    return set(alive(below(server.pid))) - set(known)
