"""Banks for tests: the simulated one, but for what a test wants to be otherwise."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event as Signal
from typing import ClassVar, TypeVar

from pfennig.domain.attempt import Outcome, Verb
from pfennig.domain.methods import METHODS
from pfennig.gateways import Gateway, Preparer, Request, run
from pfennig.operations.core.call import Platform
from pfennig.storage.unit import Unit
from pfennig.twin.simulator import Simulator
from tests.patience import PATIENCE_SECONDS

Says = Callable[[Request], Outcome]
T = TypeVar("T")


def served_by(platform: Platform, bank: Gateway) -> Platform:
    """The same platform with this bank in the place of the simulated one."""
    return replace(platform, rails=dict.fromkeys(platform.rails, bank))


@dataclass
class ScriptedBank:
    """The simulated bank, but for the verbs for which `says` knows another answer.

    inner: another rail in its place. asked: what it was asked.
    """

    methods: ClassVar = METHODS
    takes_instruments_for: ClassVar = METHODS
    needs_order: ClassVar = True

    inner: Gateway = field(default_factory=Simulator)
    says: dict[Verb, Says] = field(default_factory=dict)
    asked: list[Verb] = field(default_factory=list)

    @property
    def asks_payers_for(self) -> Collection[str]:
        """The methods for which the other rail has a page of its own."""
        return self.inner.asks_payers_for

    def start(self, request: Request) -> Outcome:
        """Reserves."""
        return self.answer(request)

    def capture(self, request: Request) -> Outcome:
        """Collects."""
        return self.answer(request)

    def cancel(self, request: Request) -> Outcome:
        """Lets go."""
        return self.answer(request)

    def refund(self, request: Request) -> Outcome:
        """Gives back."""
        return self.answer(request)

    def ask(self, request: Request) -> Outcome:
        """Says what became of it."""
        return self.answer(request)

    def begin(self, unit: Unit, request: Request) -> Request:
        """As the rail in its place begins it."""
        return self.inner.begin(unit, request) if isinstance(self.inner, Preparer) else request

    def recall(self, unit: Unit, request: Request) -> Request:
        """As the rail in its place knows it."""
        return self.inner.recall(unit, request) if isinstance(self.inner, Preparer) else request

    def answer(self, request: Request) -> Outcome:
        """What it was told to say, else what the simulated bank says."""
        verb = request.attempt.verb
        self.asked.append(verb)
        return self.says[verb](request) if verb in self.says else run(self.inner, request)


@dataclass
class HesitantBank(ScriptedBank):
    """The simulated bank, which holds back its first answer to one kind of question."""

    held: Verb | None = None
    was_asked: Signal = field(default_factory=Signal)
    may_answer: Signal = field(default_factory=Signal)

    def answer(self, request: Request) -> Outcome:
        """The simulated bank's answer, some time."""
        if request.attempt.verb is self.held and not self.was_asked.is_set():
            self.was_asked.set()
            assert self.may_answer.wait(PATIENCE_SECONDS)
        return super().answer(request)

    @contextmanager
    def holding(self, verb: Verb, first: Callable[[], T]) -> Iterator[Future[T]]:
        """Runs `first` up to the bank's answer to that question, and lets it go on at the end of the block."""
        self.held = verb
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(first)
            try:
                assert self.was_asked.wait(PATIENCE_SECONDS)
                yield future
            finally:
                self.may_answer.set()
            future.result(PATIENCE_SECONDS)
