"""The lock before SQLite's writers: one at a time, and in the order they came."""

import time
from threading import Event as Signal
from threading import Thread

import pytest

from pfennig.storage.connections.ticket_lock import TicketLock


def queue_up(lock: TicketLock, thread: Thread, place: int) -> None:
    """Starts a thread, and comes back when it waits in that place."""
    thread.start()
    while len(lock.waiting) < place:
        time.sleep(0.001)


def test_whoever_came_first_is_served_first() -> None:
    lock, served = TicketLock(), list[int]()

    def wait_for_it(number: int) -> None:
        with lock:
            served.append(number)

    threads = [Thread(target=wait_for_it, args=(number,)) for number in range(10)]
    with lock:
        for place, thread in enumerate(threads, start=1):
            queue_up(lock, thread, place)
        assert served == []
    for thread in threads:
        thread.join()
    assert served == list(range(10))


def test_whoever_comes_back_queues_behind_those_who_wait() -> None:
    lock, served, is_inside, may_go = TicketLock(), list[str](), Signal(), Signal()

    def come_twice() -> None:
        with lock:
            served.append("first")
            is_inside.set()
            may_go.wait()
        with lock:
            served.append("again")

    def come_once() -> None:
        with lock:
            served.append("other")

    eager, patient = Thread(target=come_twice), Thread(target=come_once)
    eager.start()
    is_inside.wait()
    queue_up(lock, patient, 1)
    may_go.set()
    eager.join()
    patient.join()
    assert served == ["first", "other", "again"]


def test_only_one_is_inside_at_a_time() -> None:
    lock, inside, most = TicketLock(), 0, 0

    def come_and_go() -> None:
        nonlocal inside, most
        for _ in range(300):
            with lock:
                inside += 1
                most = max(most, inside)
                time.sleep(0)  # lets the others try
                inside -= 1

    threads = [Thread(target=come_and_go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside, lock.is_taken) == (1, 0, False)


def test_whoever_stumbles_inside_lets_the_next_one_in() -> None:
    lock = TicketLock()
    with pytest.raises(RuntimeError), lock:
        raise RuntimeError
    with lock:
        pass
