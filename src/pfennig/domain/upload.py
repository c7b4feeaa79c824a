"""A file that somebody handed in: what it may be, and for how long others may name it.

Source: docs/wire/15-documents.md.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pfennig.errors import Malformed, TooLarge

LARGEST_FILE = 20 * 2**20
LONGEST_NAME = 255

USABLE_FOR = timedelta(minutes=20)
"""How long other calls can name a file by its id. Source: docs/wire/15-documents.md#uploads."""

PIECE = 2**17
"""Characters of one row. A multiple of four, so that each piece is base64 by itself."""

BEGINS = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/tiff": (b"II*\0", b"MM\0*"),
}
"""The kinds of files that are taken, by their first bytes: scans, and nothing that a browser would run."""

ENDINGS = {"pdf": "application/pdf", "png": "image/png"}
ENDINGS |= dict.fromkeys(("jpg", "jpeg"), "image/jpeg") | dict.fromkeys(("tif", "tiff"), "image/tiff")

SOME_BYTES = "application/octet-stream"
SAYS_NOTHING = frozenset({"", SOME_BYTES})
OTHER_WORDS = {"image/jpg": "image/jpeg", "application/x-pdf": "application/pdf"}


class BadContent(Malformed):
    """The file is missing or cannot be read."""

    code = 3160


class UnknownFileType(Malformed):
    """Only PDF, JPEG, PNG and TIFF files can be taken."""

    code = 3161


class NotWhatItSays(Malformed):
    """The file is of another type than it says."""

    code = 3162


class FileTooLarge(TooLarge):
    """The file is larger than 20 MiB."""

    code = 3163


class Purpose(StrEnum):
    """The purposes for which files are handed in."""

    INVOICE = "invoice"
    IDENTIFICATION = "identification"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file without its content. type: what its content is. size: in bytes."""

    id: str
    merchant_id: str
    contract_id: str
    name: str
    type: str
    size: int
    created: datetime
    seq: int = 0

    @property
    def file_name(self) -> str:
        """The file's name on somebody's disk, with an ending that says what it is."""
        if self.type == SOME_BYTES:
            return self.name or self.id
        ending = next(each for each, type in ENDINGS.items() if type == self.type)
        is_said = ENDINGS.get(suffix(self.name)) == self.type
        return self.name if is_said else f"{self.name or self.id}.{ending}"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a file's content, in base64."""

    id: str
    merchant_id: str
    upload_id: str
    content: str
    created: datetime
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class Document:
    """The fact that a file was handed in for something: object_id says for what."""

    id: str
    merchant_id: str
    object_id: str
    upload_id: str
    purpose: Purpose
    created: datetime
    seq: int = 0


def content_from_base64(text: str) -> bytes:
    """The content of a file from base64; line ends in it are passed over. Raises BadContent, FileTooLarge."""
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise BadContent("content is not valid base64") from None
    if not content:
        raise BadContent("content is missing")
    if len(content) > LARGEST_FILE:
        raise FileTooLarge(f"The file has {len(content)} bytes, at most {LARGEST_FILE} are taken")
    return content


def checked_type(content: bytes, name: str, said: str, takes_any: bool) -> str:
    """The type of a file by its first bytes, if its name and its stated type do not contradict them.

    takes_any: whether a file that is nothing we know is kept as just some bytes.

    Raises UnknownFileType, NotWhatItSays.
    """
    found = next((type for type, begins in BEGINS.items() if content.startswith(begins)), None)
    if found is None and takes_any:
        return SOME_BYTES
    if found is None:
        raise UnknownFileType(f"The content is none of {', '.join(BEGINS)}")
    word = said.partition(";")[0].strip().lower()
    if word not in SAYS_NOTHING and OTHER_WORDS.get(word, word) != found:
        raise NotWhatItSays(f"type is {word[:80]!r}, the content is {found}")
    if ENDINGS.get(suffix(name), found) != found:
        raise NotWhatItSays(f"name ends with {suffix(name)!r}, the content is {found}")
    return found


def suffix(name: str) -> str:
    """The text behind the last dot of a name."""
    return name.rpartition(".")[2].lower()


def plain_name(name: str) -> str:
    """A file's name as people read it: without the folders before it, and without what cannot be printed."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:LONGEST_NAME]
