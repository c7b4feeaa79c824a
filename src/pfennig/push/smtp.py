"""Hand one mail to the mail server: a conversation with a hard deadline, and an answer whatever happens in it."""

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueSingleAddressHeader, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from threading import Timer
from typing import Any

from pfennig.domain.mail import Mail, one_line
from pfennig.operations.core.call import MailServer
from pfennig.push import names
from pfennig.push.envelopes import Envelope

STEP_SECONDS = 10
"""Seconds that a server may be silent, or that it may take to reach it."""

TALK_SECONDS = 20
"""A conversation that takes longer has failed, however busy it is."""

DEADLINE_SECONDS = STEP_SECONDS + TALK_SECONDS

ANSWER_LETTERS = 500
"""Characters of an answer that are kept."""

REFUSED = 500
"""The lowest code of answers that are final."""


class Subject(UnstructuredHeader, BaseHeader):
    """A subject that keeps its blanks: some versions of Python lose them where they break a line between umlauts."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent."""
        return f"Subject: {Header(str(self), header_name='Subject').encode(linesep=policy.linesep)}{policy.linesep}"


class From(UniqueSingleAddressHeader, BaseHeader):  # type: ignore[misc]  # the registry combines them the same way
    """Who writes, with a name that keeps its blanks where a line is broken."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it is sent."""
        name, address, end = self.address.display_name, self.address.addr_spec, policy.linesep
        quoted = name.replace("\\", r"\\").replace('"', r"\"")
        said = f'"{quoted}"' if name.isascii() else Header(name, "utf-8", header_name="From").encode(linesep=end)
        return f"From: {said}{end} <{address}>{end}" if name else f"From: {address}{end}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("from", From)
HEADERS.map_to_type("subject", Subject)
POLICY = SMTP.clone(header_factory=HEADERS, cte_type="7bit")
"""The policy by which a mail is written down; not every server takes umlauts as they are."""


@dataclass(frozen=True)
class SmtpAnswer:
    """The mail server's answer. is_final: whether a retry is no use."""

    is_sent: bool
    text: str
    is_final: bool = True


class NoEncryption(OSError):
    """The password would be told where others can hear it."""


class Client(smtplib.SMTP):
    """Talks on a connection that stands already."""

    def __init__(self, server: MailServer, line: socket.socket) -> None:
        self.line = line
        super().__init__(server.host, server.port, local_hostname=domain(server))

    def connect(self, host: str = "", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """Connects; answers what the server says first."""
        self.sock, self.file = self.line, None
        return self.getreply()


def send(server: MailServer, mail: Mail, envelope: Envelope) -> SmtpAnswer:
    """Hands the mail over. Never raises for what a mail server or a network does."""
    try:
        with conversation(server) as client:
            client.send_message(message(server, mail, envelope), server.sender, [mail.recipient])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients[mail.recipient]
        return refusal_of(code, text, code >= REFUSED)
    except smtplib.SMTPResponseException as error:
        is_about_mail = isinstance(error, smtplib.SMTPDataError)
        return refusal_of(error.smtp_code, error.smtp_error, is_about_mail and error.smtp_code >= REFUSED)
    except (OSError, ValueError) as error:
        return SmtpAnswer(False, type(error).__name__, is_final=False)
    return SmtpAnswer(True, "sent")


def refusal_of(code: int, text: bytes | str, is_final: bool) -> SmtpAnswer:
    """A server's no. That it does not know us is not final: somebody may mend the settings."""
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return SmtpAnswer(False, one_line(f"{code} {said}")[:ANSWER_LETTERS], is_final)


def message(server: MailServer, mail: Mail, envelope: Envelope) -> EmailMessage:
    """The mail as servers want it: text, HTML and its pictures, and the same id whenever it is sent."""
    made = EmailMessage(policy=POLICY)
    made["From"] = Address(envelope.name, addr_spec=server.sender)
    if envelope.reply_to:
        made["Reply-To"] = envelope.reply_to
    made["To"] = mail.recipient
    made["Subject"] = mail.subject
    made["Date"] = mail.created
    made["Message-ID"] = f"<{mail.id}@{domain(server)}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text)
    made.add_alternative(envelope.html, subtype="html")
    for name, picture in envelope.pictures.items():
        html = made.get_body(("html",))
        assert isinstance(html, EmailMessage)  # noqa: S101 - it was just made
        html.add_related(picture, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline")
    made["Content-Language"] = mail.language  # set earlier, it would only be applied to the text
    return made


def domain(server: MailServer) -> str:
    """The domain by which we introduce ourselves; asking the system for its own may take a while."""
    return server.sender.rpartition("@")[2]


@contextmanager
def conversation(server: MailServer) -> Iterator[Client]:
    """A conversation in which the server knows us, encrypted where it can be. Raises OSError, ValueError."""
    with (
        open_connection(server) as raw,
        cut_off(raw),
        tls(server).wrap_socket(raw, server_hostname=server.host) if server.is_tls else raw as line,
    ):
        client = Client(server, line)
        try:
            introduce(client, server)
            yield client
            with suppress(OSError):  # the server has the mail; its answer to QUIT does not matter
                client.quit()
        finally:
            client.close()


def open_connection(server: MailServer) -> socket.socket:
    """A connection to the first address of the server that answers. Raises OSError."""
    deadline = time.monotonic() + STEP_SECONDS
    found = names.addresses(server.host, server.port, deadline)
    line = names.in_turn(
        found,
        deadline,
        lambda address, seconds: socket.create_connection((address, server.port), seconds),
        (OSError,),
    )
    line.settimeout(STEP_SECONDS)
    return line


def introduce(client: Client, server: MailServer) -> None:
    """Encrypts the conversation if that can be done, and logs in. Raises NoEncryption rather than send a password."""
    client.ehlo_or_helo_if_needed()
    is_secret = server.is_tls
    if not is_secret and client.has_extn("starttls"):
        client.starttls(context=tls(server))
        client.ehlo()
        is_secret = True
    if server.user:
        if not is_secret:
            raise NoEncryption
        client.login(server.user, server.password)


def tls(server: MailServer) -> ssl.SSLContext:
    """The TLS context of a conversation, which is with somebody who proves to be that server.

    Where no password is sent and encryption is a gift, any certificate will do: relays nearby make their own, and who
    can stand between us could as well hide that there is encryption.
    """
    context = ssl.create_default_context()
    if not server.is_tls and not server.user:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def cut_off(line: socket.socket) -> Iterator[None]:
    """Ends a connection at the deadline, whatever is going on on it."""
    with line.dup() as same:  # the TLS socket takes the first one over
        alarm = Timer(TALK_SECONDS, hang_up, (same,))
        alarm.daemon = True
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()


def hang_up(line: socket.socket) -> None:
    """Ends a connection, so that whoever waits on it goes on."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
