"""The order of requests: next is the client with the fewest at work. Source: docs/operators.md#the-front."""

from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from pfennig import web
from pfennig.front.head import Environ


class Client(NamedTuple):
    """The sender of a request: first by address, which nobody can make up; among those at one address by token."""

    address: str
    token: int


def client(environ: Environ, address: str) -> Client:
    """The client of a request, for fairness."""
    return Client(web.network_of(address), hash(environ.get("HTTP_AUTHORIZATION")))


@dataclass(eq=False)
class Job:
    """A complete request that wants a thread. answer: a future of the loop."""

    client: Client
    environ: Environ
    answer: Any
    number: int = 0


@dataclass
class Queue:
    """The queue of jobs that wait for a thread, and how many of whom are at work."""

    most: int
    waiting: dict[Client, deque[Job]] = field(default_factory=dict)
    at_work: Counter[Client | str] = field(default_factory=Counter)
    size: int = 0
    numbers: Any = field(default_factory=count)

    def put(self, job: Job) -> Job | None:
        """Queues a job. Answers the one that is turned away for it, if the queue is full.

        That is the last one of whoever has the most waiting, and so who floods the queue makes room for the others.
        """
        job.number = next(self.numbers)
        self.waiting.setdefault(job.client, deque()).append(job)
        self.size += 1
        if self.size <= self.most:
            return None
        crowds = Counter[str]()
        for who, jobs in self.waiting.items():
            crowds[who.address] += len(jobs)
        longest = max(
            self.waiting.items(), key=lambda item: (crowds[item[0].address], len(item[1]), item[1][-1].number)
        )
        last = longest[1][-1]
        self.remove(last)
        return last

    def remove(self, job: Job) -> bool:
        """Takes a job out, if it still waits."""
        jobs = self.waiting.get(job.client, deque())
        if job not in jobs:
            return False
        jobs.remove(job)
        self.size -= 1
        if not jobs:
            del self.waiting[job.client]
        return True

    def next(self) -> Job | None:
        """The first job of whoever has the fewest at work; of several, who came first."""
        if not self.waiting:
            return None
        fairest = min(self.waiting.items(), key=lambda item: (*self.load(item[0]), item[1][0].number))
        job = fairest[1][0]
        self.remove(job)
        return job

    def load(self, who: Client) -> tuple[int, int]:
        """The number of requests at work from the client's address, and from the client."""
        return self.at_work[who.address], self.at_work[who]

    def begin(self, who: Client) -> None:
        """Counts one more of the client's requests at work."""
        self.at_work[who.address] += 1
        self.at_work[who] += 1

    def end(self, who: Client) -> None:
        """Counts one of the client's requests as done."""
        for key in (who.address, who):
            self.at_work[key] -= 1
            if not self.at_work[key]:
                del self.at_work[key]
