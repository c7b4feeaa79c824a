"""Interface for providers that identify people for us. Source: docs/add-a-rail.md#the-smaller-kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class IdentityRequest:
    """A person to be identified.

    id: the request's. task: the person's number in it, and the idempotency key. provider: who shall do it.
    contact: what was said of them, in the wire's fields.
    """

    id: str
    task: str
    provider: str
    contact: Mapping[str, Any]


class IdentityProvider(Protocol):
    """Sends people to a page, and reports later what it found out. It stores nothing of ours."""

    def page(self, request: IdentityRequest) -> str:
        """The page where this person is identified: a path of ours, or an https address outside. Always the same one.

        It is asked whenever a request is shown, so it must not wait for anybody.
        """
