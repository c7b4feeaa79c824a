"""The log: a line that cannot be written fails nobody."""

from errno import ENOSPC
from io import StringIO

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
