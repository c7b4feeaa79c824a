"""What came out: figures with their goals, compared side by side, as a table and as JSON."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from os import cpu_count
from statistics import median
from typing import TypeVar

from bench.parts import PARTS
from bench.stand import ROOT

T = TypeVar("T")

ROUNDS = 3
"""Each is as likely to be disturbed as the others; the middle one counts."""

JSON = ROOT / "docs" / "performance.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = (
    "<!-- Written by `make bench`; changes made here are lost. -->\n",
    "<!-- The end of what it writes. -->\n",
)


@dataclass(frozen=True)
class Figure:
    """One measured value. goal: what it should be, empty if nothing was promised; is_met: whether it is."""

    what: str
    value: float
    unit: str
    goal: str = ""
    is_met: bool = True


def at_least(what: str, value: float, unit: str, goal: float) -> Figure:
    """A figure that must not be smaller."""
    return Figure(what, value, unit, f"at least {goal:g}", value >= goal)


def at_most(what: str, value: float, unit: str, goal: float) -> Figure:
    """A figure that must not be larger."""
    return Figure(what, value, unit, f"at most {goal:g}", value <= goal)


def side_by_side(measures: Mapping[str, Callable[[], T]], rounds: int = ROUNDS) -> dict[str, list[T]]:
    """Measures in turns, so that what disturbs one disturbs the others."""
    found: dict[str, list[T]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def ratio(values: list[float], others: list[float]) -> float:
    """The middle one of the ratios, round by round."""
    return median(value / other for value, other in zip(values, others, strict=True))


def table(figures: Iterable[Figure]) -> str:
    """The figures in lines."""
    rows = [(one.what, shown(one.value), one.unit, verdict(one)) for one in figures]
    return "\n".join(
        "| " + " | ".join(row) + " |" for row in [("what", "figure", "unit", "goal"), ("---",) * 4, *rows]
    )


def shown(value: float) -> str:
    """So many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def verdict(figure: Figure) -> str:
    """The goal, and whether it is met."""
    return figure.goal and f"{figure.goal}: {'met' if figure.is_met else '**missed**'}"


def keep(part: str, title: str, figures: list[Figure]) -> None:
    """Puts the figures of a part in the place of its earlier ones, in docs/performance.json and .md.

    They stand in the order of the parts; what is no part any more goes.
    """
    known = json.loads(JSON.read_text()) if JSON.exists() else {}
    known[part] = {
        "title": title,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{cpu_count()} cores",
        "figures": [asdict(figure) for figure in figures],
    }
    known = {name: known[name] for name in PARTS if name in known}
    JSON.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + BEGIN + "\n".join(map(section, known.values())) + END + after)


def section(part: Mapping[str, object]) -> str:
    """One part of the page."""
    figures = [Figure(**values) for values in part["figures"]]  # type: ignore[attr-defined]
    return f"\n### {part['title']}\n\n{part['date']}, {part['machine']}.\n\n{table(figures)}\n"
