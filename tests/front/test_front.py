"""What the front lets through, what it refuses, and that nobody can take all of it."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event as Signal
from threading import Lock
from typing import Any

import pytest
from structlog.testing import capture_logs

from pfennig import web
from pfennig.errors import Refusal
from pfennig.front.asgi import Front
from pfennig.front.head import Environ
from pfennig.front.limits import Limits
from tests.front import wire
from tests.front.wire import ENDS, HANGS_UP, STALLS, Heard, Message, Sender, ask, play, run, scope
from tests.patience import PATIENCE_SECONDS

HASTY = Limits(stall_seconds=0.02, base_seconds=0.1, bytes_per_second=10**9, queue_seconds=PATIENCE_SECONDS)
"""For tests in which somebody is too slow: nobody waits long for them."""


class Echo:
    """A WSGI application that says what it was asked. held: it answers only when that is set, but not at /free."""

    def __init__(self) -> None:
        self.held, self.lock = Signal(), Lock()
        self.held.set()
        self.asked: list[str] = []
        self.size = 0

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterator[bytes]:
        """Status 200, or what the front refuses."""
        refusal: Refusal | None = environ.get(web.REFUSAL)
        if refusal is None:
            with self.lock:
                self.asked.append(environ["PATH_INFO"])
            self.held.wait(PATIENCE_SECONDS)
        start("200 OK" if refusal is None else "400 Refused", [("Content-Type", "application/json")])
        body = environ["wsgi.input"].read()
        said = {name: value for name, value in environ.items() if isinstance(value, str)}
        yield json.dumps({"said": said, "body": body.decode(), "refused": type(refusal).__name__}).encode()
        yield b" " * self.size


@pytest.fixture
def echo() -> Echo:
    """The application."""
    return Echo()


def hasty(application: Callable[..., Any], **limits: Any) -> Front:
    """A front with two threads and little patience."""
    return Front(application, threads=2, limits=replace(HASTY, **limits))


@pytest.mark.parametrize(
    ("headers", "steps"),
    [
        ({}, ()),
        ({"Content-Length": "0"}, ()),
        ({"Content-Length": "5"}, (b"hello", ENDS)),
        ({"Content-Length": "5"}, (b"hello",)),
        ({"Content-Length": "5"}, (b"h", b"", b"ello", HANGS_UP)),
        ({"Transfer-Encoding": "chunked"}, (b"he", b"llo", ENDS)),
        ({"Transfer-Encoding": "Chunked"}, (ENDS,)),
    ],
)
def test_a_whole_body_comes_as_it_was_sent_and_with_its_length(
    echo: Echo, headers: dict[str, str], steps: tuple[wire.Step, ...]
) -> None:
    heard = ask(hasty(echo), "POST", "/any?a=1", headers, *steps)
    assert heard.json["body"] == "".join(step.decode() for step in steps if isinstance(step, bytes))
    assert heard.json["said"].get("CONTENT_LENGTH", "0") == str(len(heard.json["body"]))
    assert (heard.json["said"]["QUERY_STRING"], heard.json["said"]["REMOTE_ADDR"]) == ("a=1", "203.0.113.7")


@pytest.mark.parametrize(
    ("headers", "steps", "refused"),
    [
        ({"Content-Length": "5"}, (HANGS_UP,), "UnfinishedBody"),
        ({"Content-Length": "5"}, (b"hell", HANGS_UP), "UnfinishedBody"),
        ({"Content-Length": "5"}, (b"hell", ENDS), "UnfinishedBody"),
        ({"Content-Length": "5"}, (b"hello!", ENDS), "UnfinishedBody"),
        ({"Transfer-Encoding": "chunked"}, (HANGS_UP,), "UnfinishedBody"),
        ({"Transfer-Encoding": "chunked"}, (b"hello", HANGS_UP), "UnfinishedBody"),
        ({"Content-Length": "5"}, (b"hell", STALLS), "SlowBody"),
        ({"Transfer-Encoding": "chunked"}, (STALLS,), "SlowBody"),
        ({"Content-Length": str(web.LARGEST_BODY + 1)}, (STALLS,), "BodyTooLarge"),
        ({"Transfer-Encoding": "chunked"}, (b" " * 2**19,) * 3, "BodyTooLarge"),
        ({"Content-Length": "-5"}, (b"hello", ENDS), "BrokenHead"),
        ({"Content-Length": "+5"}, (b"hello", ENDS), "BrokenHead"),
        ({"Content-Length": "5,5"}, (b"hello", ENDS), "BrokenHead"),
        ({"Content-Length": "²"}, (b"hello", ENDS), "BrokenHead"),
        ({"Content-Length": "9" * 20}, (b"hello", ENDS), "BrokenHead"),
        ({"Content-Length": "five"}, (b"hello", ENDS), "BrokenHead"),
        ({"Content-Length": ""}, (b"hello", ENDS), "BrokenHead"),
        ({"Content-Length": "5", "Transfer-Encoding": "chunked"}, (b"hello", ENDS), "BrokenHead"),
        ({"Transfer-Encoding": "gzip, chunked"}, (b"hello", ENDS), "BrokenHead"),
        ({"Transfer-Encoding": "identity"}, (b"hello", ENDS), "BrokenHead"),
        ({"Transfer-Encoding": ""}, (b"hello", ENDS), "BrokenHead"),
    ],
)
def test_any_other_body_is_refused_and_its_connection_closed(
    echo: Echo, headers: dict[str, str], steps: tuple[wire.Step, ...], refused: str
) -> None:
    heard = ask(hasty(echo), "POST", "/any", headers, *steps)
    assert (heard.status, heard.json["refused"], heard.json["body"]) == (400, refused, "")
    assert heard.headers["connection"] == "close"
    assert echo.asked == []


@pytest.mark.parametrize("name", ["Content_Length", "Transfer_Encoding", "TRANSFER_ENCODING"])
def test_what_others_could_take_for_a_length_is_none(echo: Echo, name: str) -> None:
    heard = ask(hasty(echo), "POST", "/x", {name: "5"}, ENDS)
    assert (heard.status, heard.json["refused"], echo.asked) == (400, "BrokenHead", [])


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_the_body_of_an_old_request_needs_a_length(echo: Echo, verb: str) -> None:
    old = scope(verb, "/x", {}, http_version="1.0")
    [heard] = play(hasty(echo), (old, Sender([ENDS])))
    assert (heard.status, heard.json["refused"], echo.asked) == (400, "BrokenHead", [])
    lengthy = scope(verb, "/x", {"Content-Length": "0"}, http_version="1.0")
    asking = scope("GET", "/x", {}, http_version="1.0")
    assert [each.status for each in play(hasty(echo), (lengthy, Sender([ENDS])), (asking, Sender([ENDS])))] == [
        200,
        200,
    ]


def test_two_lengths_are_none(echo: Echo) -> None:
    head = scope("POST", "/any", [("Content-Length", "5"), ("Content-Length", "4")])
    [heard] = play(hasty(echo), (head, Sender((b"hello", ENDS))))
    assert heard.json["refused"] == "BrokenHead"


def test_what_is_too_large_is_not_even_asked_for(echo: Echo) -> None:
    sender = Sender((b"never", ENDS))
    play(hasty(echo), (scope("POST", "/any", {"Content-Length": "2000000", "Expect": "100-continue"}), sender))
    assert sender.asked == 0  # the server says "100 Continue" when the body is asked for


def test_files_may_be_larger_than_anything_else(front: Front) -> None:
    for path, large in (
        ("/api/v2/Document/Uploads", True),
        ("/api/v2/document/UPLOADS", True),
        ("/api/v2/Document/Uploads/DUP_1", False),
        ("/api/v2/Smart/Transactions", False),
        ("/api/v2", False),
        ("/oauth/token", False),
    ):
        assert front.largest(path) == (web.LARGEST_FILE_BODY if large else web.LARGEST_BODY), path


def test_who_drips_is_cut_off_although_something_comes_all_the_time(echo: Echo) -> None:
    def drops() -> Iterator[bytes]:
        while True:
            yield b" "

    class Dripping(Sender):
        async def receive(self) -> Message:
            """A byte, just in time."""
            await asyncio.sleep(HASTY.stall_seconds / 4)
            return await super().receive()

    head = scope("POST", "/any", {"Transfer-Encoding": "chunked"})
    [heard] = play(hasty(echo), (head, Dripping(drops())))
    assert heard.json["refused"] == "SlowBody"


def test_bodies_that_do_not_come_hold_no_thread(echo: Echo) -> None:
    slow = [(scope("POST", "/slow", {"Content-Length": "100"}), Sender((b"{", STALLS))) for _ in range(50)]
    *heard, fine = play(hasty(echo), *slow, (scope("GET", "/fine", {}), Sender(())))
    assert fine.status == 200
    assert {one.json["refused"] for one in heard} == {"SlowBody"}


def test_a_name_with_an_underscore_does_not_stand_for_another_one(echo: Echo) -> None:
    headers = [("X_Forwarded_For", "6.6.6.6"), ("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "2.2.2.2")]
    [heard] = play(hasty(echo), (scope("GET", "/", [*headers, ("Cookie", "a=1"), ("Cookie", "b=2")]), Sender(())))
    assert heard.json["said"]["HTTP_X_FORWARDED_FOR"] == "1.1.1.1,2.2.2.2"
    assert heard.json["said"]["HTTP_COOKIE"] == "a=1; b=2"


def holding(echo: Echo, requests: list[tuple[str, str]], **limits: Any) -> tuple[list[Heard], list[str]]:
    """What each of these requests heard, by address and path, and in which order they were served.

    All threads are held until all of them have come.
    """
    front, echo.asked = hasty(echo, **limits), []
    echo.held.clear()

    async def everything() -> None:
        front.pool.open()
        tasks = []
        for address, path in requests:
            head, sender = scope("GET", path, {}, client=(address, 1)), Sender(())
            senders.append(sender)
            tasks.append(asyncio.ensure_future(front(head, sender.receive, sender.send)))
            await asyncio.sleep(0)
        echo.held.set()
        await asyncio.gather(*tasks)
        front.pool.close()

    senders: list[Sender] = []
    run(everything())
    assert not front.pool.queue.at_work
    assert (front.pool.idle, front.pool.queue.size, front.pool.queue.waiting) == (2, 0, {})
    return [sender.heard for sender in senders], echo.asked


def test_whoever_has_the_fewest_at_work_goes_next(echo: Echo) -> None:
    greedy, modest = [("198.51.100.1", f"/greedy/{number}") for number in range(6)], ("203.0.113.9", "/modest")
    heard, order = holding(echo, [*greedy, modest])
    assert {one.status for one in heard} == {200}
    assert order.index("/modest") in (2, 3)  # the two that were at work already are not sent away


def test_a_network_of_ipv6_is_one_of_many(echo: Echo) -> None:
    crowd = [(f"2001:db8::{number:x}", f"/crowd/{number}") for number in range(1, 9)]
    _, order = holding(echo, [*crowd, ("2001:db8:1::1", "/other")])
    assert order.index("/other") in (2, 3)


def test_who_fills_the_queue_makes_room_for_the_others(echo: Echo) -> None:
    greedy = [("198.51.100.1", f"/greedy/{number}") for number in range(7)]
    heard, order = holding(echo, [*greedy, ("203.0.113.9", "/modest")], most_waiting=4)
    assert [one.json["refused"] for one in heard] == ["NoneType"] * 5 + ["Busy"] * 2 + ["NoneType"]
    assert "/modest" in order


def test_who_waits_too_long_is_told_to_come_back_and_life_is_answered_all_the_same(echo: Echo) -> None:
    front = hasty(echo, queue_seconds=0.02)
    front.pool.work = lambda environ: (held.wait(PATIENCE_SECONDS), front.answer(environ))[1]
    held = Signal()

    async def everything() -> None:
        front.pool.open()
        working = [Sender(()), Sender(())]
        tasks = [asyncio.ensure_future(front(scope("GET", "/", {}), one.receive, one.send)) for one in working]
        await asyncio.sleep(0)
        for sender, path in ((late, "/late"), (live, "/health/live")):
            await front(scope("GET", path, {}), sender.receive, sender.send)
        assert not any(one.heard.status for one in working)
        held.set()
        await asyncio.gather(*tasks)
        front.pool.close()

    late, live = Sender(()), Sender(())
    run(everything())
    assert (late.heard.json["refused"], live.heard.status) == ("Busy", 200)
    assert "connection" not in late.heard.headers


def test_no_thread_is_free_says_the_api_in_its_own_words(front: Front) -> None:
    front = hasty(front.application, queue_seconds=0)
    front.pool.idle = 0
    for path in ("/api/v2/Smart/Transactions", "/health/ready"):
        heard = ask(front, "GET", path, {})
        assert (heard.status, heard.json["error"], heard.json["code"]) == (503, "ProductInternalException", 1150)
        assert heard.headers["retry-after"] == "5"
    page = ask(front, "GET", "/pay?stx=STX_NONE", {"Accept-Language": "en"})
    assert page.status == 503
    assert b"<html" in page.body
    assert ask(front, "GET", "/health/live", {}).status == 200


def test_large_bodies_share_what_memory_there_is_and_small_ones_always_find_some(echo: Echo) -> None:
    limits = {"small_bytes": 1000, "most_bytes": 20_000, "most_bytes_each": 10_000}
    front = hasty(echo, **limits)

    def sends(address: str, size: int, *then: wire.Step) -> tuple[Message, Sender]:
        head = scope("POST", "/any", {"Content-Length": str(size + 1 if then else size)}, client=(address, 1))
        return head, Sender((b" " * size, *then))

    first, second, third, *small = play(
        front,
        sends("198.51.100.1", 10_000, STALLS),
        sends("198.51.100.1", 10_000),
        sends("203.0.113.9", 4_000),
        *(sends("198.51.100.1", 100) for _ in range(20)),
    )
    assert (first.json["refused"], second.json["refused"]) == ("SlowBody", "Busy")
    assert second.headers["connection"] == "close"
    assert {one.status for one in (third, *small)} == {200}
    assert (front.memory.total, dict(front.memory.each)) == (0, {})


def test_a_large_answer_goes_in_pieces_and_whoever_does_not_read_it_is_cut_off(echo: Echo) -> None:
    echo.size = 10**6
    front = hasty(echo)

    async def reads_no_more(message: Message) -> None:
        if message.get("more_body"):
            await asyncio.Event().wait()

    head = scope("GET", "/", {})
    reading, hanging = play(front, (head, Sender(())), (head, Sender((), reads=reads_no_more)))
    assert (reading.is_complete, len(reading.body) > 10**6) == (True, True)
    assert (hanging.is_complete, hanging.body) == (False, b"")
    assert front.memory.total == 0


def test_no_answer_to_a_change_is_replaced_because_it_is_large(echo: Echo) -> None:
    echo.size = 10**6
    front = hasty(echo, most_bytes=10**5, most_bytes_each=10**5)
    read, changed = play(front, *((scope(verb, "/", {}), Sender(())) for verb in ("GET", "POST")))
    assert (read.json["refused"], changed.json["refused"]) == ("Busy", "NoneType")
    assert len(changed.body) > 10**6


def test_who_hangs_up_while_their_request_is_at_work_gets_it_done(echo: Echo) -> None:
    async def gone(message: Message) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        play(hasty(echo), (scope("POST", "/done", {"Content-Length": "2"}), Sender((b"{}", ENDS), reads=gone)))
    assert echo.asked == ["/done"]


def test_a_bug_in_the_application_costs_one_request_and_no_thread(echo: Echo) -> None:
    front = hasty(echo)
    work = front.pool.work

    def broken(environ: Environ) -> Any:
        if environ["PATH_INFO"] == "/bug":
            raise LookupError
        return work(environ)

    front.pool.work = broken
    with capture_logs() as log:
        *bugs, fine = play(front, *((scope("GET", path, {}), Sender(())) for path in ["/bug"] * 4 + ["/fine"]))
    assert [line["event"] for line in log] == ["bug"] * 4
    assert [one.status for one in bugs] == [500] * 4
    assert fine.status == 200


def test_waiting_for_something_holds_no_thread(echo: Echo) -> None:
    rounds: list[int] = []

    def waiting(environ: Environ, start: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/wait":
            rounds.append(1)
            environ[web.WAIT].seconds = 0 if "/fine" in echo.asked else 0.001
        return echo(environ, start)

    front = hasty(echo)
    front.application = waiting
    waits = [(scope("GET", "/wait", {}), Sender((ENDS, STALLS))) for _ in range(6)]
    heard = play(front, *waits, (scope("GET", "/fine", {}), Sender(())))
    assert {one.status for one in heard} == {200}
    assert len(rounds) > 6


def test_nobody_waits_for_who_has_hung_up(echo: Echo) -> None:
    def waiting(environ: Environ, start: Callable[..., Any]) -> Any:
        environ[web.WAIT].seconds = 30
        return echo(environ, start)

    front = hasty(echo)
    front.application = waiting
    [heard] = play(front, (scope("GET", "/wait", {}), Sender((ENDS, HANGS_UP))))
    assert heard.status == 0
