"""What is said of changes that no test can notice is said of lines that are there."""

from pathlib import Path

from pfennig import __file__ as package
from scripts.equivalents import EQUIVALENT


def test_lines_whose_changes_nobody_can_notice_are_there() -> None:
    lines = {
        file: {line.strip() for line in (Path(package).parent / file).read_text(encoding="utf-8").splitlines()}
        for file, _, _ in EQUIVALENT
    }
    assert [(file, line) for file, line, _ in EQUIVALENT if line not in lines[file]] == []
