"""The threads in which the synchronous application answers.

Everything that decides runs in the event loop, so nothing here needs a lock; a thread works off what it is given.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread

from pfennig.front.fairness import Client, Job, Queue
from pfennig.front.head import Environ
from pfennig.front.limits import Deadline, Watch
from pfennig.web import Busy

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class WsgiAnswer:
    """The application's answer."""

    status: int
    headers: Headers
    body: bytes


Work = Callable[[Environ], WsgiAnswer]


class Pool:
    """Threads with a queue before them. Each thread may serve anybody."""

    def __init__(self, work: Work, threads: int, watch: Watch) -> None:
        self.work, self.watch = work, watch
        self.idle = self.size = threads
        self.queue = Queue(watch.limits.most_waiting)
        self.given: SimpleQueue[Job | None] = SimpleQueue()

    def open(self) -> None:
        """Starts the threads. To be called inside the loop."""
        self.loop = asyncio.get_running_loop()
        for number in range(self.size):
            Thread(target=self.serve, name=f"request-{number}", daemon=True).start()

    def close(self) -> None:
        """Ends the threads once they are idle."""
        for _ in range(self.size):
            self.given.put(None)

    async def run(self, client: Client, environ: Environ) -> WsgiAnswer:
        """The answer of the application. Raises Busy if no thread was free in time."""
        job = Job(client, environ, self.loop.create_future())
        if self.idle:
            self.begin(job)
            return await self.wait(job)
        if last := self.queue.put(job):
            self.turn_away(last)
        until = self.loop.time() + self.watch.limits.queue_seconds
        self.watch.begin(deadline := Deadline(until, lambda: self.give_up(job)))
        try:
            return await self.wait(job)
        finally:
            self.watch.end(deadline)

    async def wait(self, job: Job) -> WsgiAnswer:
        """The answer to a job. It goes on in its thread whatever becomes of whoever waits for it."""
        answer: WsgiAnswer = await job.answer
        return answer

    def begin(self, job: Job) -> None:
        """Gives a job to a thread that is idle."""
        self.idle -= 1
        self.queue.begin(job.client)
        self.given.put(job)

    def give_up(self, job: Job) -> None:
        """Gives up a request whose time in the queue is over."""
        if self.queue.remove(job):
            self.turn_away(job)

    def turn_away(self, job: Job) -> None:
        """Answers a job that gets no thread."""
        if not job.answer.done():
            job.answer.set_exception(Busy("All threads are at work"))

    def serve(self) -> None:
        """Serves requests; each thread does this."""
        while job := self.given.get():
            try:
                result: WsgiAnswer | Exception = self.work(job.environ)
            except Exception as error:  # a bug of ours must not end the thread for the next request
                result = error
            self.loop.call_soon_threadsafe(self.end, job, result)

    def end(self, job: Job, result: WsgiAnswer | Exception) -> None:
        """A thread is idle again: says what came out, and gives it the next job."""
        self.idle += 1
        self.queue.end(job.client)
        if not job.answer.done():
            if isinstance(result, Exception):
                job.answer.set_exception(result)
            else:
                job.answer.set_result(result)
        if following := self.queue.next():
            self.begin(following)
