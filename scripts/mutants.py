"""Whether tests notice when the code is wrong: changes one small thing at a time and runs the tests that touch it.

Needs the coverage of a run that says which test touched which line (`make mutants` makes one). The sample is drawn by
a seed that is printed, from every place in domain/ and operations/ at which something can be changed.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from coverage import CoverageData

Change = Callable[[], Callable[[], None]]
"""Makes a change, and answers what undoes it."""

ROOT = Path(__file__).parents[1]
ROOMS = ("domain", "operations")
LONGEST_SECONDS = 900
"""A change that makes a loop endless is noticed, too."""

NEAREST_FIRST = ("tests/domain", "tests/operations", "tests/gateways", "tests/papers", "tests/push", "tests/mails")

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}
"""Operators that stand for each other in a wrong program."""


@dataclass(frozen=True)
class Mutant:
    """One change: of which file, in which lines, what it is, and what writes the whole file with it."""

    file: Path
    lines: range
    what: str
    text: Callable[[], str]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT / 'src' / 'pfennig')}:{self.lines.start} {self.what}"


def mutants(file: Path) -> Iterator[Mutant]:
    """Every change that can be made in the functions of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    statements = {id(each): each for function in functions for each in function.body}
    seen: set[int] = set()  # a function in a function is walked with both
    for statement in statements.values():
        for node in ast.walk(statement):
            if id(node) not in seen:
                seen.add(id(node))
                lines = range(getattr(node, "lineno", statement.lineno), statement_end(node, statement) + 1)
                for what, change in changes(node):
                    yield Mutant(file, lines, what, partial(with_change, tree, change))


def with_change(tree: ast.Module, change: Change) -> str:
    """The text of a file with one change, which is undone afterwards."""
    undo = change()
    try:
        return ast.unparse(tree)
    finally:
        undo()


def statement_end(node: ast.AST, statement: ast.stmt) -> int:
    """The last line of what is changed."""
    return int(getattr(node, "end_lineno", None) or statement.end_lineno or statement.lineno)


def changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """What can be changed at a place: how it is called, and what makes the change and answers how to undo it."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPS:
            yield swap(node, "ops", [SWAPS[type(op)]()], op)
        case ast.BoolOp(op=op):
            yield swap(node, "op", SWAPS[type(op)](), op)
        case ast.BinOp(op=op, left=left, right=right) if type(op) in SWAPS and not is_text(left, right):
            yield swap(node, "op", SWAPS[type(op)](), op)
        case ast.Constant(value=bool() as value):
            yield swap(node, "value", not value, node)
        case ast.Constant(value=int() as value):
            yield swap(node, "value", value + 1, node)
        case ast.If(test=test) | ast.IfExp(test=test):
            yield swap(node, "test", ast.UnaryOp(ast.Not(), test), test)
        case ast.Expr(value=ast.Call() as call):
            yield swap(node, "value", ast.Constant(None), call)
        case ast.Return(value=ast.expr() as value) if not is_none(value):
            yield swap(node, "value", ast.Constant(None), value)


def is_text(*nodes: ast.expr) -> bool:
    """True if one of them is a text: without it nothing would run at all."""
    return any(isinstance(node, ast.JoinedStr | ast.List | ast.Tuple | ast.Dict) for node in nodes) or any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) for node in nodes
    )


def is_none(node: ast.expr) -> bool:
    """True for None."""
    return isinstance(node, ast.Constant) and node.value is None


def swap(node: ast.AST, field: str, new: object, old: ast.AST) -> tuple[str, Change]:
    """A change that puts something else into a field."""
    before = getattr(node, field)
    shown = ast.unparse(node).splitlines()[0]
    setattr(node, field, new)
    what = f"{shown[:60]}  ->  {ast.unparse(node).splitlines()[0][:60]}"
    setattr(node, field, before)

    def change() -> Callable[[], None]:
        setattr(node, field, new)
        return lambda: setattr(node, field, before)

    return what, change


def touching(data: CoverageData, mutant: Mutant) -> list[str]:
    """The tests that touch its lines, those of the nearest rooms first."""
    contexts = data.contexts_by_lineno(str(mutant.file))
    found = {context.partition("|")[0] for line in mutant.lines for context in contexts.get(line, ()) if context}
    return sorted(found, key=lambda test: (not test.startswith(NEAREST_FIRST), test))


def is_noticed(mutant: Mutant, tests: list[str], folder: Path) -> bool:
    """True if one of the tests fails with the change."""
    source = folder / "src"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    (source / mutant.file.relative_to(ROOT / "src")).write_text(mutant.text(), encoding="utf-8")
    wanted = folder / "tests.txt"
    wanted.write_text("\n".join(tests), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "--no-header", "-p", "no:cacheprovider", f"@{wanted}"]
    environment = os.environ | {"PYTHONPATH": str(source)}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> None:
    """Draws the sample, tries each change, and tells how many were noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=60, help="which sample is drawn (default: %(default)s)")
    parser.add_argument("--count", type=int, default=60, help="how many changes are tried (default: %(default)s)")
    parser.add_argument("--coverage", default=ROOT / ".coverage", help="which test touched which line")
    options = parser.parse_args()
    data = CoverageData(options.coverage)
    data.read()
    files = sorted(file for room in ROOMS for file in (ROOT / "src" / "pfennig" / room).rglob("*.py"))
    every = [mutant for file in files for mutant in mutants(file)]
    sample = random.Random(options.seed).sample(every, options.count)  # noqa: S311 - a sample, no secret
    print(f"{options.count} of {len(every):,} changes, drawn by the seed {options.seed}", flush=True)
    noticed = 0
    with tempfile.TemporaryDirectory(prefix="pfennig-mutants-") as folder:
        for number, mutant in enumerate(sample, 1):
            tests = touching(data, mutant)
            found = bool(tests) and is_noticed(mutant, tests, Path(folder))
            noticed += found
            print(f"{number:3} {'noticed' if found else 'SURVIVED'} by {len(tests)} tests: {mutant}", flush=True)
    print(f"{noticed} of {options.count} changes were noticed")


if __name__ == "__main__":
    main()
