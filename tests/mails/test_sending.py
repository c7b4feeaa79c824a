"""One mail from the outbox to the mail server: what it looks like there, and what happens when it is not taken."""

import base64
import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path
from threading import Event as Signal

import pytest
from structlog.testing import capture_logs

from pfennig import tls
from pfennig.clock import system_clock
from pfennig.domain.mail import Mail
from pfennig.operations.core.call import Call, Caller, MailServer, Platform
from pfennig.push import outbox as outboxes
from pfennig.push import smtp
from pfennig.push.envelopes import Envelope, with_names
from pfennig.push.mail_worker import LEASE, SEATS, Postman
from pfennig.push.worker import Worker
from pfennig.storage.database import Database
from pfennig.twin import clocks
from pfennig.twin.clocks import Scope
from tests.conftest import MORNING, Api, Dress, StoppedClock
from tests.mails.conftest import SENDER, Letterbox, deliver, outbox, pay, settled
from tests.push import conftest as pushes
from tests.push.conftest import Receiver, paid

WAITS_MINUTES = [1, 5, 15, 30] + [60] * 23
PNG = b"\x89PNG\r\n\x1a\nnot drawn, only carried"
NAMELESS = {"contact": {"forename": "Max"}}
"""Without an address of the payer there is only the merchant's mail."""

MOST_OF_ONE = 4
"""Conversations for one tenant at a time; there are seats for others."""


def sent(server: MailServer, mail: Mail) -> smtp.SmtpAnswer:
    """What a server says of a mail in a plain envelope."""
    return smtp.send(server, mail, Envelope("", "", mail.html, {}))


@pytest.fixture
def platform(platform: Platform, letterbox: Letterbox) -> Platform:
    """The platform with a mail server."""
    return replace(platform, mail_server=letterbox.server())


@pytest.fixture
def postman(platform: Platform, woken: Signal) -> Postman:
    """A postman who sends when `deliver` says so."""
    return Postman(platform, woken)


def test_a_mail_has_text_and_html_and_says_whom_it_is_from(
    mine: Api, postman: Postman, letterbox: Letterbox, woken: Signal
) -> None:
    pay(mine, application_context={"language": "en"})
    assert woken.is_set()
    assert deliver(postman) == 2
    [mail] = [mail for mail in letterbox.mails if mail["To"] == "max@example.net"]
    assert (mail["From"], mail["Reply-To"]) == (f"Mein Laden GmbH <{SENDER}>", "laden@example.net")
    assert mail["Subject"] == "Your payment of €5.00 to Mein Laden GmbH"
    assert datetime.strptime(mail["Date"], "%a, %d %b %Y %H:%M:%S %z").astimezone(UTC) == MORNING
    assert (mail["Content-Language"], mail["Auto-Submitted"]) == ("en", "auto-generated")
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text
    assert html
    assert "Mein Laden GmbH has received your payment of €5.00." in text.get_content()
    assert '<html lang="en">' in html.get_content()
    assert f"mail FROM:<{SENDER}>" in letterbox.heard
    assert letterbox.heard[0] == "ehlo example.test"


def test_a_long_subject_arrives_as_it_was_written_in_letters_that_every_server_takes(
    mine: Api, letterbox: Letterbox, database: Database
) -> None:
    pay(mine, customer=NAMELESS)
    [mail] = outbox(database)
    subject = " ".join(f"Müller & Söhne ohne {'ß' * length}" for length in range(1, 12))
    assert sent(letterbox.server(), replace(mail, subject=subject)).is_sent
    assert letterbox.mails[0]["Subject"] == subject
    assert letterbox.data[0].isascii()


def test_a_logo_comes_with_the_mail_and_is_fetched_from_nowhere(
    mine: Api, postman: Postman, letterbox: Letterbox, dress: Dress
) -> None:
    dress(primary_colour="#ffcc00", project_logo="data:image/png;base64," + base64.b64encode(PNG).decode())
    pay(mine)
    deliver(postman)
    for mail in letterbox.mails:
        html, picture = mail.get_body(("related",)).iter_parts()  # type: ignore[union-attr]
        [name] = re.findall('src="cid:([^"]+)" alt="Mein Laden GmbH"', html.get_content())
        assert (picture["Content-ID"], picture.get_content()) == (f"<{name}>", PNG)
        assert picture.get_content_disposition() == "inline"
        assert "#ffcc00; color: #000000" in html.get_content() or mail["To"] == "laden@example.net"
        assert html.get_content().count("src=") == 1
        assert mail.get_content_type() == "multipart/alternative"


def test_a_picture_inside_the_letter_comes_with_it_under_a_name() -> None:
    inside = f'<img src="data:image/png;base64,{base64.b64encode(PNG).decode()}" alt="" width="200">'
    said = "&lt;img src=&#34;data:image/png;base64,AAAA&#34; alt=&#34;&#34;&gt;"
    assert with_names(f"{inside}{said}", {}) == (
        f'<img src="cid:picture1" alt="" width="200">{said}',
        {"picture1": PNG},
    )


def test_a_logo_that_is_there_no_more_leaves_the_name_of_the_shop(
    mine: Api, postman: Postman, letterbox: Letterbox, dress: Dress
) -> None:
    dress(project_logo="data:image/png;base64," + base64.b64encode(PNG).decode())
    pay(mine, customer=NAMELESS)
    dress(project_logo="")
    deliver(postman)
    [mail] = letterbox.mails
    html = mail.get_body(("html",))
    assert html
    assert "src=" not in html.get_content()
    assert "<strong>Mein Laden GmbH</strong>" in html.get_content()


@pytest.mark.parametrize(
    "name", ["Müller, Söhne & Töchter", 'Zum "Löwen" <Bar>', "a@b.example", "ß" * 200, "Ü\\, ", ""]
)
def test_the_name_of_who_writes_stays_a_name(mine: Api, letterbox: Letterbox, database: Database, name: str) -> None:
    pay(mine, customer=NAMELESS)
    [mail] = outbox(database)
    assert smtp.send(letterbox.server(), mail, Envelope(name, "", mail.html, {})).is_sent
    [line] = message_from_bytes(letterbox.data[0]).get_all("From", [])
    read, address = parseaddr(line.replace("\r\n", ""))
    assert (str(make_header(decode_header(read))), address) == (name, SENDER)
    assert letterbox.data[0].isascii()


def test_what_was_sent_is_not_sent_again(
    mine: Api, postman: Postman, letterbox: Letterbox, database: Database, clock: StoppedClock
) -> None:
    pay(mine, customer=NAMELESS)
    assert deliver(postman) == 1
    clock.advance(days=2)
    assert deliver(postman) == 0
    [mail] = outbox(database)
    assert (mail.is_sent, mail.is_open, mail.tries, mail.answer) == (True, False, 1, "sent")


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("RCPT", "451 later"),
        ("MAIL", "550 who are you"),
        ("DATA", "421 closing"),
        (".", "452 full"),
        ("CONNECT", "554 not you"),
    ],
)
def test_what_may_go_better_later_is_tried_again(
    mine: Api,
    postman: Postman,
    letterbox: Letterbox,
    database: Database,
    clock: StoppedClock,
    verb: str,
    answer: str,
) -> None:
    letterbox.answers = {verb: [answer]}
    pay(mine, customer=NAMELESS)
    assert deliver(postman) == 1
    [mail] = outbox(database)
    assert (mail.is_sent, mail.is_open, mail.due) == (False, True, MORNING + timedelta(minutes=1))
    assert mail.answer
    letterbox.answers = {}
    clock.advance(minutes=1)
    assert deliver(postman) == 1
    [mail] = outbox(database)
    assert (mail.is_sent, mail.tries) == (True, 2)


@pytest.mark.parametrize(("verb", "answer"), [("RCPT", "550 5.1.1 no such user"), (".", "554 we do not like it")])
def test_what_a_server_never_takes_is_closed_with_its_words_and_holds_up_nobody(
    mine: Api, postman: Postman, letterbox: Letterbox, database: Database, verb: str, answer: str
) -> None:
    letterbox.answers = {verb: [answer]}
    pay(mine, customer=NAMELESS)
    deliver(postman)
    del letterbox.answers[verb]
    pay(mine, customer=NAMELESS)
    deliver(postman)
    refused, sent = outbox(database)
    assert (refused.is_sent, refused.is_open, refused.tries, refused.answer) == (False, False, 1, answer)
    assert sent.is_sent


def test_an_address_that_is_none_is_closed_at_once_and_holds_up_nobody(
    mine: Api, postman: Postman, letterbox: Letterbox, database: Database
) -> None:
    for address in ("max", "max@", "max mustermann@example.net", "mäx@example.net", "<max@example.net>", "a@b@c"):
        pay(mine, customer={"contact": {"email": address}})
    deliver(postman)
    to_payers = [mail for mail in outbox(database) if not mail.kind.is_for_merchant]
    assert {(mail.is_open, mail.is_sent, mail.tries) for mail in to_payers} == {(False, False, 0)}
    assert all(mail.answer for mail in to_payers)
    assert {mail["To"] for mail in letterbox.mails} == {"laden@example.net"}


def test_a_domain_with_umlauts_is_written_to(
    mine: Api, postman: Postman, letterbox: Letterbox, database: Database
) -> None:
    pay(mine, customer={"contact": {"email": "max@müller.de"}})
    deliver(postman)
    assert "max@xn--mller-kva.de" in {mail["To"] for mail in letterbox.mails}
    assert all(mail.is_sent for mail in outbox(database))


def test_mails_are_tried_in_growing_pauses_and_given_up_after_a_day(
    mine: Api, postman: Postman, letterbox: Letterbox, database: Database, clock: StoppedClock
) -> None:
    letterbox.answers = {"RCPT": ["451 later"] * 100}
    pay(mine, customer=NAMELESS)
    assert deliver(postman) == 1
    for minutes in WAITS_MINUTES:
        clock.advance(minutes=minutes, seconds=-1)
        assert deliver(postman) == 0
        clock.advance(seconds=1)
        assert deliver(postman) == 1
    [mail] = outbox(database)
    assert (mail.is_open, mail.is_sent, mail.tries) == (False, False, len(WAITS_MINUTES) + 1)
    assert mail.answer == "451 later"


def test_a_server_that_is_not_there_is_tried_again(mine: Api, platform: Platform, database: Database) -> None:
    nobody = MailServer("localhost", 1, False, "", "", SENDER)
    pay(mine, customer=NAMELESS)
    assert deliver(Postman(replace(platform, mail_server=nobody), Signal())) == 1
    [mail] = outbox(database)
    assert (mail.is_open, mail.answer) == (True, "ConnectionRefusedError")


def test_every_try_has_the_same_id_so_that_programs_know_it_again(
    mine: Api, postman: Postman, letterbox: Letterbox, database: Database
) -> None:
    pay(mine, customer=NAMELESS)
    [mail] = outbox(database)
    server = letterbox.server()
    assert [sent(server, mail).is_sent for _ in range(2)] == [True, True]
    assert letterbox.mails[0]["Message-ID"] == letterbox.mails[1]["Message-ID"] == f"<{mail.id}@example.test>"


def test_a_server_that_is_silent_is_left_at_the_deadline(
    mine: Api, letterbox: Letterbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TALK_SECONDS", 0.2)
    letterbox.is_open.clear()
    pay(mine, customer=NAMELESS)
    answer = sent(letterbox.server(), outbox(database)[0])
    assert answer == smtp.SmtpAnswer(False, "SMTPServerDisconnected", is_final=False), (
        "nobody waited for one more step"
    )


def test_a_mail_server_that_hangs_holds_up_no_push(
    mine: Api, platform: Platform, letterbox: Letterbox, receiver: Receiver, woken: Signal
) -> None:
    letterbox.is_open.clear()
    worker = Worker(platform, woken)
    worker.start()
    try:
        for _ in range(SEATS + 1):
            pay(mine, customer=NAMELESS)
        letterbox.wait_for_callers(MOST_OF_ONE)
        paid(mine, receiver.url)
        receiver.wait_for(1)
        assert letterbox.callers == MOST_OF_ONE
    finally:
        worker.stop()
        pushes.settled()


def test_a_mail_that_nobody_finished_is_sent_again_when_its_lease_is_over(
    mine: Api, platform: Platform, postman: Postman, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(mine, customer=NAMELESS)
    assert len(Postman(platform, Signal()).take()) == 1  # and then he died
    assert deliver(postman) == 0
    later = system_clock() + LEASE + timedelta(seconds=5)
    monkeypatch.setattr(outboxes, "system_clock", lambda: later)
    assert deliver(postman) == 1
    assert outbox(database)[0].is_sent


def test_a_failure_that_is_noted_late_does_not_reopen_what_was_sent(
    mine: Api, postman: Postman, database: Database
) -> None:
    pay(mine, customer=NAMELESS)
    [mail] = outbox(database)
    deliver(postman)
    postman.record([(mail, smtp.SmtpAnswer(False, "TimeoutError", is_final=False))])  # by a worker that hung
    assert outbox(database)[0].is_sent


def test_no_line_in_the_log_says_whom_a_mail_was_for(
    mine: Api, postman: Postman, letterbox: Letterbox, database: Database
) -> None:
    letterbox.answers = {"RCPT": ["550 laden@example.net is unknown"]}
    pay(mine, customer=NAMELESS)
    with capture_logs() as log:
        deliver(postman)
    [line] = [line for line in log if line["event"] == "mail"]
    assert (line["mail"], line["sent"], line["tries"]) == (outbox(database)[0].id, False, 1)
    assert "laden" not in str(log)


def test_the_worker_sends_as_soon_as_it_is_woken(
    mine: Api, platform: Platform, letterbox: Letterbox, woken: Signal, database: Database
) -> None:
    worker = Worker(platform, woken)
    worker.start()
    try:
        pay(mine)
        letterbox.wait_for_callers(2)
    finally:
        worker.stop()
    settled()
    assert [mail.is_sent for mail in outbox(database)] == [True, True]


def test_a_clock_that_is_moved_stops_at_each_try_to_send(
    mine: Api, platform: Platform, postman: Postman, letterbox: Letterbox, database: Database
) -> None:
    letterbox.answers = {"RCPT": ["451 later"] * 2}
    pay(mine, customer=NAMELESS)
    shop = Call(replace(platform, deliver=postman.drain), Caller("client-mine", "MRC_MINE", "GCR_MINE"), "de")
    reading = clocks.advance(shop, Scope.MERCHANT, timedelta(hours=1))
    settled()
    assert reading.steps == 2  # after one minute, and after five more
    [mail] = outbox(database)
    assert (mail.is_sent, mail.tries, mail.due - MORNING) == (True, 3, timedelta(minutes=6))


def test_quiet_waits_for_mails_that_are_to_be_sent(mine: Api, postman: Postman, database: Database) -> None:
    case = pay(mine, customer=NAMELESS, application_context={"return_urls": {}})
    path = f"/lab/v1/transactions/{case['id']}/quiet"
    answer = mine.http.get(path, params={"timeout": "0"}, headers=mine.headers).json()
    [mail] = outbox(database)
    assert (answer["quiet"], answer["under_way"]) == (False, [f"mail {mail.id} to the merchant: 0 tries"])
    deliver(postman)
    assert mine.http.get(path, headers=mine.headers).json()["quiet"]


@pytest.fixture
def encrypted(letterbox: Letterbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Letterbox:
    """The mail server with a certificate that we trust."""
    files = tls.init(tmp_path, ["localhost"])
    letterbox.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    letterbox.context.load_cert_chain(files.server, files.server_key)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.ca))
    return letterbox


LOGIN = ("me", "secret of mine")


@pytest.mark.parametrize("is_tls", [True, False], ids=["from the start", "when the server offers it"])
def test_a_password_is_told_in_an_encrypted_conversation(
    mine: Api, encrypted: Letterbox, database: Database, is_tls: bool
) -> None:
    encrypted.is_tls = is_tls
    pay(mine, customer=NAMELESS)
    answer = sent(encrypted.server(*LOGIN), outbox(database)[0])
    assert answer == smtp.SmtpAnswer(True, "sent")
    assert "\0me\0secret of mine" in encrypted.heard


def test_a_password_is_never_told_in_the_clear(mine: Api, letterbox: Letterbox, database: Database) -> None:
    pay(mine, customer=NAMELESS)
    answer = sent(letterbox.server(*LOGIN), outbox(database)[0])
    assert answer == smtp.SmtpAnswer(False, "NoEncryption", is_final=False)
    assert [line.split()[0] for line in letterbox.heard] == ["ehlo"]


def test_a_password_is_not_told_to_a_server_that_nobody_knows(
    mine: Api, encrypted: Letterbox, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    pay(mine, customer=NAMELESS)
    mail = outbox(database)[0]
    assert sent(encrypted.server(*LOGIN), mail).text == "SSLCertVerificationError"
    assert sent(encrypted.server(), mail).is_sent, "but a relay nearby may have made its own certificate"


def test_a_server_does_not_show_its_password() -> None:
    assert "secret" not in repr(MailServer("localhost", 25, False, *LOGIN, SENDER))
