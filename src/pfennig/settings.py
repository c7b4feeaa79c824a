"""Settings: on the command line, or in the environment as PFENNIG_ and the name in capitals."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import make_url

from pfennig.domain import numbers
from pfennig.domain.branding import DOMAIN
from pfennig.domain.contexts import is_web_address
from pfennig.domain.email_address import is_address
from pfennig.domain.history import LONGEST_DELAY_SECONDS
from pfennig.domain.retention import BadRetention, periods
from pfennig.domain.sepa import BadCreditorId, creditor_id
from pfennig.operations.core.call import MailServer
from pfennig.storage.crypto.encryption import BadKeys, Keyring
from pfennig.storage.database import BadAddress, normal_address

PREFIX = "PFENNIG_"

LAB_CLIENT = PREFIX + "LAB_CLIENT"
"""The client that acts in the lab; no setting of a server, which may be started in the same shell."""
MOST_WORKERS = 64
MOST_CONNECTIONS = 1000
LARGEST_NUMBER = 10**9
LONGEST_TIMEOUT_SECONDS = 60

RESERVED_CONNECTIONS = 4
"""Connections of each process that the worker and the deliveries need."""

MAIL_PORTS = {"smtp": 25, "smtps": 465}


class BadSetting(ValueError):
    """A setting that is unknown, wrong, or does not go with another; one line that says what to do."""


class Profile(StrEnum):
    """The profile of a server: who runs it, and for what."""

    TWIN = "twin"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Settings:
    """All settings. The command line's help and docs/reference/settings.md are made from these."""

    host: str = "127.0.0.1"
    port: int = 8080
    database: str = field(default="pfennig.db", repr=False)
    profile: str = Profile.TWIN.value
    public_url: str = ""
    workers: int = 1
    pool_size: int = 12
    database_timeout: int = 5
    tls_cert: str = ""
    tls_key: str = ""
    trusted_proxies: str = ""
    cors_origins: str = ""
    rate_limit: int = 6000
    metrics_token: str = field(default="", repr=False)
    smtp: str = field(default="", repr=False)
    mail_from: str = ""
    retention: str = ""
    settle_at: str = ""
    fee_tax: int = 19
    issuer: str = ""
    data_keys: str = field(default="", repr=False)
    push_delay_seconds: int = 3
    creditor_id: str = ""

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded database."""
        return normal_address(self.database).startswith("sqlite")

    @property
    def threads(self) -> int:
        """Requests that one process works on at a time; each may hold a connection."""
        return self.pool_size - RESERVED_CONNECTIONS

    @property
    def database_name(self) -> str:
        """The database's address as people write it, without its password."""
        return make_url(normal_address(self.database)).render_as_string(hide_password=True).replace("+psycopg", "", 1)

    @property
    def database_file(self) -> str:
        """The file of an SQLite database."""
        return str(make_url(normal_address(self.database)).database)

    @property
    def own_url(self) -> str:
        """The address under which others reach us, without a slash at its end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        scheme, usual = ("https", 443) if self.tls_cert else ("http", 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        host = "127.0.0.1" if host in ("0.0.0.0", "[::]") else host  # noqa: S104
        return f"{scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def proxies(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks whose word about a client's address is believed."""
        return tuple(ipaddress.ip_network(part.strip()) for part in self.trusted_proxies.split(",") if part.strip())

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins whose scripts may use the API, and the lab."""
        return tuple(part.strip() for part in self.cors_origins.split(",") if part.strip())

    @property
    def mail_server(self) -> MailServer | None:
        """The server that takes our mails, if any does. Raises ValueError, whose text may show the password."""
        if not self.smtp:
            return None
        parts = urlsplit(self.smtp if "://" in self.smtp else f"smtp://{self.smtp}")
        if not parts.hostname or parts.path or parts.query or parts.fragment or parts.scheme not in MAIL_PORTS:
            raise ValueError
        return MailServer(
            host=parts.hostname,
            port=parts.port or MAIL_PORTS[parts.scheme],
            is_tls=parts.scheme == "smtps",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            sender=self.mail_from,
        )

    @property
    def settlement_time(self) -> time | None:
        """The time of day at which merchants are paid out, None if they are not. Raises ValueError."""
        return datetime.strptime(self.settle_at, "%H:%M").time() if self.settle_at else None  # noqa: DTZ007

    @property
    def seal(self) -> Keyring:
        """The keyring that encrypts people's data; without keys it leaves all as it is. Raises BadKeys."""
        return Keyring(self.data_keys.replace(",", " ").split())

    def environment(self) -> dict[str, str]:
        """The settings as a worker process finds them in its environment."""
        return {PREFIX + name.upper(): str(value) for name, value in asdict(self).items()}


HELP: Mapping[str, str] = {
    "host": "address to listen on",
    "port": "port to listen on",
    "database": "an SQLite file, or postgresql://USER:PASSWORD@HOST/NAME",
    "profile": "twin: simulated banks and demo merchants; operator: neither",
    "public_url": "the address under which shops and payers reach this server; by default host and port",
    "workers": "processes that serve; more than one needs PostgreSQL",
    "pool_size": "connections to the database per process; it works on four requests fewer at a time",
    "database_timeout": "seconds to wait for a connection, and for each answer of PostgreSQL",
    "tls_cert": "certificate file (PEM), to serve https; needs a key, see `pfennig tls init`",
    "tls_key": "key file (PEM) of the certificate",
    "trusted_proxies": "networks of proxies before this server, with commas; their X-Forwarded-For is believed",
    "cors_origins": "origins whose scripts may use the API and the lab, with commas; any may use the twin's API",
    "rate_limit": "requests to the API per minute and client, for each process; 0 for any number; never in the twin",
    "metrics_token": "the token that /metrics asks for; without one only the twin shows them",
    "smtp": "the mail server, as HOST:PORT or smtps://USER:PASSWORD@HOST; without one no mails are sent",
    "mail_from": "the address that mails come from",
    "retention": "days to keep things, such as mails=30,events=7; `pfennig retention` shows all",
    "settle_at": "when merchants are paid out each day, such as 04:30, German time; else by `pfennig settle`",
    "fee_tax": "percent of tax in the fees of merchants",
    "issuer": "who invoices the fees: name, address, tax number, with semicolons",
    "data_keys": "keys that encrypt personal data, the newest first",
    "push_delay_seconds": "how long pushes about a shop's own call or its payer's step wait; 0 for not at all",
    "creditor_id": "the SEPA creditor identifier of contracts that have none; without one only the twin takes debits",
}


SECRETS = ("data_keys", "database", "metrics_token", "smtp")
"""May hold a secret: a file can hold them instead, and the command line must not, because `ps` shows it to all."""

IN_FILE = "_FILE"

PASSWORD = re.compile(r"(?:^|://)[^/@]*:[^/@]+@|[?&]\w*password=")
"""A password in an address, with or without the scheme."""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the environment, the defaults for the rest. Raises BadSetting."""
    return checked_settings(values_from_environment(environment))


def values_from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Settings that the environment has, by name, still as text. Raises BadSetting for a name that is no setting."""
    known = {PREFIX + field.name.upper(): field.name for field in fields(Settings)}
    filed = {PREFIX + name.upper() + IN_FILE: name for name in SECRETS}
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX) and name != LAB_CLIENT}
    if unknown := sorted(set(given) - set(known) - set(filed)):
        raise BadSetting(f"{unknown[0]} is not a setting; there are {', '.join(sorted(known | filed))}")
    said = {known[name]: value for name, value in given.items() if name in known}
    for name, setting in filed.items():
        if name in given:
            if setting in said:
                raise BadSetting(f"{name} and {name.removesuffix(IN_FILE)} say the same; one of them is too much")
            said[setting] = content(name, given[name])
    return said


def secret_files(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The files that hold secrets, by the name of what names them."""
    named = (PREFIX + name.upper() + IN_FILE for name in SECRETS)
    return {name: environment[name] for name in named if name in environment}


def content(name: str, file: str) -> str:
    """The secret in a file, without the end of its line. Raises BadSetting."""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        raise BadSetting(f"{name}: {file} cannot be read") from None


def require_no_secret(options: Mapping[str, str]) -> None:
    """Raises BadSetting if the command line holds a password: everybody on the machine can read it there."""
    for name in SECRETS:
        if PASSWORD.search(options.get(name, "")):
            variable = PREFIX + name.upper()
            raise BadSetting(
                f"{name} has a password, and everybody can read the command line; put it into {variable}, "
                f"or into a file that {variable}{IN_FILE} names"
            )


def checked_settings(values: Mapping[str, str | int]) -> Settings:
    """Settings from texts or numbers, checked one by one and together. Raises BadSetting."""
    settings = Settings(**{name: typed_value(name, value) for name, value in values.items()})  # type: ignore[arg-type]
    for refuse in (wrong_values, contradictions):
        if text := refuse(settings):
            raise BadSetting(text)
    return settings


def typed_value(name: str, value: str | int) -> str | int:
    """A value in the type of its setting. Raises BadSetting."""
    if not isinstance(getattr(Settings(), name), int):
        return value
    try:
        return numbers.whole(str(value), LARGEST_NUMBER)
    except ValueError:
        raise BadSetting(f"{name} must be a number from 0 to {LARGEST_NUMBER}, not {str(value)[:40]!r}") from None


def wrong_values(settings: Settings) -> str | None:
    """Faults of a single setting."""
    try:
        normal_address(settings.database)
    except BadAddress as error:
        return f"database: {error}"
    try:
        settings.proxies  # noqa: B018
    except ValueError as error:
        return f"trusted_proxies: {error}"
    try:
        settings.mail_server  # noqa: B018
    except ValueError:  # its text would show the password
        return "smtp must be such as mail.example.com:587 or smtps://USER:PASSWORD@mail.example.com"
    if settings.mail_from and not is_address(settings.mail_from):
        return "mail_from must be an e-mail address, such as payments@example.com"
    wrong = next((origin for origin in settings.origins if origin != "*" and not DOMAIN.fullmatch(origin)), None)
    if wrong:
        return f"cors_origins must be such as https://shop.example.com, without a path, not {wrong!r}"
    try:
        periods(settings.retention)
    except BadRetention as error:
        return f"retention: {error}"
    try:
        settings.seal  # noqa: B018
    except BadKeys as error:
        return f"{PREFIX}DATA_KEYS: {error}"
    try:
        settings.settlement_time  # noqa: B018
    except ValueError:
        return f"settle_at must be a time such as 04:30, not {settings.settle_at!r}"
    if settings.push_delay_seconds > LONGEST_DELAY_SECONDS:
        return f"push_delay_seconds must be from 0 to {LONGEST_DELAY_SECONDS}, not {settings.push_delay_seconds}"
    try:
        creditor_id(settings.creditor_id) if settings.creditor_id else None
    except BadCreditorId as error:
        return f"creditor_id: {error}"
    if settings.fee_tax > 100:
        return f"fee_tax must be from 0 to 100, not {settings.fee_tax}"
    if settings.profile not in list(Profile):
        return f"profile must be twin or operator, not {settings.profile!r}"
    if not 1 <= settings.port <= 65535:
        return f"port must be from 1 to 65535, not {settings.port}"
    if not 1 <= settings.workers <= MOST_WORKERS:
        return f"workers must be from 1 to {MOST_WORKERS}, not {settings.workers}"
    if not RESERVED_CONNECTIONS < settings.pool_size <= MOST_CONNECTIONS:
        return f"pool_size must be from {RESERVED_CONNECTIONS + 1} to {MOST_CONNECTIONS}, not {settings.pool_size}"
    if not 1 <= settings.database_timeout <= LONGEST_TIMEOUT_SECONDS:
        return f"database_timeout must be from 1 to {LONGEST_TIMEOUT_SECONDS}, not {settings.database_timeout}"
    if settings.public_url and (text := wrong_public_url(settings)):
        return f"public_url {text}, such as https://pay.example.com"
    missing = next(
        (file for file in (settings.tls_cert, settings.tls_key) if file and not Path(file).is_file()), None
    )
    return f"{missing} does not exist; `pfennig tls init` makes a certificate for tests" if missing else None


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Addresses that nobody else can listen to on the way."""


def wrong_public_url(settings: Settings) -> str | None:
    """The reason why links and pages would not work under that address. Only on this machine is http good enough."""
    if not is_web_address(settings.public_url):
        return "must be an http or https address"
    parts = urlsplit(settings.public_url)
    if parts.path not in ("", "/") or {"?", "#", "@"} & set(settings.public_url):
        return "must be scheme, host and port alone: Pfennig answers at the root of its host"
    is_private = parts.scheme == "https" or parts.hostname in LOOPBACK
    return None if settings.profile != Profile.OPERATOR or is_private else "must begin with https:// for an operator"


def contradictions(settings: Settings) -> str | None:
    """Contradictions between settings."""
    if settings.workers > 1 and settings.is_sqlite:
        return "workers must be 1 on SQLite, where one process writes; use --database postgresql://… for more"
    if settings.profile == Profile.OPERATOR and not settings.data_keys:
        return f"{PREFIX}DATA_KEYS is missing; an operator encrypts personal data, and `pfennig keys new` makes a key"
    if bool(settings.tls_cert) != bool(settings.tls_key):
        return "tls_cert and tls_key go together; one of them is missing"
    if "*" in settings.origins and settings.profile == Profile.OPERATOR:
        return "cors_origins can be * in the twin only; name the origins that are meant"
    if bool(settings.smtp) != bool(settings.mail_from):
        return "smtp and mail_from go together; one of them is missing"
    return None
