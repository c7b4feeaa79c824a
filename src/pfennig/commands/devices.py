"""`pfennig device`: let devices in, and end their sessions."""

import argparse
from typing import Any

from pfennig.clock import system_clock, wire_time
from pfennig.commands.common import DATABASE, add, admin_unit
from pfennig.console import show


def register(commands: Any) -> None:
    """Adds `device` and its actions to the command line."""
    text = "let devices in, and end their sessions"
    group = commands.add_parser("device", help=text, description=text.capitalize() + ".")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    new = add(actions, "confirm", device_confirm, "let the device in that shows this code", DATABASE)
    new.add_argument("code", metavar="CODE", help="the user code that the device shows")
    new.add_argument("--contract", help="the contract it acts under, GCR_…; its client's own if none is named")
    end = add(actions, "end", device_end, "end the session of a device, and its tokens", DATABASE)
    end.add_argument("session", metavar="SESSION", help="SES_…")
    add(actions, "list", device_list, "list the devices, and who is logged in on them", DATABASE)


def device_confirm(given: argparse.Namespace) -> int:
    """pfennig device confirm."""
    from pfennig.operations.core import audit
    from pfennig.operations.parties import sessions

    with admin_unit(given) as unit:
        session = sessions.confirm(unit, given.code, given.contract)
        audit.note(unit, audit.OPERATOR, "confirm", "session", session.id, session.merchant_id)
    show(f"{session.device} may act under {session.contract_id}")
    return 0


def device_end(given: argparse.Namespace) -> int:
    """pfennig device end."""
    from pfennig.operations.core import audit
    from pfennig.operations.parties import sessions

    with admin_unit(given) as unit:
        ended = sessions.end(unit, given.session)
        audit.note(unit, audit.OPERATOR, "end", "session", ended.id, ended.merchant_id)
    show(f"{given.session} has ended")
    return 0


def device_list(given: argparse.Namespace) -> int:
    """pfennig device list."""
    with admin_unit(given) as unit:
        for session in unit.sessions.all():
            if session.expires <= system_clock():
                continue
            state = session.username or ("device" if session.is_open else "waits")
            until = wire_time(session.expires)
            said = f"{state}  {session.device}  {session.device_name}".rstrip()
            show(f"{session.id}  {session.contract_id}  until {until}  {said}")
    return 0
