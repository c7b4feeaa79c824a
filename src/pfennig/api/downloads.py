"""File names for downloads, as headers say them. Source: RFC 6266, RFC 8187."""

import re
from urllib.parse import quote

LONGEST_NAME = 150
NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ._()+-]")
STEERING = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
NOT_IN_NAMES = re.compile(rf'[{STEERING}/\\:*?"<>|;]')
"""Characters that end or steer a line or header, separate folders, or turn the direction, as in fdp.exe."""


def attachment(name: str) -> str:
    """The value of Content-Disposition for a file with this name; any text is one."""
    safe = NOT_IN_NAMES.sub("_", name).strip(" .") or "file"
    stem, dot, ending = safe.rpartition(".")
    kept = (stem[: LONGEST_NAME - len(ending)] if dot else safe[:LONGEST_NAME]) + (f".{ending[:20]}" if dot else "")
    plain = NOT_PLAIN.sub("_", kept)
    if plain == kept:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(kept, safe='')}"
