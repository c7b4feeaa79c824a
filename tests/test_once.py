"""Attributes that are worked out once, when they are first asked for."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pfennig.once import Once
from tests.patience import PATIENCE_SECONDS


class Guest:
    """Whose place is known when all guests are there. meeting: where they wait for each other."""

    def __init__(self, meeting: Barrier) -> None:
        self.meeting, self.times_asked = meeting, 0

    @Once
    def place(self) -> int:
        """Where the guest sits."""
        self.times_asked += 1
        return self.meeting.wait(PATIENCE_SECONDS)


def test_an_attribute_is_worked_out_once() -> None:
    guest = Guest(Barrier(1))
    assert [guest.place, guest.place] == [0, 0]
    assert guest.times_asked == 1
    assert Guest.place.__doc__ == "Where the guest sits."


def test_threads_that_work_out_an_attribute_of_different_objects_do_not_wait_for_each_other() -> None:
    meeting = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        places = threads.map(lambda guest: guest.place, [Guest(meeting), Guest(meeting)])
    assert {*places} == {0, 1}
