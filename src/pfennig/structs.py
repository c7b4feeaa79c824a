"""Makes the types into which JSON is read ready for many threads."""

from collections.abc import Iterator
from functools import cache

import msgspec


@cache
def prepare_structs() -> None:
    """Has msgspec look into every Struct that is imported. To be called before there are threads.

    Otherwise it does so when one is used first, and a second thread that uses the same one meanwhile finds it half
    filled in: the process dies at once, and none of its clients gets an answer.
    """
    for struct in structs_below(msgspec.Struct):
        msgspec.json.Decoder(struct)


def structs_below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """Our Structs below one, and those below them."""
    for each in kind.__subclasses__():
        if each.__module__.startswith("pfennig."):
            yield each
        yield from structs_below(each)
