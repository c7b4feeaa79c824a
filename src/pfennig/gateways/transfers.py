"""Interface for banks that send money out for us: payouts, returns. Source: docs/add-a-rail.md#the-smaller-kinds."""

from typing import Protocol

from pfennig.domain.settlement import Remittance


class OutgoingBank(Protocol):
    """A bank that takes orders for transfers."""

    def takes(self, transfer: Remittance) -> bool:
        """Whether the transfer is made as soon as it is ordered, and no file and no person is needed for it.

        It is asked within a transaction, so it must not wait for anybody.
        """


class ByFile:
    """A bank that gets files from a person, who notes what it has made."""

    def takes(self, transfer: Remittance) -> bool:
        """Always false: somebody has to carry the file there."""
        return False
