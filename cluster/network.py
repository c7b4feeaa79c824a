"""Hosts on one cable: network namespaces at a bridge, in namespaces of processes and mounts of their own.

The kernel takes all of it away, processes and all, when the first process in it has ended.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

HERE = "shop"
"""Where shops and receivers are: outside of the hosts, and on the same cable."""

PREFIX = "10.77.0."
"""Nobody else sees these addresses."""

PATIENCE_SECONDS = 120


class CannotPlay(RuntimeError):
    """Something did not start, or did not come back: then there is nothing to report."""


def until(check: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Comes back when the check holds. Raises CannotPlay with what was waited for."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise CannotPlay(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def run(command: str) -> str:
    """What a command of the system says. Raises CannotPlay."""
    done = subprocess.run(command.split(), capture_output=True, text=True)
    if done.returncode:
        raise CannotPlay(f"{command}: {done.stderr.strip()}")
    return done.stdout


@dataclass
class Host:
    """A machine of the play. address: its own on the cable; folder: its disk."""

    name: str
    address: str
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, program: str, command: Sequence[str], environment: Mapping[str, str], user: str = "root"
    ) -> subprocess.Popen[bytes]:
        """Starts a program on it, alone in its environment; what it says is written to its disk."""
        given = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | dict(environment)
        become = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
        own_run = ("sh", "-c", 'mount --bind run /run && exec "$@"', "sh")
        whole = ("ip", "netns", "exec", self.name, *own_run, *become, *command)
        with (self.folder / f"{program}.log").open("ab") as log:
            process = subprocess.Popen(whole, cwd=self.folder, env=given, stdout=log, stderr=log, stdin=DEVNULL)
        self.running.append(process)
        return process

    def kill(self) -> None:
        """Every process on it is gone at once, as in a power failure."""
        pids = [int(pid) for pid in run(f"ip netns pids {self.name}").split()]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for process in self.running:
            process.wait()
        self.running.clear()
        until(lambda: not run(f"ip netns pids {self.name}"), f"{self.name} is dead")

    def cut_off(self) -> None:
        """Pulls its cable."""
        run(f"ip link set {self.name} down")

    def heal(self) -> None:
        """Puts it back."""
        run(f"ip link set {self.name} up")


def lay(names: Sequence[str], folder: Path) -> dict[str, Host]:
    """The cable with these hosts on it, who know each other by name."""
    run("mount -t tmpfs tmpfs /run")  # `ip netns` keeps its names there, and they shall be ours alone
    run("ip link set lo up")
    run("ip link add cable type bridge")
    run("ip link set cable up")
    run(f"ip addr add {PREFIX}1/24 dev cable")
    hosts = {name: Host(name, f"{PREFIX}{number}", folder / name) for number, name in enumerate(names, start=11)}
    known = [("127.0.0.1", "localhost"), (f"{PREFIX}1", HERE), *((one.address, one.name) for one in hosts.values())]
    (folder / "hosts").write_text("".join(f"{address} {name}\n" for address, name in known))
    run(f"mount --bind {folder}/hosts /etc/hosts")
    for host in hosts.values():
        plug_in(host)
    return hosts


def plug_in(host: Host) -> None:
    """A new host with an empty disk, at the cable."""
    sockets = host.folder / "run" / "postgresql"
    sockets.mkdir(parents=True)
    sockets.chmod(0o1777)
    name = host.name
    run(f"ip netns add {name}")
    run(f"ip link add eth0 netns {name} type veth peer name {name}")
    run(f"ip link set {name} master cable up")
    run(f"ip -n {name} addr add {host.address}/24 dev eth0")
    run(f"ip -n {name} link set eth0 up")
    run(f"ip -n {name} link set lo up")
