"""What JSON is read into may be used by many threads at once from the first request on."""

import sys
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Thread
from threading import Event as Signal

import msgspec

from pfennig import application, foundation
from pfennig.settings import Settings
from pfennig.structs import structs_below
from tests.patience import PATIENCE_SECONDS
from tests.stories.launching import FORKS

THREADS = 4


def convert_at_once(database: str) -> None:
    """Makes the application, then uses each Struct for the first time in many threads at once."""
    settings = Settings(database=database)
    application.create(foundation.platform(settings, foundation.database(settings), Signal()), settings)
    structs = [*structs_below(msgspec.Struct)]
    ready = Barrier(THREADS)

    def convert() -> None:
        for struct in structs:
            ready.wait()
            with suppress(msgspec.ValidationError):
                msgspec.convert({field: {} for field in struct.__struct_encode_fields__}, struct)

    sys.setswitchinterval(1e-6)  # so that they come in each other's way as often as they can
    threads = [Thread(target=convert) for _ in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_no_process_dies_when_threads_read_the_same_thing_for_the_first_time(sqlite_tables: Path) -> None:
    """It would take the tests with it, so another one tries."""
    process = FORKS.Process(target=convert_at_once, args=(str(sqlite_tables),))
    process.start()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == 0
