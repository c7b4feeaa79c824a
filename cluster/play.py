"""Sets the hosts up, lets buyers buy, plays the accidents, and looks whether anything was lost.

`python -m cluster` runs this in namespaces of its own: `python -m cluster.play FOLDER`, as their first program.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.report import Figure, at_most, table
from cluster.accidents import ACCIDENTS, Accident, Felt, play
from cluster.buyers import Buyer, Caller, Diary, Passer, Receiver
from cluster.network import CannotPlay, until
from cluster.report import keep
from cluster.site import APIS, Site

ROUNDS = 3
BUYERS = 4
GOAL_SECONDS = 30

OPEN = b"SELECT (SELECT count(*) FROM events WHERE is_open) + (SELECT count(*) FROM attempts WHERE is_open)"
"""What workers have yet to do; what a host that died had in its hands is settled within a minute."""


def main() -> None:
    """Plays, prints, and keeps the figures for the docs."""
    site, receiver, diary = Site(Path(sys.argv[1])), Receiver(), Diary()
    begun = time.monotonic()
    felt: dict[Accident, list[Felt]] = {accident: [] for accident in ACCIDENTS}
    with buying(site, receiver, diary):
        for number in range(1, ROUNDS + 1):
            for accident in ACCIDENTS:
                felt[accident].append(play(site, accident, diary))
                print(f"{number} of {ROUNDS}: {accident.title}: {felt[accident][-1]}", file=sys.stderr, flush=True)
    minutes = (time.monotonic() - begun) / 60
    until(lambda: site.rows(OPEN) == [(0,)], "nothing left to be done")
    times = [figure for accident in ACCIDENTS for figure in shown(accident, felt[accident])]
    figures = [*times, *kept(site, receiver, diary), *answered(diary, minutes)]
    print(table(figures))
    keep(figures)
    if diary.wrong:
        raise CannotPlay(f"an answer that should not be: {diary.wrong[0]}")


@contextmanager
def buying(site: Site, receiver: Receiver, diary: Diary) -> Iterator[None]:
    """Buyers who insist, and somebody at each host who does not, until the end of the block."""
    urls = [site.url(name) for name in APIS]
    buyers = [Buyer(urls[:: 1 - 2 * (number % 2)], receiver.url, diary) for number in range(BUYERS)]
    callers: list[Caller] = [*buyers, *(Passer([url], receiver.url, diary) for url in urls)]
    try:
        yield
    finally:
        for caller in callers:
            caller.close()


def shown(accident: Accident, felt: list[Felt]) -> list[Figure]:
    """The figures of one accident; what counts is the worst."""
    what = "a new primary" if accident.hits_primary else "the primary goes on alone"
    return [
        Figure(f"{accident.title}: {what}, median", median(one.decided for one in felt), "s"),
        Figure("— first acknowledged create, median", median(one.back for one in felt), "s"),
        at_most("— first acknowledged create, longest", max(one.back for one in felt), "s", GOAL_SECONDS),
        at_most("— at both API hosts, longest", max(one.back_everywhere for one in felt), "s", GOAL_SECONDS),
        Figure("— after mending until there is a synchronous standby, longest", max(one.whole for one in felt), "s"),
    ]


def kept(site: Site, receiver: Receiver, diary: Diary) -> list[Figure]:
    """Whether what was acknowledged is there, once, and was told of."""
    rows = site.rows(b"SELECT id, merchant_ref, status FROM smart_transactions")
    ids, paid = {id for id, _, _ in rows}, {id for id, _, status in rows if status == "ok"}
    references = [reference for _, reference, _ in rows]
    payments = site.rows(b"SELECT id, smart_transaction_id FROM payments WHERE state = 'accepted'")
    untold = [id for id, _ in payments if len(receiver.events.get(id, ())) != 1]
    doubled = len(references) - len(set(references)) + len(payments) - len({case for _, case in payments})
    return [
        Figure("transactions acknowledged", len(diary.cases), ""),
        Figure("payments acknowledged", len(diary.paid), ""),
        at_most("of these lost", len(diary.cases - ids) + len(diary.paid - paid), "", 0),
        at_most("doubled, or wanted by nobody", doubled + len(set(references) - diary.wanted), "", 0),
        at_most("payments not told of, or under several ids", len(untold), "", 0),
        at_most("`pfennig ledger check` ends with", site.check_books(), "", 0),
    ]


def answered(diary: Diary, minutes: float) -> list[Figure]:
    """How the hosts answered meanwhile."""
    return [
        Figure("played for", minutes, "minutes"),
        Figure("answers 200", diary.answers[200], ""),
        Figure("answers 503 or 409: come back", diary.answers[503] + diary.answers[409], ""),
        at_most("other answers", len(diary.wrong), "", 0),
        Figure("no answer in time", diary.answers[0], ""),
        Figure("the slowest answer", diary.slowest, "s"),
        Figure("asked again with the same key until there was an answer, longest", diary.insisted, "s"),
    ]


if __name__ == "__main__":
    try:
        main()
    except CannotPlay as problem:
        sys.exit(f"make cluster-test: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
