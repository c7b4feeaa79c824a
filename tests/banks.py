"""Banks for tests: the simulated one, but for what a test wants to be otherwise."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event as Signal
from typing import TypeVar

from pfennig.domain.attempt import Outcome, Verb
from pfennig.gateways import Errand, run
from pfennig.gateways.simulator import Simulator
from tests.patience import PATIENCE_SECONDS

Says = Callable[[Errand], Outcome]
T = TypeVar("T")


@dataclass
class ScriptedBank:
    """The simulated bank, but for the verbs for which `says` knows another answer. `asked` is what it was asked."""

    says: dict[Verb, Says] = field(default_factory=dict)
    asked: list[Verb] = field(default_factory=list)

    def start(self, errand: Errand) -> Outcome:
        """Reserves."""
        return self.answer(errand)

    def capture(self, errand: Errand) -> Outcome:
        """Collects."""
        return self.answer(errand)

    def cancel(self, errand: Errand) -> Outcome:
        """Lets go."""
        return self.answer(errand)

    def refund(self, errand: Errand) -> Outcome:
        """Gives back."""
        return self.answer(errand)

    def ask(self, errand: Errand) -> Outcome:
        """Says what became of it."""
        return self.answer(errand)

    def answer(self, errand: Errand) -> Outcome:
        """What it was told to say, else what the simulated bank says."""
        verb = errand.attempt.verb
        self.asked.append(verb)
        return self.says[verb](errand) if verb in self.says else run(Simulator(), errand)


@dataclass
class HesitantBank(ScriptedBank):
    """The simulated bank, which holds back its first answer to one kind of question."""

    held: Verb | None = None
    was_asked: Signal = field(default_factory=Signal)
    may_answer: Signal = field(default_factory=Signal)

    def answer(self, errand: Errand) -> Outcome:
        """The simulated bank's answer, some time."""
        if errand.attempt.verb is self.held and not self.was_asked.is_set():
            self.was_asked.set()
            assert self.may_answer.wait(PATIENCE_SECONDS)
        return super().answer(errand)

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
