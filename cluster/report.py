"""The figures' place in the docs."""

from collections.abc import Iterable
from datetime import UTC, datetime
from os import cpu_count

from bench.report import Figure, table
from bench.stand import ROOT

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = (
    "<!-- Written by `make cluster-test`; changes made here are lost. -->\n",
    "<!-- The end of what it writes. -->\n",
)


def keep(figures: Iterable[Figure]) -> None:
    """Puts the figures in the place of the earlier ones."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    head = f"{datetime.now(UTC).date()}, all hosts on one machine with {cpu_count()} cores.\n\n"
    PAGE.write_text(f"{before}{BEGIN}\n{head}{table(figures)}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
