"""Whether tests notice when the code is wrong: changes one small thing at a time and runs the tests that touch it.

Needs the coverage of a run that says which test touched which line (`make coverage`). The tests are collected once;
for each change a child process takes over, puts the changed code into the functions that are there already, and runs
the tests that touch the changed line, those of the nearest rooms first, until one fails. So a change costs as much
as its tests. Tests in which another process does the work notice nothing here and are left out.

What was found is kept in a file, so a run that was stopped goes on where it was. Samples are drawn by a seed that is
printed.
"""

import argparse
import gc
import json
import os
import random
import signal
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import _lru_cache_wrapper, partial
from pathlib import Path
from types import CodeType, FunctionType

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from changes import SOURCE, Mutant, mutants
from coverage import CoverageData
from hypothesis import Phase

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "build" / "mutants.jsonl"
LONGEST_SECONDS = 20
"""Of the processor's time, for one test. A change that makes a loop endless is noticed, too."""

STUCK_AFTER_SECONDS = 1800
"""A change that makes tests wait for ever, without doing anything, is noticed as well."""

NEAREST_FIRST = ("domain", "test_money.py", "operations", "gateways", "documents", "mails", "push", "checkout", "api")
"""The tests that run in the process that starts them."""


def touching(data: CoverageData, mutant: Mutant, without: Collection[str]) -> list[str]:
    """The tests that touch its lines: those of the nearest rooms first, in a room those named like the file.

    without: words in the names of tests that are left out, because they take too long.
    """
    contexts = data.contexts_by_lineno(str(mutant.file))
    found = {context.partition("|")[0] for line in mutant.lines for context in contexts.get(line, ()) if context}
    found = {test for test in found if not any(word in test for word in without)}
    near = [f"tests/{room}" for room in NEAREST_FIRST]
    places = {test: next((n for n, room in enumerate(near) if test.startswith(room)), None) for test in found}
    name = f"test_{mutant.file.stem}.py"
    return sorted(
        (test for test in found if places[test] is not None), key=lambda test: (places[test], name not in test, test)
    )


Place = tuple[str, str, int]
"""Where the code of a function stands: its file, its name with those of its classes, its first line."""


def place(code: CodeType) -> Place:
    """Where code stands."""
    return code.co_filename, code.co_qualname, code.co_firstlineno


def inside(code: CodeType) -> Iterator[CodeType]:
    """The code, and all code in it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from inside(each)


def unchanged(file: Path) -> CodeType:
    """A file compiled as it is."""
    return compile(file.read_text(encoding="utf-8"), str(file), "exec")


class Trials:
    """Stands in for pytest's own loop over the tests: one child process for each change."""

    def __init__(self, wanted: list[tuple[Mutant, list[str]]], kept: Path) -> None:
        self.wanted, self.kept = wanted, kept
        self.is_child = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Tells properties, which look at it when they are imported, not to look for a smaller example."""
        hypothesis.settings.register_profile("first failure", phases=(Phase.explicit, Phase.generate))
        hypothesis.settings.load_profile("first failure")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Tries each change, and writes down whether it was noticed."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        gc.unfreeze()  # the tests freeze what is there, and what is frozen is not listed
        things = gc.get_objects()
        self.functions: dict[Place, list[FunctionType]] = defaultdict(list)
        for function in (each for each in things if isinstance(each, FunctionType)):
            self.functions[place(function.__code__)].append(function)
        caches = [each for each in things if isinstance(each, _lru_cache_wrapper)]
        self.caches = [each for each in caches if str(each.__module__).startswith("pfennig")]
        self.shared = prepare(session)
        items = {item.nodeid: item for item in session.items}
        wanted = [(mutant, [items[name] for name in names if name in items]) for mutant, names in self.wanted]
        for mutant, tests in [each for each in wanted if each[1]][:1]:
            if self.is_noticed(replace(mutant, code=partial(unchanged, mutant.file)), tests):
                raise SystemExit("tests fail without any change, so nothing can be learned from them")
        for number, (mutant, tests) in enumerate(wanted, 1):
            is_noticed = bool(tests) and self.is_noticed(mutant, tests)
            with self.kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": mutant.key, "is_noticed": is_noticed, "tests": len(tests)}) + "\n")
            word = "noticed" if is_noticed else "SURVIVED"
            print(f"{number:4} of {len(self.wanted)} {word} by {len(tests)} tests: {mutant}", flush=True)
        return True

    def is_noticed(self, mutant: Mutant, tests: list[pytest.Item]) -> bool:
        """True if one of the tests fails with the change, or has no end."""
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            self.run(mutant, tests)
        return os.waitpid(child, 0)[1] != 0

    def run(self, mutant: Mutant, tests: list[pytest.Item]) -> None:
        """Runs the tests with the change, and ends the process: with 0 if all passed."""
        signal.alarm(STUCK_AFTER_SECONDS)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        for code in inside(mutant.code()):
            for function in self.functions.get(place(code), ()):
                if function.__code__.co_freevars == code.co_freevars:
                    function.__code__ = code
        for cache in self.caches:
            cache.cache_clear()
        self.is_child = True
        try:
            for item, after in zip(tests, [*tests[1:], self.shared], strict=True):
                signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        except BaseException:
            os._exit(1)
        os._exit(1 if tests[0].session.testsfailed else 0)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Ends a child process at the first failure: to describe it would take longer than most tests."""
        if self.is_child and call.excinfo and not call.excinfo.errisinstance((pytest.skip.Exception,)):
            try:
                item.session._setupstate.teardown_exact(self.shared)
            finally:
                os._exit(1)


def prepare(session: pytest.Session) -> pytest.Session | None:
    """Makes what all tests of the session share, such as a migrated database; the children leave it as it is.

    Answers what to name as the next test, so that it stays; None where the tests share nothing.
    """
    first = next((item for item in session.items if {"database", "kind_of_database"} <= {*item.fixturenames}), None)
    if first is None:
        return None
    runtestprotocol(first, log=False, nextitem=session)  # type: ignore[arg-type]
    return session


def known(kept: Path) -> dict[str, bool]:
    """By key, which changes were tried already, and whether they were noticed; what was tried last counts."""
    if not kept.exists():
        return {}
    lines = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    return {line["key"]: line["is_noticed"] for line in lines}


def chosen(options: argparse.Namespace) -> list[Mutant]:
    """The changes of the rooms, or as many of them as are wanted, drawn by the seed."""
    every = [mutant for file in files(options.room) for mutant in mutants(file)]
    count = min(options.count or len(every), len(every))
    rooms = ", ".join(options.room)
    print(f"{count:,} of {len(every):,} changes in {rooms}, drawn by the seed {options.seed}", flush=True)
    return random.Random(options.seed).sample(every, count)  # noqa: S311 - a sample, no secret


def files(rooms: list[str]) -> list[Path]:
    """The files of rooms. One that is not there is an error: else nothing would be tried, and all would seem well."""
    missing = [room for room in rooms if not (SOURCE / room).is_dir()]
    if missing:
        raise SystemExit(f"there is no room {', '.join(missing)} in {SOURCE}")
    return sorted(file for room in rooms for file in (SOURCE / room).rglob("*.py"))


def report(sample: list[Mutant], found: dict[str, bool]) -> None:
    """Prints which changes were not noticed, why if that is known, and how many were."""
    tried = [mutant for mutant in sample if mutant.key in found]
    survivors = [mutant for mutant in tried if not found[mutant.key]]
    for mutant in survivors:
        print(f"EQUIVALENT {mutant}: {mutant.why_equivalent}" if mutant.why_equivalent else f"SURVIVED {mutant}")
    count, noticed = len(tried), len(tried) - len(survivors)
    equivalent = sum(mutant.why_equivalent is not None for mutant in survivors)
    print(f"{noticed:,} of {count:,} changes were noticed: {100 * noticed / max(count, 1):.1f} %")
    if equivalent:
        share = 100 * noticed / max(count - equivalent, 1)
        print(f"{equivalent:,} others change nothing that anybody could notice; without them {share:.1f} %")


def main() -> None:
    """Tries what was not tried yet, and tells how many changes were noticed and which were not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--room", nargs="+", default=["domain"], help="of which folders of the source: domain")
    parser.add_argument("--seed", type=int, default=60, help="which sample is drawn, in which order")
    parser.add_argument("--count", type=int, help="how many changes are tried (default: all)")
    parser.add_argument("--without", nargs="*", default=[], help="words in the names of tests that are left out")
    parser.add_argument("--again", action="store_true", help="try again what was not noticed before")
    parser.add_argument("--coverage", default=ROOT / ".coverage", help="which test touched which line")
    parser.add_argument("--kept", type=Path, default=KEPT, help="what was found already")
    options = parser.parse_args()
    written = Path(options.coverage).stat().st_mtime
    if changed := [file.name for file in files(options.room) if file.stat().st_mtime > written]:
        raise SystemExit(f"{', '.join(changed)} changed since the coverage was measured: run `make coverage`")
    data = CoverageData(options.coverage)
    data.read()
    sample = chosen(options)
    options.kept.parent.mkdir(exist_ok=True)
    before = known(options.kept)
    untried = [each for each in sample if (not before[each.key] and options.again if each.key in before else True)]
    wanted = [(mutant, touching(data, mutant, options.without)) for mutant in untried]
    places = sorted({test.partition("::")[0] for _, tests in wanted for test in tests})
    if places:
        os.chdir(ROOT)
        pytest.main(["--no-header", "-p", "no:cacheprovider", *places], plugins=[Trials(wanted, options.kept)])
    report(sample, known(options.kept))


if __name__ == "__main__":
    main()
