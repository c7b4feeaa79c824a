"""The house keeps its promises: its layers, its docs, its languages."""

import ast
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from pfennig import errors
from pfennig.checkout import checks, forms, texts
from pfennig.domain import legal_links, methods, payment, products
from pfennig.language import CATALOGUES, LANGUAGES, catalogue, own
from pfennig.mails import basket, events, terms
from pfennig.twin.pages import ident, page_outcomes
from pfennig.twin.simulator import plots
from scripts import docs

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "pfennig"
LARGEST_FILE_LINES = 350
WRITTEN_BY_PEOPLE = (".css", ".html", ".js", ".md", ".po", ".py", ".toml", ".yaml", "")
LEFT_OPEN = re.compile(r"\b(TO" r"DO|FIX" r"ME|(?<!\")X" r"XX)\b")
"""Words that promise work for later. In quotes the last one is a currency."""

ENDS_TWICE = re.compile(r"(?<!\\)[\w)\]}+*?]\$(?:\)+[?*+]?)?\Z")
"""A text that ends like a pattern with a dollar, alone or within brackets."""


def files(*suffixes: str, below: Path = SOURCE) -> list[Path]:
    """The files with these endings, but for what programs made."""
    return [path for path in everything(below) if path.suffix in suffixes]


@cache
def everything(below: Path) -> list[Path]:
    """All files, but for what programs made: to list what stands in `.venv` takes longer than to read ours."""
    found = []
    for folder, folders, names in os.walk(below):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    return sorted(found)


@cache
def tree(path: Path) -> ast.Module:
    """What Python reads in a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_source_file_grows_beyond_what_one_reads_in_a_sitting() -> None:
    lines = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for path in [*files(".py", ".html", ".js"), *files(".py", below=ROOT / "scripts")]
        if "migrations" not in path.parts
    }
    assert {path: count for path, count in lines.items() if count > LARGEST_FILE_LINES} == {}


ROOMS = {"operations": {"calendar", "followers", "idempotency", "notices", "watch"}} | {
    "storage": {
        *("barrier", "bundles", "database", "gathered", "late_units"),
        *("memory", "shelf", "statements", "tolerant", "unit", "write_buffer"),
    }
}
"""The files that stand beside the rooms, because all of them lean on these, or these on all of them."""

MOST_FILES_IN_A_ROOM = 16


@pytest.mark.parametrize("layer", ROOMS)
def test_every_file_stands_in_a_room_that_one_takes_in_at_a_glance(layer: str) -> None:
    beside = {path.stem for path in (SOURCE / layer).glob("*.py")} - {"__init__"}
    assert beside == ROOMS[layer], "a file stands in a room: docs/house.md says which there are"
    rooms = [path for path in (SOURCE / layer).iterdir() if (path / "__init__.py").is_file()]
    counted = {room.name: len([path for path in room.glob("*.py") if path.stem != "__init__"]) for room in rooms}
    assert {room: count for room, count in counted.items() if count > MOST_FILES_IN_A_ROOM} == {}


def test_the_map_of_the_house_has_every_room() -> None:
    shown = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
    rooms = [path.parent for layer in ROOMS for path in (SOURCE / layer).glob("*/__init__.py")]
    assert [room.name for room in rooms if f"`{room.name}/`" not in shown] == []


@pytest.mark.parametrize("page", ["docs/house.md", "docs/methods.md", "docs/words.md", "CONTRIBUTING.md"])
def test_every_file_that_a_recipe_names_is_there(page: str) -> None:
    named = re.findall(r"`((?:[\w-]+/)+[\w.-]+\.\w+)`", (ROOT / page).read_text(encoding="utf-8"))
    places = (ROOT, SOURCE, *(SOURCE / layer for layer in ROOMS))
    assert [name for name in named if not any((place / name).is_file() for place in places)] == []


def imported(path: Path) -> Iterator[Path]:
    """The files of ours that a file imports at any place in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pfennig"):
            whole = SOURCE.parent.joinpath(*node.module.split("."))
            for name in node.names:
                yield from (each for each in (whole / f"{name.name}.py", whole.with_suffix(".py")) if each.is_file())


def test_no_two_files_lean_on_each_other() -> None:
    TopologicalSorter({path: set(imported(path)) - {path} for path in files(".py")}).prepare()  # raises CycleError


def test_only_who_starts_a_server_asks_for_its_profile() -> None:
    asking = {path.name for path in files(".py") if re.search(r"\bProfile\b|\.profile\b", path.read_text("utf-8"))}
    assert asking <= {"cli.py", "foundation.py", "process.py", "server.py", "settings.py"}


def test_nothing_is_left_open() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files(*WRITTEN_BY_PEOPLE, below=ROOT)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if LEFT_OPEN.search(line)
    ]
    assert found == []


def test_no_pattern_ends_before_a_line_break() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {text.value}"
        for path in files(".py")
        if "$" in path.read_text(encoding="utf-8")
        for text in ast.walk(tree(path))
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and ENDS_TWICE.search(text.value)
    ]
    assert found == [], "write \\Z: a dollar lets a line break through at the end"


def test_every_make_target_says_what_it_does() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    targets = [line for line in lines if re.match(r"[a-z][a-z-]*:(?!=)", line)]
    assert targets
    assert [line for line in targets if not re.search(r"## [A-Z]", line)] == []


@pytest.mark.parametrize("name", docs.PAGES)
def test_the_reference_is_what_the_code_says(name: str) -> None:
    page = docs.REFERENCE / f"{name}.md"
    assert page.read_text(encoding="utf-8") == docs.PAGES[name](), "`make docs` writes it anew"


def test_one_code_means_one_thing() -> None:
    known = groupby(docs.refusals(), key=lambda refusal: refusal.code)
    meanings = {code: {refusal.user_text for refusal in same} for code, same in known}
    assert {code: texts for code, texts in meanings.items() if len(texts) > 1} == {}


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings can be linked to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_that_the_code_refers_to_is_there() -> None:
    missing = []
    for path in files(".py", ".yaml"):
        mentions = re.findall(r"\b(docs/[\w/.-]+\.md)(?:#([\w-]+))?", path.read_text(encoding="utf-8"))
        for page, anchor in mentions:
            there = (ROOT / page).is_file()
            if not there or (anchor and anchor not in anchors(ROOT / page)):
                missing.append(f"{path.relative_to(ROOT)}: {page}{'#' + anchor if anchor else ''}")
    assert missing == []


def test_every_function_and_class_says_what_the_caller_gets() -> None:
    silent = []
    for path in [*files(".py"), *files(".py", below=ROOT / "scripts")]:
        module = tree(path)
        named = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        inner = {id(child) for node in named if isinstance(node, ast.FunctionDef) for child in ast.walk(node)} - {
            id(node) for node in module.body
        }
        for node in [module, *named]:
            name = getattr(node, "name", "")
            is_ours = not name.startswith("_") and (
                node is module or id(node) not in inner or is_method(module, node)
            )
            if is_ours and not ast.get_docstring(node) and not is_stub(node):
                silent.append(f"{path.relative_to(ROOT)}: {name}")
    assert silent == []


def is_method(module: ast.Module, node: ast.AST) -> bool:
    """True for what stands directly in a class of the module."""
    return any(node in each.body for each in module.body if isinstance(each, ast.ClassDef))


def is_stub(node: ast.AST) -> bool:
    """True where there is nothing to say: a protocol's `...`, a refusal with the API's own text."""
    body = getattr(node, "body", [])
    last = body[-1] if body else None
    is_ellipsis = isinstance(last, ast.Expr) and isinstance(last.value, ast.Constant) and last.value.value is ...
    return is_ellipsis or getattr(node, "name", "") == "BadToken"


@cache
def spoken() -> frozenset[str]:
    """Every text that a person may read, in English."""
    return frozenset(texts_of_everything())


def texts_of_everything() -> Iterator[str]:
    """Those texts, from wherever they stand."""
    yield errors.UNKNOWN
    yield from (refusal.user_text for refusal in docs.refusals())
    yield from said(vars(texts)[name] for name in vars(texts) if name.isupper())
    yield from legal_links.TITLES.values()
    yield from said((terms.EVERY, terms.EVERY_FEW, terms.RHYTHMS, basket.NAMES))
    yield from said(
        (
            checks.REASONS,
            checks.CODE_HINTS,
            checks.CHECK_ENTRIES,
            forms.LABELS,
            forms.OWNER_OF_CARD,
            forms.OWNER_OF_ACCOUNT,
        )
    )
    yield from said(events.WAYS_BACK.values())
    yield from (status.text for status in [*payment.STATUSES.values(), *methods.PAID_OUT.statuses.values()])
    yield from (product.name for product in [*products.SHARE_PRODUCTS.values(), *products.OUTGOING_PRODUCTS.values()])
    yield from (text for row in methods.METHODS.values() for text in row.texts())
    yield from (plot.text for plot in plots.SCENARIOS.values())
    yield from said((page_outcomes.TITLES, page_outcomes.MEANINGS, ident.TITLES))
    for path in files(".html"):
        yield from re.findall(r'\b_\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
    for path in files(".py"):
        yield from re.findall(r'\bsay\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))


def said(values: Iterable[Any]) -> Iterator[str]:
    """The texts in the tables of the checkout."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from said(value.values())
        elif isinstance(value, texts.Ending):
            yield from (value.heading, value.text)
        elif isinstance(value, texts.Detail):
            yield from (value.label, value.wrong)


def placeholders(text: str) -> set[str]:
    """The {names} in a text."""
    return set(re.findall(r"\{\w+\}", text))


TRANSLATED = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_with_the_same_names_in_it(language: str) -> None:
    known = catalogue(language)
    assert sorted(text for text in spoken() if text not in known) == []
    assert {text for text, translated in known.items() if placeholders(text) != placeholders(translated)} == set()


SAID_EVERYWHERE = {"TEST", "IBAN", "PayPal", "Sofort", "giropay", "eps", "easyCredit", "TWINT", "Wero"}
SAID_AS_IN_ENGLISH = {
    "de": {"Simulation", "Bank", "{label}: {value}"},
    "fr": {"Article", "Date", "E-mail", "Identification", "Simulation", "Total"},
    "it": {"E-mail", "{label}: {value}"},
    "nl": {"Bank", "E-mail", "{label}: {value}"},
    "pl": {"Bank", "E-mail", "{label}: {value}"},
}


@pytest.mark.parametrize("language", TRANSLATED)
def test_only_what_is_the_same_in_both_languages_is_said_as_in_english(language: str) -> None:
    same = {text for text, translated in catalogue(language).items() if text == translated}
    assert same == SAID_EVERYWHERE | SAID_AS_IN_ENGLISH[language]


@pytest.mark.parametrize("path", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_a_catalogue_has_each_text_once(path: Path) -> None:
    texts = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(text for text, count in Counter(texts).items() if count > 1) == []


def test_every_language_has_a_catalogue_and_the_words_of_the_shops_script() -> None:
    assert {path.stem for path in CATALOGUES.glob("*.po")} == {*TRANSLATED, "de@informal"}
    script = (SOURCE / "checkout" / "static" / "embed.js").read_text(encoding="utf-8")
    assert re.findall(r"^ +(\w\w): \[", script, re.MULTILINE) == list(LANGUAGES)


def test_french_has_no_gap_before_its_signs_in_which_a_line_could_break() -> None:
    loose = re.compile(r"[^\u202f][:;!?%»](?=\s|$)|«(?!\u202f)|'")
    assert sorted({text for text in own("fr").values() if loose.search(text)}) == []


FORMAL = re.compile(r"\b(Sie|Ihnen|Ihr(e[mnrs]?)?)\b")


def test_every_german_text_can_also_be_said_among_friends() -> None:
    assert sorted({text for text in catalogue("de@informal").values() if FORMAL.search(text)}) == []
    assert sorted(set(own("de@informal")) - set(catalogue("de"))) == []
    different = {text for text, translated in own("de@informal").items() if translated != catalogue("de")[text]}
    assert different == set(own("de@informal"))
    names = {text: placeholders(translated) for text, translated in own("de@informal").items()}
    assert {text for text in names if names[text] != placeholders(text)} == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language: str) -> None:
    assert sorted(set(catalogue(language)) - spoken()) == []
