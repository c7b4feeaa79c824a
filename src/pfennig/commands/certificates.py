"""`pfennig tls`: certificates for tests."""

import argparse
from pathlib import Path
from typing import Any

from pfennig.console import show, show_text
from pfennig.settings import BadSetting


def register(commands: Any) -> None:
    """Adds `tls` and its action to the command line."""
    group = commands.add_parser("tls", help="serve https in tests", description="Serve https in tests.")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    init = actions.add_parser("init", help="make a local authority and a certificate")
    init.add_argument("--folder", type=Path, default=Path("tls"), help="where to keep them (default tls)")
    init.add_argument("hosts", nargs="*", metavar="HOST", help="names to certify; by default localhost and the API's")
    init.set_defaults(run=tls_init)


def tls_init(given: argparse.Namespace) -> int:
    """pfennig tls init."""
    from pfennig import tls

    hosts = given.hosts or tls.HOSTS
    try:
        files = tls.init(given.folder, hosts)
    except tls.NotAHost as error:
        raise BadSetting(str(error)) from None
    except OSError as error:
        raise BadSetting(f"{given.folder} cannot be used as a folder ({error.strerror})") from None
    show_text(tls.advice(files, hosts))
    show(f"Serve with: sudo pfennig serve --port 443 --tls-cert {files.server} --tls-key {files.server_key} \\")
    show("    --public-url https://connect-testing.secuconnect.com")
    return 0
