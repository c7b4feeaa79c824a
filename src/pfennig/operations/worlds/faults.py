"""Say what is wrong with a world file as people say it: where it is, what may stand there, and what does."""

import re
from typing import Any

import msgspec

KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a group of fields",
    "null": "nothing",
}
SHAPES = {
    "[a-z]{12}[0-9]{5,15}": "twelve lower-case letters and 5 to 15 digits",
    "[GP]CR_[A-Za-z0-9]{1,40}": "GCR_ and up to 40 letters and digits",
}
ID = re.compile(r"([A-Z]{3})_\[A-Za-z0-9\]\{1,40\}")


def explanation(error: str, root: type) -> str:
    """An explanation in words of msgspec's complaint about a value."""
    found = re.fullmatch(r"(?P<what>.*) - at `\$\.?(?P<place>.*)`", error, re.DOTALL)
    what, place = (found["what"], found["place"]) if found else (error, "")
    text = fault_text(what, schema(root, place))
    return f"{place}: {text}" if place else text


def fault_text(what: str, node: Any) -> str:
    """The text about a fault. node: the schema of the place."""
    if value := re.fullmatch(r"Invalid enum value (.*)", what, re.DOTALL):
        return f"must be {one_of(node.get('enum', []))}, not {value[1]}"
    if name := re.fullmatch(r"Object missing required field `(.*)`", what):
        return f"{name[1]} is missing"
    if name := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        return f"{name[1]} is not known here; there are {', '.join(node.get('properties', {}))}"
    if shape := re.fullmatch(r"Expected `str` matching regex '\^(.*?)(?:\$|\\\\Z)'", what):
        return f"must be {in_words(shape[1])}"
    if not what.startswith("Expected "):
        return what
    return re.sub("`([a-z |]+)`", lambda kinds: kind(kinds[1]), what.replace("Expected", "must be", 1)).replace(
        ", got ", ", not "
    )


def kind(kinds: str) -> str:
    """Kinds of values in words; that one may be left out goes without saying."""
    return one_of([KINDS.get(each, each) for each in kinds.split(" | ") if each != "null" or kinds == "null"])


def in_words(shape: str) -> str:
    """A regular expression in words, if it is one of ours."""
    if id := ID.fullmatch(shape):
        return f"{id[1]}_ and up to 40 letters and digits"
    return SHAPES.get(shape, f"of the form {shape}")


def one_of(values: list[Any]) -> str:
    """Several values of which one is meant: a, b or c."""
    *first, last = [str(value) for value in values] or ["another value"]
    return f"{', '.join(first)} or {last}" if first else last


def schema(root: type, place: str) -> dict[str, Any]:
    """The schema of a place such as merchants[0].contracts[0].wallets[0]; {} where nobody knows it."""
    whole = msgspec.json.schema(root)
    node = resolved_node(whole, whole)
    for step in re.findall(r"\[[^\]]*\]|[^.\[]+", place):
        if step.startswith("["):
            below = node.get("items") or node.get("additionalProperties") or {}
        else:
            below = node.get("properties", {}).get(step, {})
        node = resolved_node(whole, below)
    return node


def resolved_node(whole: dict[str, Any], node: Any) -> dict[str, Any]:
    """A node of a schema itself, where it refers to another one, or is one that may be left out."""
    if not isinstance(node, dict):
        return {}
    options = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    if len(options) == 1:
        return resolved_node(whole, options[0])
    name = node.get("$ref", "").removeprefix("#/$defs/")
    return resolved_node(whole, whole["$defs"][name]) if name else node
