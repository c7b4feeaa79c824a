"""A shop that takes pushes as fast as they come, and counts them; or one that takes them and never answers.

`python -m bench.receiver PORT`: POST /hang… is never answered, any other POST at once; GET tells how many there were.
"""

import asyncio
import sys
from typing import cast

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"


class Receiver(asyncio.Protocol):
    """One connection, with one request on it after the other, until the other side has enough."""

    taken = 0
    data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remembers whom to answer."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answers when all of a request has come."""
        self.data += data
        head, end, body = self.data.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if not end or len(body) < int(length or 0) or head.startswith(b"POST /hang"):
            return
        if head.startswith(b"POST"):
            Receiver.taken += 1
        text = b"%d" % Receiver.taken
        self.transport.write(OK % (len(text), text))
        self.data = b""
        if b"\r\nconnection: close" in head.lower():
            self.transport.close()


async def main(port: int) -> None:
    """Serves until it is ended."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
