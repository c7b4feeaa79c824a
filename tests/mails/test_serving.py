"""A started server sends mails by itself, and its lab shows them."""

import json
from pathlib import Path

import httpx
import pytest

from pfennig import cli
from pfennig.lab_client import GUIDE
from tests.conftest import Api
from tests.mails.conftest import SENDER, Letterbox, pay
from tests.plain import NO_TLS
from tests.stories.conftest import Server, tables_in


def test_a_server_with_a_mail_server_sends_and_the_lab_prints_what_was_sent(
    tmp_path: Path, sqlite_tables: Path, letterbox: Letterbox, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ("--smtp", f"localhost:{letterbox.port}", "--mail-from", SENDER)
    server = Server(tables_in(tmp_path, sqlite_tables), ("--database", "pfennig.db", *settings))

    def lab(*arguments: str) -> str:
        assert cli.main(["lab", "--url", server.url, *arguments]) == 0
        return capsys.readouterr().out

    try:
        with httpx.Client(base_url=server.url, verify=NO_TLS) as http:
            client_id, _, secret = GUIDE.partition(":")
            case = pay(Api(http, (client_id, secret)), "debit", application_context={"language": "en"})
        assert json.loads(lab("quiet", case["id"]))["quiet"]
        assert len(letterbox.data) == 3
        printed = lab("mails", case["id"])
        assert printed == lab("mails")
        assert [line for line in printed.splitlines() if line.startswith("To: ")] == [
            "To: max@example.net",
            "To: max@example.net",
            "To: haendler@example.com",
        ]
        assert "mandate_notice  sent\n" in printed
        assert "Mandate reference: PAM/" in printed
    finally:
        server.end()
