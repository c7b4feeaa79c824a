"""Files that hold secrets, money or people are their owner's alone, and an operator hears of those that are not."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pfennig import cli, files, foundation
from pfennig.settings import BadSetting, Settings
from pfennig.storage.crypto.encryption import new_key
from pfennig.storage.database import Database
from tests.conftest import StoppedClock


@pytest.fixture(autouse=True)
def careless() -> Iterator[None]:
    """Whoever starts it lets everybody read what it makes."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    """Who may do what with a file."""
    return path.stat().st_mode & 0o777


def test_a_database_and_its_journals_are_their_owners(tmp_path: Path) -> None:
    store = Database(str(tmp_path / "pfennig.db"), StoppedClock())
    foundation.require_tables(Settings(database=str(tmp_path / "pfennig.db")), store)
    lock = foundation.lock_file(str(tmp_path / "pfennig.db"))
    with store.unit():
        made = {path.name: rights(path) for path in tmp_path.iterdir()}
    assert set(made) == {f"pfennig.db{end}" for end in ("", "-wal", "-shm", ".lock")}
    assert set(made.values()) == {0o600}
    lock.close()
    store.close()


def test_a_database_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "old.db").touch(mode=0o640)
    store = Database(str(tmp_path / "old.db"), StoppedClock())
    with store.unit():
        assert rights(tmp_path / "old.db") == 0o640
    store.close()


def test_a_new_key_is_its_owners(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "keys"
    assert cli.main(["keys", "new", "--file", str(file)]) == 0
    assert rights(file) == 0o600
    assert Settings(data_keys=file.read_text()).seal
    assert not capsys.readouterr().out
    assert cli.main(["keys", "new", "--file", str(file)]) == 2, "a key is never written over"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of keys that the settings name."""
    file = tmp_path / "the keys"
    file.write_text(new_key())
    monkeypatch.setenv("PFENNIG_DATA_KEYS_FILE", str(file))
    return file


OPERATOR = Settings(profile="operator", database="postgresql://db.example.test/pfennig")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_an_operators_keys_that_others_can_read_are_refused(keys: Path, mode: int) -> None:
    keys.chmod(mode)
    with pytest.raises(BadSetting, match=r"PFENNIG_DATA_KEYS_FILE: others can read .* `chmod 600 '.*/the keys'`"):
        foundation.require_private_files(OPERATOR)
    keys.chmod(0o600)
    foundation.require_private_files(OPERATOR)


def test_so_is_a_key_of_a_certificate(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.touch(mode=0o644)
    with pytest.raises(BadSetting, match="tls_key"):
        foundation.require_private_files(replace(OPERATOR, tls_key=str(key)))


def test_a_twin_only_warns(keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys.chmod(0o644)
    (tmp_path / "old.db").touch(mode=0o644)
    foundation.require_private_files(Settings(database=str(tmp_path / "old.db")))
    said = capsys.readouterr().err
    assert "pfennig: PFENNIG_DATA_KEYS_FILE: others can read" in said
    assert "pfennig: database: others can read" in said


def test_what_a_container_was_handed_is_fine(keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.chmod(0o444)
    mounts = tmp_path / "mountinfo"
    monkeypatch.setattr(files, "MOUNTS", mounts)
    line = "36 25 0:31 / {} rw,relatime - {} none rw\n"
    for point, kind, is_fine in (
        (tmp_path, "tmpfs", True),
        (keys, "tmpfs", True),
        (tmp_path, "ext4", False),
        (Path("/tmp"), "tmpfs", False),  # noqa: S108 - it is everybody's
    ):
        mounts.write_text(line.format("/", "overlay") + line.format(str(point).replace(" ", "\\040"), kind))
        assert files.is_exposed(keys) is not is_fine, (point, kind)


def test_what_nobody_can_change_was_put_there_for_us(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.chmod(0o444)
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result((0,) * 8 + (os.ST_RDONLY, 0)))
    foundation.require_private_files(OPERATOR)


def test_a_service_may_read_by_its_group_what_is_roots(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    if keys.stat().st_uid == 0:
        keys.chmod(0o640)
        assert not files.is_exposed(keys)
    keys.chmod(0o644)
    assert files.is_exposed(keys)
