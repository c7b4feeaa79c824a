"""Sets up Jinja, once for all that is drawn: pages, mails, and the manual."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pfennig.language import say

if TYPE_CHECKING:
    from jinja2 import Environment

COMPILED: dict[str, bytes] = {}
"""Templates as they are compiled, by their keys, so that no language compiles them anew."""


@cache
def environment(folder: Path, language: str) -> "Environment":
    """The templates of a folder, which say `_("…")` in that language. In HTML, texts are escaped.

    What reads templates takes a while to import, and a server starts faster without it.
    """
    from jinja2 import BytecodeCache, Environment, FunctionLoader, StrictUndefined, select_autoescape
    from jinja2.bccache import Bucket

    class Memory(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            if bucket.key in COMPILED:
                bucket.bytecode_from_string(COMPILED[bucket.key])

        def dump_bytecode(self, bucket: Bucket) -> None:
            COMPILED[bucket.key] = bucket.bytecode_to_string()

    made = Environment(
        loader=FunctionLoader(lambda name: template_source(folder / name)),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=Memory(),
        auto_reload=False,
    )
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    made.globals["_"] = lambda message, **values: say(message, language, **values)
    return made


def template_source(path: Path) -> str | None:
    """A template; one of HTML without the indentation of its lines, which would be a twentieth of a page's weight."""
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\n[ ]+", "\n", text) if path.suffix == ".html" else text
