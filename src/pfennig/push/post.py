"""A push as its sender sees it: a POST with a hard deadline, and its answer. Source: docs/wire/8-push.md."""

from dataclasses import dataclass

DEADLINE_SECONDS = 30
"""A receiver that takes longer has failed, however busily it sends."""

ANSWER_BYTES = 4096
"""Bytes of an answer that are kept."""


@dataclass(frozen=True)
class HttpAnswer:
    """The receiver's answer to a push. status is None when it said nothing; `text` says why then."""

    status: int | None
    text: str
    duration_ms: int
