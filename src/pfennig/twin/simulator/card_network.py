"""A card network that grants every token, in two steps.

It archives nothing, as the provider's test system does not either.
"""

from collections.abc import Mapping
from datetime import timedelta

from pfennig.domain.container import Container
from pfennig.domain.token import TokenStatus

NEXT: Mapping[TokenStatus, TokenStatus] = {
    TokenStatus.REQUESTED: TokenStatus.INQUIRY,
    TokenStatus.INQUIRY: TokenStatus.ACTIVE,
}
"""The next status that a token gets by itself; from others, testers play the network."""

ANSWERS_AFTER = timedelta(seconds=5)


class SimulatedCardNetwork:
    """A card network that answers a while after it was asked."""

    def asks_after(self, status: TokenStatus) -> timedelta | None:
        """A few seconds, wherever something follows by itself."""
        return ANSWERS_AFTER if status in NEXT else None

    def ask(self, container: Container, status: TokenStatus) -> TokenStatus:
        """The next status."""
        return NEXT.get(status, status)
