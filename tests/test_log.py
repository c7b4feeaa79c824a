"""The log: a line that cannot be written fails nobody."""

from errno import ENOSPC
from io import StringIO

import pytest
import structlog

from pfennig import foundation
from pfennig.foundation import Unfailing


class FullDisk(StringIO):
    """A file that takes no more."""

    def write(self, text: str) -> int:
        """Fails."""
        raise OSError(ENOSPC, "No space left on device")


def test_what_can_be_logged_is() -> None:
    stream = StringIO()
    print("a line", file=Unfailing(stream), flush=True)
    assert stream.getvalue() == "a line\n"


def test_a_full_disk_does_not_fail_whoever_logs() -> None:
    print("a line", file=Unfailing(FullDisk()), flush=True)


class Heard(StringIO):
    """Notes each write for itself, as other processes write between them."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        """Takes a piece."""
        self.pieces.append(text)
        return len(text)


def test_a_line_and_its_end_are_one_write_as_others_write_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = Heard()
    monkeypatch.setattr("sys.stderr", heard)
    foundation.set_up_log()
    try:
        structlog.get_logger().info("a line")
    finally:
        structlog.reset_defaults()
    [piece] = heard.pieces
    assert piece.endswith("\n")
