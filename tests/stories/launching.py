"""Starts `pfennig …` as a process of its own, forked from one that has imported everything already.

Python reads the code of a server anew for each process that is started otherwise, which takes longer than most
stories. How it starts from nothing is the demo's story: its server is started as people start theirs.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context, set_start_method
from multiprocessing.context import ForkServerProcess
from pathlib import Path

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "pfennig.server",
        "pfennig.cli",
        "pfennig.resources",
        "pfennig.checkout.door",
        "pfennig.lab.door",
        "pfennig.push.push_worker",
        "pfennig.push.worker",
    ]
)
"""All but what counts requests: its library looks once, when it is imported, where processes count together."""


def launch(
    folder: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    logs: tuple[Path, Path],
    kill_after_seconds: int | None = None,
) -> ForkServerProcess:
    """A process that runs `pfennig …` in a folder.

    logs: the files to which its standard output and its standard error are added.
    kill_after_seconds: how long a server waits at its end for requests that are under way, if not as it always does.
    """
    process = FORKS.Process(target=run, args=(folder, [*arguments], {**environment}, logs, kill_after_seconds))
    process.start()
    return process


def run(
    folder: Path,
    arguments: list[str],
    environment: dict[str, str],
    logs: tuple[Path, Path],
    kill_after_seconds: int | None,
) -> None:
    """What the new process does."""
    from pfennig import cli, server

    for descriptor, log in enumerate(logs, start=1):
        with log.open("ab") as output:
            os.dup2(output.fileno(), descriptor)
    set_start_method(None, force=True)  # what it starts itself comes about as in any other program
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if kill_after_seconds is not None:
        server.KILL_AFTER_SECONDS = kill_after_seconds
    sys.exit(cli.main(arguments))
