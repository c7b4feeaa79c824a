"""Write down what came of deliveries: many in one transaction, each as soon as the transaction before it is over."""

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 64
"""Results in one transaction. If a worker dies so many deliveries are repeated, and those that came meanwhile."""


class Recorder(Generic[T]):
    """Takes results from many threads, and writes them down together. Safe to share between threads.

    write: writes some results, and does not raise. name: of the thread that does so, while there is something to do.
    """

    def __init__(self, write: Callable[[list[T]], None], name: str) -> None:
        self.write, self.name = write, name
        self.waiting: deque[T] = deque()
        self.news = Condition()
        self.added = self.written = 0
        self.is_running = False

    def add(self, result: T) -> int:
        """Hands over a result, which is written down in a moment. Answers its number."""
        with self.news:
            self.waiting.append(result)
            self.added += 1
            if not self.is_running:
                Thread(target=self.run, name=self.name, daemon=True).start()
                self.is_running = True
            return self.added

    def wait_for(self, number: int) -> None:
        """Comes back when the result of this number, and all before it, are written down, or could not be."""
        with self.news:
            self.news.wait_for(lambda: self.written >= number)

    def run(self) -> None:
        """Writes until nothing waits any more."""
        while results := self.next():
            try:
                self.write(results)
            finally:
                with self.news:
                    self.written += len(results)
                    self.news.notify_all()

    def next(self) -> list[T]:
        """The results that wait, the oldest first; none at the end."""
        with self.news:
            results = [self.waiting.popleft() for _ in range(min(MOST, len(self.waiting)))]
            self.is_running = bool(results)
            return results
