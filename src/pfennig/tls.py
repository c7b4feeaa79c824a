"""A certificate authority of one's own, so that plugins with built-in `https` hosts can be sent to the twin.

A folder holds the authority (ca.pem, ca-key.pem) and the server's certificate (server.pem with its chain,
server-key.pem). Who trusts ca.pem trusts what its key signs for the hosts that it was made for, for a year, and
nothing else: a lost key opens no other house. That key stays in the folder.
"""

import ipaddress
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOSTS = (
    "localhost",
    "127.0.0.1",
    "::1",
    "connect.secucard.com",
    "connect-testing.secuconnect.com",
    "connect-testing.secupay-ag.de",
    "connect-showcase.secupay-ag.de",
)
"""Hosts: this machine, and those that existing plugins have built in."""

CA_LIFETIME = timedelta(days=365)
SERVER_LIFETIME = timedelta(days=365)
"""The longest life of a server's certificate, within its authority's. Browsers refuse more than 398 days."""

RENEWED_BEFORE = timedelta(days=30)
"""An authority that ends sooner is made anew by the next `init`."""

CLOCK_SKEW = timedelta(hours=1)
"""A machine whose clock is a little behind accepts a certificate that was just made."""

LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"(\*\.)?({LABEL}\.)*{LABEL}")


AUTHORITY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pfennig local CA")])
SERVER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pfennig")])


class NotAHost(ValueError):
    """This is neither a host name nor an IP address."""


@dataclass(frozen=True)
class Files:
    """Files of the certificates and their keys."""

    ca: Path
    ca_key: Path
    server: Path
    server_key: Path


def init(folder: Path, hosts: Sequence[str] = HOSTS) -> Files:
    """A new server certificate for the hosts, signed by the folder's authority.

    An authority is made where there is none, and anew where it ends soon, may not sign for these hosts, or was made
    before authorities had limits: then ca.pem has to be trusted anew. Any other renewal keeps that trust.
    Raises NotAHost.
    """
    names = x509.SubjectAlternativeName([_name(host) for host in hosts])
    files = Files(folder / "ca.pem", folder / "ca-key.pem", folder / "server.pem", folder / "server-key.pem")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _is_usable(files, hosts):
        _make_authority(files, hosts)
    ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
    ca_key = cast(ec.EllipticCurvePrivateKey, load_pem_private_key(files.ca_key.read_bytes(), password=None))
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _draft(SERVER, key, ca.subject, ca_key, min(SERVER_LIFETIME, ca.not_valid_after_utc - datetime.now(UTC)))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(names, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write_key(files.server_key, key)
    files.server.write_bytes(certificate.public_bytes(Encoding.PEM) + ca.public_bytes(Encoding.PEM))
    return files


def advice(files: Files, hosts: Sequence[str] = HOSTS) -> str:
    """Advice on what to write where, so that a shop on this machine finds the hosts here and trusts them."""
    ca = files.ca.resolve()
    names = [host for host in hosts if isinstance(_name(host), x509.DNSName)]
    elsewhere = [name for name in names if name != "localhost" and not name.startswith("*")]
    pointing = f"Let the hosts point here, in /etc/hosts:\n  127.0.0.1 {' '.join(elsewhere)}\n"
    return f"""\
{pointing if elsewhere else ""}Let this machine trust them (Debian, Ubuntu):
  sudo cp {ca} /usr/local/share/ca-certificates/pfennig.crt && sudo update-ca-certificates
or one program:
  curl --cacert {ca}
  php -d curl.cainfo={ca} -d openssl.cafile={ca}
  REQUESTS_CA_BUNDLE={ca} (Python's requests, and what is built on it)
  NODE_EXTRA_CA_CERTS={ca} (Node.js)
  SSL_CERT_FILE={ca} (most others: httpx, OpenSSL, Go, Ruby)
Browsers have stores of their own:
  Firefox: Settings, Certificates, Authorities, Import
  Chromium: certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n pfennig -i {ca}
"""


def _name(host: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    if not HOST_NAME.fullmatch(host):
        raise NotAHost(f"'{host}' is neither a host name nor an IP address.")
    return x509.DNSName(host)


def _is_usable(files: Files, hosts: Sequence[str]) -> bool:
    """Whether the folder's authority can sign for these hosts, and for some time."""
    if not (files.ca.exists() and files.ca_key.exists()):
        return False
    try:
        ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
        limits = ca.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except (ValueError, x509.ExtensionNotFound):
        return False
    lasts = ca.not_valid_after_utc - datetime.now(UTC)
    return RENEWED_BEFORE < lasts <= CA_LIFETIME and set(_limits(hosts)) <= set(limits)


def _limits(hosts: Sequence[str]) -> list[x509.GeneralName]:
    """Constraints on what an authority may sign for: these hosts, what is below them, and single addresses."""
    names: list[x509.GeneralName] = []
    for name in map(_name, hosts):
        if isinstance(name, x509.IPAddress):
            names.append(x509.IPAddress(ipaddress.ip_network(name.value)))
        else:
            names.append(x509.DNSName(str(name.value).removeprefix("*.")))
    return names


def _make_authority(files: Files, hosts: Sequence[str]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    limits = _limits(hosts)
    for kind, least in ((x509.IPAddress, "127.0.0.1"), (x509.DNSName, "localhost")):
        if not any(isinstance(name, kind) for name in limits):  # without one of this kind all would be allowed
            limits += _limits([least])
    certificate = (
        _draft(AUTHORITY, key, AUTHORITY, key, CA_LIFETIME)
        .add_extension(x509.NameConstraints(permitted_subtrees=limits, excluded_subtrees=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(files.ca_key, key)
    files.ca.write_bytes(certificate.public_bytes(Encoding.PEM))


def _draft(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    is_ca = subject == issuer
    usage = x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id, critical=False)
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Writes a private key that nobody else can read at any moment, whatever was there before."""
    path.unlink(missing_ok=True)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
