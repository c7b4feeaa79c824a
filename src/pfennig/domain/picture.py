"""Pictures that a contract or merchant brings along as a data URI, and that we serve: logos and favicons."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

DATA_URI = re.compile(r"data:(image/png|image/svg\+xml);base64,([A-Za-z0-9+/]+={0,2})")
BEGINS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/svg+xml": b"<"}
LARGEST_PICTURE = 16 * 1024
"""The most bytes of a picture. It comes with every contract that is read, and on top of what a page weighs."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is served."""

    content_type: str
    data: bytes

    @property
    def digest(self) -> str:
        """The digest of the picture, for its address."""
        return hashlib.sha256(self.data).hexdigest()[:12]


@lru_cache(maxsize=128)
def picture(name: str, uri: str, largest: int = LARGEST_PICTURE) -> Picture:
    """The picture in a data URI. name: of the field, for the error. Raises ValueError.

    A branding is read with each order, and its pictures hardly ever change.
    """
    found = DATA_URI.fullmatch(uri)
    if not found:
        raise ValueError(f"{name} must begin with data:image/png;base64, or data:image/svg+xml;base64,")
    try:
        made = Picture(found[1], base64.b64decode(found[2]))
    except ValueError:
        raise ValueError(f"{name} is not Base64") from None
    if not made.data.lstrip().startswith(BEGINS[made.content_type]):
        raise ValueError(f"{name} is no {made.content_type}")
    if len(made.data) > largest:
        raise ValueError(f"{name} has {len(made.data)} bytes; there may be {largest}")
    return made
