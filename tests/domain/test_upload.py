"""Files that were handed in: what they are, what they say they are, and what they are called."""

import base64
from datetime import UTC, datetime

import pytest

from pfennig.domain import upload
from pfennig.domain.upload import (
    LONGEST_NAME,
    SOME_BYTES,
    BadContent,
    FileTooLarge,
    NotWhatItSays,
    UnknownFileType,
    Upload,
    checked_type,
    content_from_base64,
    plain_name,
    suffix,
)

PDF = b"%PDF-1.7"


@pytest.mark.parametrize(
    ("type", "name", "called"),
    [
        ("application/pdf", "id.pdf", "id.pdf"),
        ("application/pdf", "id.PDF", "id.PDF"),
        ("application/pdf", "id.png", "id.png.pdf"),
        ("application/pdf", "", "DOU_ONE.pdf"),
        ("image/jpeg", "a.jpeg", "a.jpeg"),
        ("image/jpeg", "a", "a.jpg"),
        ("image/tiff", "a.b", "a.b.tif"),
        (SOME_BYTES, "a.bin", "a.bin"),
        (SOME_BYTES, "", "DOU_ONE"),
    ],
)
def test_a_file_is_called_by_an_ending_that_says_what_it_is(type: str, name: str, called: str) -> None:
    created = datetime(2026, 2, 4, tzinfo=UTC)
    file = Upload(id="DOU_ONE", merchant_id="x", contract_id="x", name=name, type=type, size=1, created=created)
    assert file.file_name == called


def test_base64_may_have_line_ends_and_nothing_else() -> None:
    assert content_from_base64("JVBE\r\nRi0x \tLjc=\n") == PDF
    for text in ("", " \n", "JVBER", "JVBE!Ri0xLjc="):
        with pytest.raises(BadContent):
            content_from_base64(text)


def test_a_file_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert upload.LARGEST_FILE == 20 * 1024 * 1024
    monkeypatch.setattr(upload, "LARGEST_FILE", len(PDF))
    assert content_from_base64(base64.b64encode(PDF).decode()) == PDF
    with pytest.raises(FileTooLarge):
        content_from_base64(base64.b64encode(PDF + b"x").decode())


@pytest.mark.parametrize(
    ("content", "name", "said", "type"),
    [
        (PDF, "a.pdf", "application/pdf", "application/pdf"),
        (PDF, "a", "", "application/pdf"),
        (PDF, "a.txt", SOME_BYTES, "application/pdf"),
        (PDF, "", " Application/X-PDF; charset=x", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "a.JPG", "image/jpg", "image/jpeg"),
        (b"II*\0", "a.tif", "image/tiff", "image/tiff"),
        (b"MM\0*", "a.tiff", "", "image/tiff"),
    ],
)
def test_a_files_type_is_what_its_first_bytes_say(content: bytes, name: str, said: str, type: str) -> None:
    assert checked_type(content, name, said, takes_any=False) == type
    assert checked_type(content, name, said, takes_any=True) == type


def test_what_contradicts_the_content_is_refused() -> None:
    with pytest.raises(NotWhatItSays, match=r"^type is 'image/png', the content is application/pdf"):
        checked_type(PDF, "a.pdf", "image/png", takes_any=True)
    with pytest.raises(NotWhatItSays, match=f"^type is '{'x' * 80}', the content"):
        checked_type(PDF, "a.pdf", "x" * 81, takes_any=True)
    with pytest.raises(NotWhatItSays, match=r"^name ends with 'png', the content is application/pdf"):
        checked_type(PDF, "a.png", "", takes_any=False)


def test_what_is_nothing_we_know_is_kept_as_bytes_where_anything_is_taken() -> None:
    assert checked_type(b"MZ", "a.exe", "x/y", takes_any=True) == SOME_BYTES
    with pytest.raises(UnknownFileType):
        checked_type(b"MZ", "a.exe", "x/y", takes_any=False)


def test_names_are_plain() -> None:
    assert suffix("a.b.PNG") == "png"
    assert suffix("none") == "none"
    assert plain_name("C:\\papers/in\\ my \x07id.pdf ") == "my id.pdf"
    assert plain_name("x" * 300) == "x" * LONGEST_NAME
