"""Read the body of a request to its end, within limits."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from pfennig.front.limits import Pace, Share, Watch
from pfennig.web import BodyTooLarge, SlowBody, UnfinishedBody

Receive = Callable[[], Awaitable[dict[str, Any]]]


async def read(receive: Receive, length: int | None, largest: int, watch: Watch, share: Share) -> BytesIO:
    """The whole body, exactly as long as announced. length: None for chunks, which are read to their end.

    Raises BodyTooLarge, UnfinishedBody, SlowBody, Busy.
    """
    if length is not None and length > largest:
        raise too_large(largest)
    body, size = BytesIO(), 0
    try:
        with Pace(watch, largest if length is None else length) as pace:
            while size != length:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise cut_off(size, length)
                piece = message.get("body", b"")
                size += len(piece)
                if size > largest:
                    raise too_large(largest)
                share.grow(len(piece))
                body.write(piece)
                if not message.get("more_body"):
                    break
                if piece and size != length:
                    pace.note_progress()
    except TimeoutError:
        raise SlowBody(f"{size} bytes came in time, and then too little") from None
    if length is not None and size != length:
        raise cut_off(size, length)
    body.seek(0)
    return body


def too_large(largest: int) -> BodyTooLarge:
    """The answer to a body beyond the limit."""
    return BodyTooLarge(f"The body is larger than {largest} bytes")


def cut_off(size: int, length: int | None) -> UnfinishedBody:
    """The answer to a body without its end."""
    return UnfinishedBody(f"The body ended after {size} of {'unknown' if length is None else length} bytes")
