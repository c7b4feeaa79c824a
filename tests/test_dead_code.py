"""Nothing stands in the source that nobody there uses. What only tests use is dead, too: it proves nothing.

A use is the word anywhere in the source but in docstrings, comments, imports and the statement that defines it. That
is coarse, and done in a moment. Fields are not looked at: what a shop sends or reads often has a name that no line
of ours says.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "pfennig"

CALLED_FROM_OUTSIDE = re.compile(
    r"on_(get|post|put|delete)(_\w+)?|process_(request|response)"  # Falcon
    r"|process_(bind_param|result_value)"  # SQLAlchemy
    r"|do_[A-Z]+|log_message|handle_(start|end)tag"  # http.server, html.parser
    r"|compose_(mapping|scalar)_node|construct_object"  # PyYAML
    r"|makefile|readable|readinto|response_class|default_port"  # http.client, io
    r"|_finalize_batch"  # sepaxml
    r"|collect"  # Prometheus
    r"|__\w+__"
)
"""What a library calls by its name."""

UNREAD = re.compile(r'"""[\s\S]*?"""|#[^"\'\n]*$|^[ ]*(?:from [\w.]+ )?import (?:\([^)]*\)|.*)$', re.MULTILINE)
RENAMED = re.compile(r"\b(\w+) as \w+")
DEFINED = re.compile(r"(?:async def|def|class) (\w+)|(\w+)(?:: [^=\n]+)? = ")
METHOD = re.compile(r"^    (?:async )?def (\w+)", re.MULTILINE)


def statements(text: str) -> Iterator[str]:
    """The statements of a module without what is no use."""
    kept = UNREAD.sub(lambda found: " ".join(RENAMED.findall(found[0])) if "import" in found[0] else "", text)
    yield from re.split(r"^(?=[@\w])", kept, flags=re.MULTILINE)


def words(text: str) -> "Counter[str]":
    """How often each word is in a text."""
    return Counter(re.findall(r"\w+", text))


def dead(modules: dict[str, str], *others: str) -> list[str]:
    """What is used nowhere, after its module. others: templates and the like, in which each word is a use."""
    read = [(module, statement) for module, text in modules.items() for statement in statements(text)]
    everywhere = words("\n".join([*others, *(statement for _, statement in read)]))
    found = []
    for module, statement in read:
        names = [name for head in [DEFINED.match(statement)] if head for name in head.groups() if name]
        names = [name for name in names if everywhere[name] == len(re.findall(rf"\b{name}\b", statement))]
        names += [name for name in METHOD.findall(statement) if everywhere[name] == 1]
        found += [f"{module}: {name}" for name in names if not CALLED_FROM_OUTSIDE.fullmatch(name)]
    return found


def test_nothing_stands_in_the_source_that_nobody_there_uses() -> None:
    files = [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]
    modules = {str(path.relative_to(SOURCE)): path.read_text(encoding="utf-8") for path in files}
    templates = [path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.html")]
    assert dead(modules, *templates, (ROOT / "pyproject.toml").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "def unused(): pass",
        "def unused(): return unused()",
        "class unused: pass",
        "unused = 1",
        "unused: int = 1",
        "class Used:\n    def unused(self): pass\nUsed()",
    ],
)
def test_dead_code_is_found(text: str) -> None:
    assert dead({"module": text, "other": "from module import unused  # unused"}) == ["module: unused"]


@pytest.mark.parametrize("text", ["used()", "x.used", "getattr(x, 'used')", "from module import used as other"])
def test_what_is_used_elsewhere_is_alive(text: str) -> None:
    assert dead({"module": "def used(): pass", "other": text}) == []
