"""A bank for the tests of operations, which says what it is told to."""

import pytest

from pfennig.operations.core.call import Call, Platform
from tests.banks import ScriptedBank, served_by


@pytest.fixture
def bank() -> ScriptedBank:
    """The bank behind every method."""
    return ScriptedBank()


@pytest.fixture
def platform(platform: Platform, bank: ScriptedBank) -> Platform:
    """The platform with that bank."""
    return served_by(platform, bank)


@pytest.fixture
def sweeper(platform: Platform) -> Call:
    """The worker's call, for what was left behind."""
    return Call(platform, None, "de", role="sweeper")
