"""What happens to a host under load, and how long it is felt."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from cluster.buyers import Diary
from cluster.network import Host, until
from cluster.site import APIS, DATABASES, Site

CALM_SECONDS = 5
"""All is well for so long before the next accident."""


@dataclass(frozen=True)
class Accident:
    """Something that happens to a database host, and what people do about it later."""

    title: str
    hits_primary: bool
    strike: Callable[[Host], None]
    mend: Callable[[Site, Host], None]


ACCIDENTS = (
    Accident("the primary is killed", True, Host.kill, Site.start_database),
    Accident("the primary is cut off", True, Host.cut_off, lambda _, host: host.heal()),
    Accident("the standby is cut off", False, Host.cut_off, lambda _, host: host.heal()),
)
"""Killed is everything on that host: PostgreSQL, Patroni and its vote in etcd."""


@dataclass(frozen=True)
class Felt:
    """How an accident was felt, in seconds after it.

    decided: there was a new primary, or the primary went on alone. back: the first create was acknowledged after
    the silence; back_everywhere: at each API host. whole: from the mending until there was a synchronous standby.
    """

    decided: float
    back: float
    back_everywhere: float
    whole: float


def play(site: Site, accident: Accident, diary: Diary) -> Felt:
    """Lets it happen, waits until it is overcome, and mends. Raises CannotPlay."""
    time.sleep(CALM_SECONDS)
    primary = site.primary()
    other = next(name for name in DATABASES if name != primary)
    host = site.hosts[primary if accident.hits_primary and primary else other]
    struck = time.monotonic()
    accident.strike(host)
    if accident.hits_primary:
        until(lambda: site.is_primary(other), f"{other} is the primary")
    else:
        until(site.is_alone, f"{primary} goes on alone")
    decided = time.monotonic() - struck
    wait_for_creates(diary)
    backs = [end_of_silence(diary.created[site.url(name)], struck) - struck for name in APIS]
    mended = time.monotonic()
    accident.mend(site, host)
    until(site.is_whole, f"{host.name} is a synchronous standby")
    return Felt(decided, min(backs), max(backs), time.monotonic() - mended)


def wait_for_creates(diary: Diary, more: int = 5) -> None:
    """Comes back when each API host has acknowledged some more creates."""
    enough = {url: len(moments) + more for url, moments in diary.created.items()}
    until(lambda: all(len(diary.created[url]) >= count for url, count in enough.items()), "creates at both hosts")


def end_of_silence(moments: list[float], since: float) -> float:
    """When the longest pause between these moments ended that there was since then."""
    later = [since, *(moment for moment in list(moments) if moment > since)]
    return max(pairwise(later), key=lambda pause: pause[1] - pause[0])[1]
