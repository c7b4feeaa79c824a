"""`python -m cluster`: plays in namespaces of processes, mounts and networks, which end with it, however it ends."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster.site import UNPRIVILEGED
from tests.postgres import programs

NEEDED = {
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "ip": "iproute2",
    "etcd": "etcd-server",
    "patroni": "patroni",
}
"""Programs, and the Debian packages that have them."""

LONGEST_SECONDS = 45 * 60

FIRST = '"$@"; exit $?'
"""The first process of a namespace has to bury the orphans, which a shell does."""


def main() -> int:
    """Plays to the end, or says in one line what is missing."""
    if missing := problem():
        print(f"make cluster-test: {missing}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    apart = (
        "unshare",
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "sh",
        "-c",
        FIRST,
        "sh",
    )
    with tempfile.TemporaryDirectory(prefix="pfennig-cluster-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user has his disk below it
        try:
            return subprocess.run(
                (*apart, sys.executable, "-m", "cluster.play", folder), timeout=LONGEST_SECONDS
            ).returncode
        except KeyboardInterrupt:
            return 130


def problem() -> str | None:
    """What stands in the way."""
    packages = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
    if packages:
        return f"{' and '.join(packages)} missing (Debian: apt-get install {' '.join(packages)})"
    try:
        programs()
        pwd.getpwnam(UNPRIVILEGED)
    except (RuntimeError, KeyError):
        return "PostgreSQL with its user is missing (Debian: apt-get install postgresql)"
    return None if os.geteuid() == 0 else "only root may make network namespaces; try sudo make cluster-test"


if __name__ == "__main__":
    sys.exit(main())
