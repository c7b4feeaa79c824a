"""A status snapshot of the platform, for monitoring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pfennig.domain.ledger import Check
from pfennig.operations.checks import reconciliation
from pfennig.storage.database import Database
from pfennig.storage.queries import figures
from pfennig.storage.queries.figures import Waiting

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which processes count together. The library reads it once, when it comes."""


@dataclass(frozen=True)
class StatusSnapshot:
    """The open work at a moment. now: by the server's clock, as all moments in it but that of the check.

    attempts: by whom they wait for. payments: by state. check: how the last look at the books went.
    """

    now: datetime
    real_now: datetime
    outbox: Mapping[str, Waiting]
    attempts: Mapping[str, int]
    payments: Mapping[str, int]
    check: Check | None


def status_snapshot(database: Database) -> StatusSnapshot:
    """The status of the platform at this moment. Raises DatabaseAway."""
    with database.view() as view:
        payer, rail = figures.open_attempts(view)
        return StatusSnapshot(
            now=view.now,
            real_now=view.real_now,
            outbox={"pushes": figures.events(view), "mails": figures.mails(view)},
            attempts={"payer": payer, "rail": rail},
            payments=figures.payments_under_way(view),
            check=reconciliation.last_check(view),
        )
