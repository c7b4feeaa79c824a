"""Abilities of a twin that a server which moves money does not have."""

from pfennig.gateways import test_data
from pfennig.gateways.test_data import TestData
from pfennig.operations.core.abilities import Abilities
from pfennig.twin import forced_status
from pfennig.twin.simulator.card_network import SimulatedCardNetwork
from pfennig.twin.simulator.identities import SimulatedProvider
from pfennig.twin.simulator.instruments import ACCOUNTS, CARDS
from pfennig.twin.simulator.outgoing import InstantBank

TWIN = Abilities(
    name="twin",
    moves_money=False,
    has_lab=True,
    takes_any_upload=True,
    shows_mails=True,
    reaches_private_addresses=True,
    limits_rates=False,
    shows_metrics=True,
    has_demo_merchants=True,
    has_wallet_sheets=True,
    test_data=TestData(
        cards=tuple(test_data.Card(card.number, card.outcome) for card in CARDS),
        accounts=tuple(test_data.SampleAccount(account.iban, account.outcome) for account in ACCOUNTS),
    ),
    identities=SimulatedProvider(),
    card_network=SimulatedCardNetwork(),
    outgoing=InstantBank(),
    force_status=forced_status.force,
)
