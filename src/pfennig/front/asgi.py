"""The front itself: an ASGI application before the WSGI one. A request takes a thread only when it is complete."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import structlog

from pfennig import web
from pfennig.errors import Refusal
from pfennig.front import bodies, head
from pfennig.front.bodies import Receive
from pfennig.front.fairness import client
from pfennig.front.head import Environ, Scope
from pfennig.front.limits import Limits, Memory, Pace, Share, Watch
from pfennig.front.pool import Pool, WsgiAnswer
from pfennig.web import Busy

log = structlog.get_logger()

Send = Callable[[dict[str, Any]], Awaitable[None]]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

AT_ONCE = "/health/live"
"""Paths that the front answers itself, however many requests wait: nothing there can take long."""

READS = frozenset({"GET", "HEAD"})

CLOSING = ("Connection", "close")
"""The header with the answer to a body that was not read to its end: the connection closes after it."""


class Gone(Exception):
    """A client that no longer waits for the answer."""


class Front:
    """Serves one WSGI application. largest: how many bytes the body at a path may have."""

    def __init__(
        self,
        application: Wsgi,
        threads: int,
        proxies: Sequence[web.Network] = (),
        largest: Callable[[str], int] = lambda path: web.LARGEST_BODY,
        limits: Limits | None = None,
    ) -> None:
        self.application, self.proxies, self.largest = application, proxies, largest
        self.limits = limits or Limits()
        self.memory, self.watch = Memory(self.limits), Watch(self.limits)
        self.pool = Pool(self.answer, threads, self.watch)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, or the life of the process."""
        if scope["type"] == "http":
            await self.serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.live(receive, send)

    async def live(self, receive: Receive, send: Send) -> None:
        """Keeps threads from the start of the process to its end."""
        await receive()
        self.pool.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request, from its head to the last byte of its answer."""
        environ = head.environ(scope)
        address = web.client_address(environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR", ""), self.proxies)
        share = Share(self.memory, address, self.limits.small_bytes)
        try:
            answer = await self.ask(environ, address, receive, share)
            with suppress(TimeoutError):  # returning early cuts the client off
                await self.send(send, answer)
        except Gone:
            pass
        finally:
            share.close()

    async def ask(self, environ: Environ, address: str, receive: Receive, share: Share) -> WsgiAnswer:
        """The answer to one request, or why it gets no other. Raises Gone."""
        if environ["PATH_INFO"] == AT_ONCE and environ["REQUEST_METHOD"] in READS:
            return self.answer(environ)
        refusal = await self.read(environ, receive, share)
        if refusal:
            environ[web.REFUSAL] = refusal
        try:
            if isinstance(refusal, Busy):
                raise refusal
            answer = await self.work(environ, address, receive)
            if environ["REQUEST_METHOD"] == "GET":  # others may have changed something
                share.grow(len(answer.body))
        except Busy as busy:  # answered without a thread, because none may be free for long
            answer = self.answer({**environ, web.REFUSAL: busy})
        if refusal:
            answer.headers.append(CLOSING)
        return answer

    async def read(self, environ: Environ, receive: Receive, share: Share) -> Refusal | None:
        """Reads the body into the request. Answers what is wrong with it: then the request must do nothing."""
        try:
            length = head.length(environ)
            if length == 0:
                return None
            is_small = length is not None and length <= web.LARGEST_BODY
            largest = web.LARGEST_BODY if is_small else self.largest(environ["PATH_INFO"])
            environ["wsgi.input"] = body = await bodies.read(receive, length, largest, self.watch, share)
            environ["CONTENT_LENGTH"] = str(len(body.getbuffer()))
            return None
        except Refusal as refusal:
            share.close()  # the result is dropped
            return refusal

    async def work(self, environ: Environ, address: str, receive: Receive) -> WsgiAnswer:
        """The answer of the application. While it waits for something, it holds no thread. Raises Busy, Gone."""
        wait = environ[web.WAIT] = web.Wait()
        while True:
            try:
                answer = await self.pool.run(client(environ, address), dict(environ))
            except Refusal:
                raise
            except Exception as error:  # not even the application's own way to report errors worked
                log.error("bug", path=web.masked_path(head.path(environ)), exc_info=error)
                return WsgiAnswer(500, [], b"")
            if not wait.seconds:
                return answer
            await require_patience(receive, wait.seconds)

    def answer(self, environ: Environ) -> WsgiAnswer:
        """The application's answer to a complete request."""
        said: list[Any] = []
        pieces = self.application(environ, lambda status, headers, error=None: said.extend((status, headers)))
        try:
            return WsgiAnswer(body=b"".join(pieces), status=int(said[0][:3]), headers=said[1])
        finally:
            if close := getattr(pieces, "close", None):
                close()

    async def send(self, send: Send, answer: WsgiAnswer) -> None:
        """Sends an answer, a large one piece by piece. Raises TimeoutError if it is not read."""
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        size, step = len(answer.body), self.limits.small_bytes
        if size <= step:
            await send({"type": "http.response.body", "body": answer.body})
            return
        with Pace(self.watch, size) as pace:
            for begin in range(0, size, step):
                piece, more = answer.body[begin : begin + step], begin + step < size
                await send({"type": "http.response.body", "body": piece, "more_body": more})
                pace.note_progress()


async def require_patience(receive: Receive, seconds: float) -> None:
    """Waits for a while. Raises Gone if whoever asked hangs up meanwhile."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return
    raise Gone
