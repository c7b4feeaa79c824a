"""What comes of a push, whatever a receiver answers: only a whole answer counts, from whom it was meant for."""

import socket
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from pfennig import tls
from pfennig.push import conversation, post


def answer_to_a_push(*said: bytes) -> post.HttpAnswer:
    """What comes of a push to a receiver that says these things, and leaves."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def say() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"".join(said))

        thread = Thread(target=say)
        thread.start()
        answer = conversation.send(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {}, only_public=False)
        thread.join()
    return answer


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "before", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"]
)
def test_what_is_said_before_the_answer_is_none(before: bytes) -> None:
    answer = answer_to_a_push(before, OK)
    assert (answer.status, answer.text) == (200, "ok")


@pytest.mark.parametrize(
    "broken",
    [
        OK[:-1],
        OK[:20],
        OK[:17],
        b"",
        b"SMTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
    ],
)
def test_an_answer_that_breaks_off_does_not_count(broken: bytes) -> None:
    assert answer_to_a_push(broken).status is None


def test_an_answer_in_chunks_is_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert answer_to_a_push(head, b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n").text == "ok"


class Thanks(BaseHTTPRequestHandler):
    """Takes a push."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.wfile.write(OK)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_a_push_over_https_is_only_for_whom_an_authority_vouches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tls.init(tmp_path, ["localhost"])
    with ThreadingHTTPServer(("127.0.0.1", 0), Thanks) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.server, files.server_key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"https://localhost:{server.server_port}/push"
        unknown = conversation.send(url, b"{}", {}, only_public=False)
        monkeypatch.setattr(conversation, "trust", lambda: ssl.create_default_context(cafile=files.ca))
        known = conversation.send(url, b"{}", {}, only_public=False)
        server.shutdown()
        thread.join()
    assert (unknown.status, unknown.text) == (None, "SSLCertVerificationError")
    assert (known.status, known.text) == (200, "ok")
