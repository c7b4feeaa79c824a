"""`python -m bench [PART …] [--against TREE]`: measures, prints, and keeps the figures for the docs."""

import argparse
import importlib
from pathlib import Path

from bench import report
from bench.parts import PARTS
from bench.stand import OURS, ROOT, Stand


def main() -> None:
    """Runs the parts one after the other. A comparison with another checkout is shown and not kept."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure Pfennig on this machine.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; by default all")
    parser.add_argument(
        "--against", type=Path, metavar="TREE", help="another checkout, to be measured beside this one"
    )
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"{sorted(unknown)[0]} is not one of {', '.join(PARTS)}")
    trees = {OURS: ROOT} | ({"the other": given.against.resolve()} if given.against else {})
    for name in given.parts or PARTS:
        part = importlib.import_module(f"bench.parts.{name}")
        with Stand(trees) as stand:
            figures = part.run(stand)
        title = part.__doc__ or name
        print(f"\n{title}\n\n{report.table(figures)}", flush=True)
        if not given.against:
            report.keep(name, title, figures)


if __name__ == "__main__":
    main()
