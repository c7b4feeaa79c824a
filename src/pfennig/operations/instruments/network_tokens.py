"""Tokens of card networks: asked for, given, given up.

Source: docs/wire/16-recurring.md#163-network-tokens
"""

from dataclasses import replace

from pfennig import ids
from pfennig.domain import states, token
from pfennig.domain.calendar import Appointment, Occasion
from pfennig.domain.container import Container
from pfennig.domain.history import Type
from pfennig.domain.payment import Payment
from pfennig.domain.smart_transaction import DONE, SmartTransaction
from pfennig.domain.smart_transaction import StxStatus as Case
from pfennig.domain.states import WrongState
from pfennig.domain.token import MOVES, OF_CARDS, TokenStatus
from pfennig.operations.core import history
from pfennig.operations.core.call import Call
from pfennig.operations.instruments import containers
from pfennig.storage.unit import Unit


def follow(call: Call, unit: Unit, stx: SmartTransaction, payment: Payment | None) -> None:
    """Asks for a token of the card that has just paid, if the shop wants one."""
    wanted = stx.payment_context.container_instructions
    if payment and payment.container_id and wanted and (stx.status is Case.APPROVED or stx.status in DONE):
        container = unit.containers.hold(payment.container_id)
        request(call, unit, container, bool(wanted.request_token), wanted.notification_url or None)


def request(call: Call, unit: Unit, container: Container, is_wanted: bool, url: str | None) -> Container:
    """The container with a token on its way, if it is a card's and has none, and with the address to notify.

    Where no card network is connected there is no token.
    """
    if url and url != container.notification_url:
        container = unit.containers.change(container, replace(container, notification_url=url))
    has_network = call.platform.can.card_network is not None
    if not is_wanted or not has_network or container.token or container.type not in OF_CARDS or container.archived:
        return container
    return move(call, unit, container, TokenStatus.REQUESTED)


def move(call: Call, unit: Unit, container: Container, to: TokenStatus) -> Container:
    """The container with its token moved on: its notification_url is notified, and the network will say more."""
    after = unit.containers.change(container, replace(container, token=token.moved_token(container, to, unit.now)))
    if after.notification_url:
        url = after.notification_url
        history.emit_to(call, unit, after, url, "payment.containers", after.id, Type.CHANGED)
    network = call.platform.can.card_network
    if network and (wait := network.asks_after(to)) is not None:
        unit.appointments.add(
            Appointment(
                id=ids.new("APT"),
                merchant_id=after.merchant_id,
                smart_transaction_id="",
                payment_id="",
                object_id=after.id,
                what=Occasion.NETWORK,
                reason=to.value,
                due=unit.now + wait,
                created=unit.now,
            )
        )
    return after


def ask_network(call: Call, appointment: Appointment) -> None:
    """Asks the network, and applies its answer if the token is still where it was asked about."""
    network = call.platform.can.card_network
    with call.view() as view:
        asked = view.containers.find(appointment.object_id or "")
    before = token.status(asked) if asked else None
    to = network.ask(asked, before) if network and asked and before else None
    with call.unit() as unit:
        container = unit.containers.hold(appointment.object_id or "")
        current = unit.appointments.hold(appointment.id)
        if not current.is_open:
            return
        is_there = before is not None and before is token.status(container) and before.value == current.reason
        wait = network.asks_after(before) if network and before and is_there and to is before else None
        if wait:  # it does not know yet
            unit.appointments.change(current, replace(current, due=unit.now + wait))
            return
        unit.appointments.change(current, replace(current, is_open=False))
        if is_there and to and to is not before:
            move(call, unit, container, to)


def play(call: Call, id: str, to: TokenStatus) -> Container:
    """The container after a tester has answered for the network. Raises WrongState, UnknownId."""
    with call.unit() as unit:
        container = containers.lock(call, unit, id)
        here = token.status(container)
        if here is None:
            raise WrongState(f"{id} has no token")
        if to is TokenStatus.ARCHIVE_PENDING:
            raise WrongState("A token is given up by PUT Payment/Containers/{id}/archive")
        states.check(MOVES, here, to)
        return move(call, unit, container, to)
