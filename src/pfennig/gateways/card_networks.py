"""Interface for card networks, which give tokens for cards. Source: docs/add-a-rail.md#the-smaller-kinds."""

from datetime import timedelta
from typing import Protocol

from pfennig.domain.container import Container
from pfennig.domain.token import TokenStatus


class CardNetwork(Protocol):
    """A card network, which is asked how a token is, outside any transaction and as often as you like."""

    def asks_after(self, status: TokenStatus) -> timedelta | None:
        """The time after a token came to a status until it is asked about; None if nothing more is expected."""

    def ask(self, container: Container, status: TokenStatus) -> TokenStatus:
        """The status of a container's token by now. Raises RailFailed."""
