"""Certificates of our own: whoever trusts the authority connects, anyone else refuses."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from pfennig import tls


def shake_hands(files: tls.Files, host: str, trusted: Path | None = None) -> None:
    """Connect to the host, served with the files, as a client that trusts the system's authorities or one."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.server, files.server_key)
    client = ssl.create_default_context(cafile=trusted)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    here, there = socket.socketpair()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(server.wrap_socket, here, server_side=True)
        with client.wrap_socket(there, server_hostname=host), answer.result():
            pass


@pytest.mark.parametrize("host", tls.HOSTS)
def test_whoever_trusts_the_authority_connects(tmp_path: Path, host: str) -> None:
    files = tls.init(tmp_path / "tls")
    shake_hands(files, host, trusted=files.ca)


def test_anyone_else_refuses(tmp_path: Path) -> None:
    files = tls.init(tmp_path / "tls")
    stranger = tls.init(tmp_path / "stranger")
    for trusted in (None, stranger.ca):
        with pytest.raises(ssl.SSLCertVerificationError):
            shake_hands(files, "localhost", trusted)


def test_a_certificate_holds_for_its_hosts_only(tmp_path: Path) -> None:
    files = tls.init(tmp_path / "tls", ["shop.test", "*.pay.test"])
    shake_hands(files, "www.pay.test", trusted=files.ca)
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        shake_hands(files, "localhost", trusted=files.ca)


def test_a_renewal_keeps_the_trust(tmp_path: Path) -> None:
    files = tls.init(tmp_path, ["shop.test", "pay.test"])
    before = files.ca.read_bytes(), files.ca_key.read_bytes()
    assert tls.init(tmp_path, ["shop.test"]) == files
    assert (files.ca.read_bytes(), files.ca_key.read_bytes()) == before
    shake_hands(files, "shop.test", trusted=files.ca)


def test_the_authority_signs_for_its_own_hosts_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who steals its key cannot be somebody else's bank."""
    files = tls.init(tmp_path, ["shop.test", "127.0.0.1"])
    monkeypatch.setattr(tls, "_is_usable", lambda *_: True)
    for host in ("bank.test", "10.0.0.1", "::1"):
        tls.init(tmp_path, [host])
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            shake_hands(files, host, trusted=files.ca)
    tls.init(tmp_path, ["www.shop.test"])
    shake_hands(files, "www.shop.test", trusted=files.ca)


@pytest.mark.parametrize("hosts", [["shop.test"], ["127.0.0.1"]])
def test_the_authority_has_limits_of_each_kind_and_lives_a_year(tmp_path: Path, hosts: list[str]) -> None:
    files = tls.init(tmp_path, hosts)
    ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
    server = x509.load_pem_x509_certificate(files.server.read_bytes())
    limits = ca.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert {type(name) for name in limits.value.permitted_subtrees or []} == {x509.DNSName, x509.IPAddress}
    assert timedelta(days=364) < ca.not_valid_after_utc - datetime.now(UTC) < timedelta(days=366)
    assert server.not_valid_after_utc <= ca.not_valid_after_utc


@pytest.mark.parametrize("why", ["other hosts", "no limits", "ends soon", "too long"])
def test_an_authority_that_will_not_do_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    with monkeypatch.context() as earlier:
        if why in ("ends soon", "too long"):
            earlier.setattr(tls, "CA_LIFETIME", timedelta(days=20 if why == "ends soon" else 3652))
        if why == "no limits":
            earlier.setattr(x509, "NameConstraints", lambda **_: x509.OCSPNoCheck())
        files = tls.init(tmp_path, ["shop.test"])
    before = files.ca.read_bytes()
    hosts = ["shop.test", *(["pay.test"] if why == "other hosts" else [])]
    tls.init(tmp_path, hosts)
    assert files.ca.read_bytes() != before
    for host in hosts:
        shake_hands(files, host, trusted=files.ca)


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    (tmp_path / "server-key.pem").touch(mode=0o644)
    files = tls.init(tmp_path)
    new = tls.init(tmp_path / "new")
    keys = (files.ca_key, files.server_key, new.ca_key, new.server_key)
    assert {path.stat().st_mode & 0o777 for path in keys} == {0o600}
    assert new.ca.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("host", ["https://shop.test", "shop test", "-shop.test", "", "SHOP.test/", "a..b"])
def test_what_is_no_host_is_refused_before_anything_is_made(tmp_path: Path, host: str) -> None:
    with pytest.raises(tls.NotAHost):
        tls.init(tmp_path / "tls", ["localhost", host])
    assert not list(tmp_path.iterdir())


def test_the_advice_names_the_authority_and_the_hosts_that_are_elsewhere(tmp_path: Path) -> None:
    files = tls.init(tmp_path)
    advice = tls.advice(files, ["localhost", "127.0.0.1", "shop.test", "*.pay.test", "www.pay.test"])
    assert "\n  127.0.0.1 shop.test www.pay.test\n" in advice
    assert f"--cacert {files.ca}" in advice
    for variable in ("REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"):
        assert f"{variable}={files.ca}" in advice
    assert str(files.ca_key) not in advice
    assert "/etc/hosts" not in tls.advice(files, ["localhost"])
