"""World files: reads their YAML. Whatever is in it, a mistake is reported with its line."""

from typing import Any, ClassVar

import yaml

Mark = yaml.Mark | None
STRANGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Errors that the parser's own readers raise for `!!int "abc"`, impossible days, or five thousand digits."""


class BadContent(ValueError):
    """A text that is no world; says why, and in which line."""


class Loader(yaml.SafeLoader):
    """YAML as people mean it here: a day is the text that they wrote, and each key comes once."""

    yaml_implicit_resolvers: ClassVar = {  # type: ignore[misc]
        first: [(tag, shape) for tag, shape in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_mapping_node(self, anchor: Any) -> Any:
        """An object. Others read the first of two keys; the parser takes the last. Raises BadContent."""
        node = super().compose_mapping_node(anchor)
        seen = set[tuple[str, str]]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise BadContent(at(f"{key.value[:60]!r} is there twice", key.start_mark))
                seen.add((key.tag, key.value))
        return node

    def compose_scalar_node(self, anchor: Any) -> Any:
        """A single value. Raises BadContent for a text that no database keeps."""
        node = super().compose_scalar_node(anchor)
        if "\0" in node.value or not is_whole(node.value):
            raise BadContent(at("a text has a character that cannot be stored", node.start_mark))
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value of a part of the file. Raises BadContent."""
        try:
            return super().construct_object(node, deep)
        except BadContent:
            raise
        except STRANGE:
            raise BadContent(at("a value is not what its tag says, or too long", node.start_mark)) from None


def content(text: str) -> Any:
    """The content of a file. Raises BadContent."""
    try:
        return yaml.load(text, Loader)  # noqa: S506 - ours is a safe one
    except yaml.YAMLError as error:
        raise BadContent(at("is not YAML", getattr(error, "problem_mark", None))) from None
    except RecursionError:
        raise BadContent("is nested too deep") from None


def at(problem: str, mark: Mark) -> str:
    """A problem with its line, if that is known."""
    return f"{problem}, see line {mark.line + 1}" if mark else problem


def is_whole(text: str) -> bool:
    """False for a text with half a character in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
