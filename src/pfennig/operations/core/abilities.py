"""The abilities of a server besides what every one can do, each asked by its own name."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from pfennig.domain.payment import Payment
from pfennig.errors import NotFound
from pfennig.gateways.card_networks import CardNetwork
from pfennig.gateways.identities import IdentityProvider
from pfennig.gateways.test_data import TestData
from pfennig.gateways.transfers import ByFile, OutgoingBank


class OnlyInTests(NotFound):
    """This exists only for tests."""

    code = 3054


class ForceStatus(Protocol):
    """Brings a payment to a detailed status."""

    def __call__(self, call: Any, payment: Payment, number: int) -> None: ...


@dataclass(frozen=True)
class Abilities:
    """The abilities of a server; where nothing is said, those of one that moves money.

    name: for people, and the label of a metric. moves_money: whether what is paid is paid; pages, mails and answers
    say so where it is not. has_lab: whether testers may play the world around it.
    takes_any_upload: whether a file may be of any type. shows_mails: whether mails can be looked at in the lab.
    reaches_private_addresses: whether pushes may go to addresses that only this network knows.
    limits_rates: whether who asks too often is refused. shows_metrics: whether everybody may see them.
    has_demo_merchants: whether their credentials are known to all, so that scripts of any page may use the API.
    has_wallet_sheets: whether the checkout can open wallets.
    test_data: what pages offer to fill in. identities: who identifies people, None if nobody does.
    card_network: who gives tokens for cards, None if nobody does. outgoing: who makes our transfers.
    force_status: brings payments to any status, for tests.
    """

    name: str = "operator"
    moves_money: bool = True
    has_lab: bool = False
    takes_any_upload: bool = False
    shows_mails: bool = False
    reaches_private_addresses: bool = False
    limits_rates: bool = True
    shows_metrics: bool = False
    has_demo_merchants: bool = False
    has_wallet_sheets: bool = False
    test_data: TestData = field(default_factory=TestData)
    identities: IdentityProvider | None = None
    card_network: CardNetwork | None = None
    outgoing: OutgoingBank = field(default_factory=ByFile)
    force_status: ForceStatus | None = None


USUAL = Abilities()
"""The abilities of every server."""


def require_forcing(can: Abilities) -> ForceStatus:
    """Requires that payments can be brought to any status. Raises OnlyInTests."""
    if can.force_status is None:
        raise OnlyInTests("TestChangedPaymentStatus is not offered here")
    return can.force_status
