"""The worker looks at the books and seals them, and a difference stops payouts at once."""

from threading import Event as Signal

import pytest

from pfennig.domain.chain import START
from pfennig.operations.checks import reconciliation
from pfennig.operations.core.call import Platform
from pfennig.push.worker import Worker
from pfennig.storage.database import Database
from pfennig.storage.integrity import chain
from tests.api.conftest import bought
from tests.conftest import Api
from tests.tampering import unguarded


@pytest.fixture
def worker(platform: Platform) -> Worker:
    """A worker that does what it is told to."""
    return Worker(platform, Signal())


def noted(database: Database) -> int | None:
    """How many differences the last look has found."""
    with database.view() as view:
        last = reconciliation.last_check(view)
    return last.differences if last else None


def look(worker: Worker) -> None:
    """One look at all of the books."""
    worker.check_books()
    while worker.checked is not None:
        worker.check_books()


def test_a_difference_is_noted_at_once_and_forgotten_by_a_look_that_finds_none(
    mine: Api, database: Database, worker: Worker
) -> None:
    bought(mine)
    look(worker)
    assert noted(database) == 0
    with database.view() as view:
        [first, *_] = view.postings.all()
    with unguarded(database) as unit:
        unit.postings.remove(id=first.id)
    worker.check_books()
    assert (noted(database) or 0) > 0
    with unguarded(database) as unit:
        unit.postings.add(first)
    look(worker)
    look(worker)
    assert noted(database) == 0


def test_what_was_written_is_sealed_by_the_chores(mine: Api, database: Database, worker: Worker) -> None:
    bought(mine)
    worker.chores()
    with database.view() as view:
        links = view.links.all()
        assert {link.noun for link in links} >= {"postings", "moves", "payments", "audit"}
        assert all(
            chain.sealed_upto(view)[noun] == getattr(view, chain.table_of(noun).name).newest()
            for noun in chain.SEALED
        )
        assert reconciliation.check_all(view)[1] == []
    assert links[0].digest != START
