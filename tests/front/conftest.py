"""The front before the whole application, and before applications that do what a test needs."""

import pytest

from pfennig import application
from pfennig.api.door import largest_body
from pfennig.front.asgi import Front
from pfennig.operations.core.call import Platform
from tests.api.conftest import everything

__all__ = ["everything", "front"]


@pytest.fixture
def front(platform: Platform) -> Front:
    """The front of the whole application."""
    return Front(application.create(platform), threads=2, largest=largest_body)
