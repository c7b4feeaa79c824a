"""What a server can do is asked by its own name: who identifies people, who gives tokens, who makes transfers."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest

from pfennig import application
from pfennig.domain.container import Container
from pfennig.domain.ident import IdentStatus as Identified
from pfennig.domain.settlement import Remittance
from pfennig.domain.token import TokenStatus
from pfennig.gateways import RailFailed
from pfennig.gateways.identities import IdentityRequest
from pfennig.operations import calendar
from pfennig.operations.core.abilities import Abilities, OnlyInTests, require_forcing
from pfennig.operations.core.call import Call, Caller, Platform
from pfennig.operations.identity import idents
from pfennig.storage.database import Database
from pfennig.twin.abilities import TWIN
from tests.api.conftest import card
from tests.conftest import MINE, PUBLIC_URL, Api, StoppedClock

WANTED = {"payment_context": {"container_instructions": {"request_token": True}}}
PERSON = {"contact": {"forename": "Erika", "surname": "Musterfrau", "email": "erika@example.net"}}


@dataclass
class SlowNetwork:
    """Gives a token when it is asked for the third time; before that it does not know, or cannot be reached."""

    says: list[TokenStatus | None] = field(
        default_factory=lambda: [None, TokenStatus.REQUESTED, TokenStatus.INQUIRY, TokenStatus.ACTIVE]
    )

    def asks_after(self, status: TokenStatus) -> timedelta | None:
        """An hour."""
        return timedelta(hours=1) if status in (TokenStatus.REQUESTED, TokenStatus.INQUIRY) else None

    def ask(self, container: Container, status: TokenStatus) -> TokenStatus:
        """The next of what it says."""
        said = self.says.pop(0)
        if said is None:
            raise RailFailed("away")
        return said


class Elsewhere:
    """Identifies people on pages of its own."""

    def page(self, request: IdentityRequest) -> str:
        """There."""
        return f"https://ident.example/{request.provider}/{request.task}?email={request.contact['email']}"


def shop(platform: Platform) -> Api:
    """My shop there."""
    transport = httpx.WSGITransport(application.create(platform))
    return Api(httpx.Client(transport=transport, base_url=PUBLIC_URL), MINE)


def token_of(database: Database) -> str | None:
    """The status of the only container's token."""
    with database.view() as view:
        [container] = view.containers.all()
    return container.token["status"] if container.token else None


def pay(api: Api) -> None:
    """Pays with a card for which a token is wanted."""
    api.post(f"Smart/Transactions/{api.buy(**WANTED)['id']}/prepare/creditcard", card())


def test_without_a_card_network_there_is_no_token(platform: Platform, database: Database) -> None:
    pay(shop(replace(platform, can=replace(TWIN, card_network=None))))
    assert token_of(database) is None


def test_a_card_network_is_asked_until_it_knows(platform: Platform, database: Database, clock: StoppedClock) -> None:
    platform = replace(platform, can=replace(TWIN, card_network=SlowNetwork()))
    pay(shop(platform))
    seen = []
    for _ in range(4):
        clock.advance(hours=30)  # one that cannot be reached is asked again a day later
        calendar.run_due(Call(platform, None, "de", role="sweeper"))
        seen.append(token_of(database))
    assert seen[0] == "requested"
    assert seen[-1] == "active"


def test_who_identifies_people_says_where(platform: Platform) -> None:
    api = shop(replace(platform, can=replace(TWIN, identities=Elsewhere())))
    asked = api.post("Services/Identrequests", {"type": "person", "provider": "idnow", "person": [PERSON]})
    [person] = asked["person"]
    there = f"https://ident.example/idnow/{person['transaction_id']}?email=erika@example.net"
    assert person["redirect_url"] == there
    call = Call(platform, Caller("client-mine", "MRC_MINE", "GCR_MINE"), "de")
    idents.decide(
        call, asked["id"], None, Identified.OK, lambda contact: {"userdata": {"surname": contact["surname"]}}
    )
    [result] = api.get("Services/Identresults")["data"]
    assert result["person"][0]["userdata"] == {"surname": "Musterfrau"}
    nobody = shop(replace(platform, can=replace(TWIN, identities=None)))
    [person] = nobody.get(f"Services/Identrequests/{asked['id']}")["person"]
    assert "redirect_url" not in person


def test_a_server_that_moves_money_can_none_of_what_a_twin_can() -> None:
    real = Abilities()
    assert real.moves_money
    assert real.limits_rates
    can = vars(real).items()
    assert {name for name, value in can if value is True} == {"moves_money", "limits_rates"}
    assert not real.test_data.numbers
    assert not real.outgoing.takes(Remittance.__new__(Remittance))
    with pytest.raises(OnlyInTests):
        require_forcing(real)
    assert require_forcing(TWIN)
