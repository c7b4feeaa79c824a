"""Seats in the workers: the number of deliveries at the same time, of each tenant, and to each receiver."""

from collections import Counter
from threading import Lock


class Seats:
    """Seats for deliveries that are under way. Safe to share between threads.

    A tenant gets one more only while it has fewer than a share of those that are still free. So whoever has many must
    leave many, and a tenant that has none finds one, however many others hang.
    """

    def __init__(self, number: int, share: int, per_receiver: int) -> None:
        self.number, self.share, self.per_receiver = number, share, per_receiver
        self.guard = Lock()
        self.of_tenants: Counter[str] = Counter()
        self.of_receivers: Counter[str] = Counter()

    @property
    def taken_count(self) -> int:
        """Number of seats that are taken."""
        return self.of_tenants.total()

    @property
    def free(self) -> int:
        """Number of seats that are free."""
        return self.number - self.taken_count

    def busy(self) -> set[str]:
        """Receivers that get no more at the moment."""
        with self.guard:
            return {receiver for receiver, count in self.of_receivers.items() if count >= self.per_receiver}

    def full(self) -> set[str]:
        """Tenants that get no more at the moment."""
        with self.guard:
            return {tenant for tenant, count in self.of_tenants.items() if count >= self.most()}

    def take(self, tenant: str, receiver: str) -> bool:
        """Takes a seat, if there is one for this tenant and this receiver."""
        with self.guard:
            is_full = self.free <= 0 or self.of_tenants[tenant] >= self.most()
            if is_full or self.of_receivers[receiver] >= self.per_receiver:
                return False
            self.of_tenants[tenant] += 1
            self.of_receivers[receiver] += 1
            return True

    def leave(self, tenant: str, receiver: str) -> None:
        """Gives a seat back."""
        with self.guard:
            for counter, name in ((self.of_tenants, tenant), (self.of_receivers, receiver)):
                counter[name] -= 1
                if not counter[name]:
                    del counter[name]

    def most(self) -> int:
        """Number of seats that one tenant may have at the moment."""
        return max(1, self.free // self.share)
