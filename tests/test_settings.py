"""Settings come from the command line or the environment; what is wrong with them is said in one line."""

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest

from pfennig import cli
from pfennig.commands.common import ENVIRONMENT_ONLY, settings
from pfennig.operations.core.call import MailServer
from pfennig.settings import HELP, PREFIX, SECRETS, BadSetting, Settings, checked_settings, from_environment
from pfennig.storage.crypto.encryption import new_key

NAMES = [field.name for field in fields(Settings)]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting in the environment."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def other(tmp_path: Path) -> dict[str, str]:
    """A value for each setting that is not its default and goes with the others."""
    certificate, key = tmp_path / "server.pem", tmp_path / "server-key.pem"
    certificate.touch()
    key.touch()
    return {
        "host": "0.0.0.0",  # noqa: S104
        "port": "9090",
        "database": "postgresql://me@db.test/shop",
        "profile": "operator",
        "public_url": "https://pay.example.test",
        "workers": "4",
        "pool_size": "40",
        "database_timeout": "9",
        "tls_cert": str(certificate),
        "tls_key": str(key),
        "trusted_proxies": "10.0.0.0/8, 192.0.2.1",
        "cors_origins": "https://shop.example.test, http://localhost:3000",
        "rate_limit": "60",
        "metrics_token": "a-token-for-metrics",
        "smtp": "smtps://me@mail.example.test",
        "mail_from": "payments@example.test",
        "retention": "mails=30",
        "settle_at": "04:30",
        "fee_tax": "20",
        "issuer": "Pay AG; Ring 1; 10115 Berlin",
        "data_keys": new_key(),
        "push_delay_seconds": "0",
        "creditor_id": "AT61ZZZ01234567890",
    }


def in_words(settings: Settings) -> dict[str, str]:
    """Settings as somebody would write them."""
    return {name: str(getattr(settings, name)) for name in NAMES}


def from_command_line(*arguments: str) -> Settings:
    """The settings of `pfennig serve` with these arguments."""
    return settings(cli.build().parse_args(["serve", *arguments]))


def in_environment(values: Mapping[str, str]) -> dict[str, str]:
    """The values as variables of the environment."""
    return {PREFIX + name.upper(): value for name, value in values.items()}


def on_command_line(values: Mapping[str, str]) -> list[str]:
    """The values as options."""
    return [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]


def test_every_setting_has_a_help_and_a_value_that_differs(other: dict[str, str]) -> None:
    assert list(HELP) == NAMES == list(other)
    assert not set(in_words(Settings()).items()) & set(other.items())


def test_without_a_word_the_defaults_hold() -> None:
    assert from_environment({}) == from_command_line() == Settings()


def test_every_setting_can_be_given_in_the_environment(other: dict[str, str]) -> None:
    assert in_words(from_environment(in_environment(other) | {"HOME": "/root"})) == other


def test_every_setting_can_be_given_on_the_command_line(
    other: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PFENNIG_DATA_KEYS", other["data_keys"])  # an operator's must be there, and is no option
    options = {name: value for name, value in other.items() if name not in ENVIRONMENT_ONLY}
    assert options.items() <= in_words(from_command_line(*on_command_line(options))).items()


def test_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PFENNIG_PORT", "1111")
    monkeypatch.setenv("PFENNIG_HOST", "192.0.2.7")
    given = from_command_line("--port", "2222")
    assert (given.port, given.host) == (2222, "192.0.2.7")


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ({"workers": "2"}, {"database": "postgresql://me@db.test/shop"}),
        ({"tls_cert": "server.pem"}, {"tls_key": "server.pem"}),
        ({"port": "0"}, {"port": "8080"}),
    ],
    ids=["workers and database", "certificate and key", "a wrong value and a right one"],
)
def test_environment_and_command_line_are_judged_together(
    environment: dict[str, str],
    arguments: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("server.pem").touch()
    for name, value in in_environment(environment).items():
        monkeypatch.setenv(name, value)
    given = from_command_line(*on_command_line(arguments))
    assert (environment | arguments).items() <= in_words(given).items()


def test_a_worker_finds_the_settings_of_its_supervisor(other: dict[str, str]) -> None:
    told = checked_settings(other)
    assert from_environment(told.environment()) == told


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"port": "http"}, "port"),
        ({"port": "0"}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "-1"}, "port"),
        ({"port": ""}, "port"),
        ({"workers": "0"}, "workers"),
        ({"workers": "65"}, "workers"),
        ({"workers": "two"}, "workers"),
        ({"workers": "2"}, "SQLite"),
        ({"pool_size": "4"}, "pool_size"),
        ({"pool_size": "1001"}, "pool_size"),
        ({"pool_size": "many"}, "pool_size"),
        ({"database_timeout": "0"}, "database_timeout"),
        ({"database_timeout": "61"}, "database_timeout"),
        ({"profile": "production"}, "profile"),
        ({"profile": "operator"}, "PFENNIG_DATA_KEYS"),
        ({"retention": "postings=1"}, "retention"),
        ({"settle_at": "half past four"}, "settle_at"),
        ({"settle_at": "24:00"}, "settle_at"),
        ({"fee_tax": "101"}, "fee_tax"),
        ({"creditor_id": "DE97ZZZ09999999999"}, "creditor_id"),
        ({"push_delay_seconds": "61"}, "push_delay_seconds"),
        ({"profile": ""}, "profile"),
        ({"database": "mysql://me@db.test/shop"}, "database"),
        ({"database": "postgresql://me@db.test:many/shop"}, "database"),
        ({"database": ""}, "database"),
        ({"public_url": "pay.example.test"}, "public_url"),
        ({"public_url": "ftp://pay.example.test"}, "public_url"),
        ({"public_url": "https://pay example.test"}, "public_url"),
        ({"public_url": "https://pay.example.test/shop"}, "public_url"),
        ({"public_url": "https://pay.example.test/?"}, "public_url"),
        ({"public_url": "https://pay.example.test/#top"}, "public_url"),
        ({"public_url": "https://me@pay.example.test"}, "public_url"),
        ({"trusted_proxies": "the router"}, "trusted_proxies"),
        ({"trusted_proxies": "10.0.0.1/8"}, "trusted_proxies"),
        ({"trusted_proxies": "10.0.0.0/8,,10.0.0.0/99"}, "trusted_proxies"),
        ({"cors_origins": "shop.example.test"}, "cors_origins"),
        ({"cors_origins": "https://shop.example.test, https://shop.example.test/page"}, "cors_origins"),
        ({"rate_limit": "-1"}, "rate_limit"),
        ({"smtp": "mail.example.test"}, "mail_from"),
        ({"mail_from": "payments@example.test"}, "smtp"),
        ({"smtp": "mail.example.test", "mail_from": "payments"}, "mail_from"),
        ({"smtp": "https://mail.example.test", "mail_from": "payments@example.test"}, "smtp"),
        ({"smtp": "smtp://", "mail_from": "payments@example.test"}, "smtp"),
        ({"smtp": "mail.example.test:many", "mail_from": "payments@example.test"}, "smtp"),
        ({"tls_cert": "nowhere.pem", "tls_key": "nowhere.pem"}, "nowhere.pem"),
        ({"tls_cert": "there.pem"}, "tls_key"),
        ({"tls_key": "there.pem"}, "tls_cert"),
        ({"tls_cert": "there.pem", "tls_key": "nowhere.pem"}, "nowhere.pem"),
    ],
    ids=str,
)
def test_what_is_wrong_or_contradictory_is_said_in_one_line_that_names_it(
    values: dict[str, str], word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.pem").touch()
    with pytest.raises(BadSetting, match=word) as in_variables:
        from_environment(in_environment(values))
    with pytest.raises(BadSetting, match=word) as in_options:
        from_command_line(*on_command_line(values))
    assert "\n" not in str(in_variables.value) + str(in_options.value)


@pytest.mark.parametrize("name", ["PFENNIG_PROT", "PFENNIG_", "PFENNIG_port", "PFENNIG_DATABASE_URL"])
def test_an_unknown_name_in_the_environment_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(BadSetting, match=name) as caught:
        from_environment({name: "1"})
    assert all(known in str(caught.value) for known in in_environment(in_words(Settings())))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (Settings(), "http://127.0.0.1:8080"),
        (Settings(port=80), "http://127.0.0.1"),
        (Settings(host="0.0.0.0"), "http://127.0.0.1:8080"),  # noqa: S104
        (Settings(host="::"), "http://127.0.0.1:8080"),
        (Settings(host="::1"), "http://[::1]:8080"),
        (Settings(tls_cert="server.pem", port=443), "https://127.0.0.1"),
        (Settings(tls_cert="server.pem"), "https://127.0.0.1:8080"),
        (Settings(public_url="https://pay.example.test/"), "https://pay.example.test"),
    ],
)
def test_others_reach_us_at_the_public_url_else_at_host_and_port(given: Settings, url: str) -> None:
    assert given.own_url == url


SENDER = "payments@example.test"


@pytest.mark.parametrize(
    ("smtp", "server"),
    [
        ("mail.example.test", MailServer("mail.example.test", 25, False, "", "", SENDER)),
        ("127.0.0.1:1025", MailServer("127.0.0.1", 1025, False, "", "", SENDER)),
        ("smtp://me@mail.example.test:587", MailServer("mail.example.test", 587, False, "me", "", SENDER)),
        ("smtps://me%40x:a%2Fb@[::1]", MailServer("::1", 465, True, "me@x", "a/b", SENDER)),
    ],
)
def test_a_mail_server_is_an_address_with_or_without_a_password(smtp: str, server: MailServer) -> None:
    assert checked_settings({"smtp": smtp, "mail_from": SENDER}).mail_server == server
    assert Settings().mail_server is None


@pytest.mark.parametrize(
    "smtp", ["smtps://me:se/cret@mail.example.test", "smtps://me:se#cret@x", "ftp://me:secret@x"]
)
def test_no_error_and_no_help_shows_the_password_of_a_mail_server(smtp: str) -> None:
    with pytest.raises(BadSetting) as caught:
        checked_settings({"smtp": smtp, "mail_from": SENDER})
    assert "cret" not in str(caught.value) + repr(Settings(smtp=smtp)) + cli.build().format_help()


def test_only_a_file_is_sqlite() -> None:
    assert Settings().is_sqlite
    assert not replace(Settings(), database="postgres://me@db.test/shop").is_sqlite


SECRET = "hunter2-and-more"
FILED = {
    "data_keys": new_key(),
    "database": f"postgresql://me:{SECRET}@db.test/shop",
    "metrics_token": SECRET,
    "smtp": f"smtps://me:{SECRET}@mail.example.test",
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_can_stand_in_a_file_that_the_environment_names(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(FILED[name] + "\n")
    rest = {"PFENNIG_MAIL_FROM": SENDER} if name == "smtp" else {}
    told = from_environment({f"PFENNIG_{name.upper()}_FILE": str(file)} | rest)
    assert getattr(told, name) == FILED[name]
    assert from_environment(told.environment()) == told
    assert SECRET not in repr(told)


def test_a_secret_is_not_given_twice(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(SECRET)
    given = {"PFENNIG_METRICS_TOKEN": SECRET, "PFENNIG_METRICS_TOKEN_FILE": str(tmp_path / "token")}
    with pytest.raises(BadSetting, match="PFENNIG_METRICS_TOKEN_FILE and PFENNIG_METRICS_TOKEN ") as caught:
        from_environment(given)
    assert SECRET not in str(caught.value)


def test_a_file_of_a_secret_that_cannot_be_read_is_named() -> None:
    with pytest.raises(BadSetting, match="PFENNIG_DATABASE_FILE: nowhere cannot be read"):
        from_environment({"PFENNIG_DATABASE_FILE": "nowhere"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database", FILED["database"]),
        ("database", f"postgresql://db.test/shop?user=me&password={SECRET}"),
        ("smtp", FILED["smtp"]),
        ("smtp", f"me:{SECRET}@mail.example.test:587"),
    ],
)
def test_a_password_on_the_command_line_is_refused_because_everybody_can_read_it_there(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"PFENNIG_{name.upper()}_FILE") as caught:
        from_command_line(f"--{name}", value)
    assert SECRET not in str(caught.value)


def test_what_is_nothing_but_a_secret_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        from_command_line("--metrics-token", SECRET)
    assert "unrecognized" in capsys.readouterr().err


def test_an_operator_names_the_origins_that_are_meant() -> None:
    with pytest.raises(BadSetting, match="cors_origins"):
        from_environment({"PFENNIG_CORS_ORIGINS": "*", "PFENNIG_PROFILE": "operator", "PFENNIG_DATA_KEYS": new_key()})


def test_what_is_no_key_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadSetting, match="PFENNIG_DATA_KEYS") as caught:
        from_environment({"PFENNIG_DATA_KEYS": SECRET})
    assert SECRET not in str(caught.value)


def test_an_operator_is_reached_by_https_and_by_http_on_this_machine_only() -> None:
    operator = {"profile": "operator", "data_keys": new_key()}
    with pytest.raises(BadSetting, match="https://"):
        checked_settings(operator | {"public_url": "http://pay.example.test"})
    for address in (
        "https://pay.example.test",
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ):
        assert checked_settings(operator | {"public_url": address}).own_url == address
    assert checked_settings({"public_url": "http://pay.example.test"}).own_url == "http://pay.example.test"


def test_keys_can_stand_in_a_file(tmp_path: Path) -> None:
    older, newer = new_key(), new_key()
    file = tmp_path / "keys"
    file.write_text(f"{newer}\n{older}\n")
    closed = checked_settings({"data_keys": older}).seal.close("Anna")
    assert from_environment({"PFENNIG_DATA_KEYS_FILE": str(file)}).seal.open(closed) == "Anna"
    assert older not in repr(checked_settings({"data_keys": f"{newer},{older}"}))
