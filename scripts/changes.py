"""The small changes that mutants.py makes in a file: an operator, a number, a condition, a call, an answer."""

import ast
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType

from equivalents import EQUIVALENT

SOURCE = Path(__file__).parents[1] / "src" / "pfennig"

Change = Callable[[], Callable[[], None]]
"""Makes a change, and answers what undoes it."""

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
    """One change: of which file, in which lines, what it is, and what compiles the whole file with it.

    text: the first of the lines, as it is without the change.
    """

    file: Path
    lines: range
    text: str
    what: str
    code: Callable[[], CodeType]
    key: str

    def __str__(self) -> str:
        return f"{self.name}:{self.lines.start} {self.what}    in: {self.text}"

    @property
    def name(self) -> str:
        """The file as the source knows it."""
        return str(self.file.relative_to(SOURCE))

    @property
    def why_equivalent(self) -> str | None:
        """Why nobody can notice it; None where that is not known."""
        return EQUIVALENT.get((self.name, self.text, self.what))


def mutants(file: Path) -> Iterator[Mutant]:
    """Every change that can be made in the functions of a file. Its key holds as long as the file is the same."""
    text = file.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    tree = ast.parse(text)
    written = text.splitlines()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    statements = {id(each): each for function in functions for each in function.body}
    seen: set[int] = set()  # a function in a function is walked with both
    for statement in statements.values():
        for node in ast.walk(statement):
            if id(node) not in seen:
                seen.add(id(node))
                lines = range(getattr(node, "lineno", statement.lineno), statement_end(node, statement) + 1)
                for what, change in changes(node):
                    key = f"{file.name} {digest} {len(seen)} {what}"
                    code = partial(with_change, tree, file, change)
                    yield Mutant(file, lines, written[lines.start - 1].strip(), what, code, key)


def with_change(tree: ast.Module, file: Path, change: Change) -> CodeType:
    """A file compiled with one change, which is undone afterwards."""
    undo = change()
    try:
        return compile(ast.fix_missing_locations(tree), str(file), "exec")
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
        case ast.Expr(value=ast.Call() as call) if not is_of_super(call):
            yield swap(node, "value", ast.Constant(None), call)
        case ast.Return(value=ast.expr() as value) if not is_none_or_flag(value):
            yield swap(node, "value", ast.Constant(None), value)


def is_text(*nodes: ast.expr) -> bool:
    """True if one of them is a text: without it nothing would run at all."""
    return any(isinstance(node, ast.JoinedStr | ast.List | ast.Tuple | ast.Dict) for node in nodes) or any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) for node in nodes
    )


def is_of_super(call: ast.Call) -> bool:
    """True for a call of super(): a function without it is of another kind, which cannot take its place."""
    return "super()" in ast.unparse(call)


def is_none_or_flag(node: ast.expr) -> bool:
    """True for None; and for True and False, which stand for each other."""
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


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
