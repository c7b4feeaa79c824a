"""A bank for the tests of operations, which says what it is told to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from pfennig.domain.attempt import Outcome, Verb
from pfennig.gateways import Errand, run
from pfennig.gateways.simulator import Simulator
from pfennig.operations.call import Call, Platform

Says = Callable[[Errand], Outcome]


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


@pytest.fixture
def bank() -> ScriptedBank:
    """The bank behind every method."""
    return ScriptedBank()


@pytest.fixture
def platform(platform: Platform, bank: ScriptedBank) -> Platform:
    """The platform with that bank."""
    return replace(platform, gateways={"creditcard": bank, "debit": bank, "prepaid": bank})


@pytest.fixture
def sweeper(platform: Platform) -> Call:
    """The worker's call, for what was left behind."""
    return Call(platform, None, "de", role="sweeper")
