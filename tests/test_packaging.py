"""What operators are handed installs and runs without the tree: the wheel, the units, the container, the alarms."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
import yaml

from pfennig import __version__, cli
from pfennig.api.metrics import COUNTED, READ
from pfennig.settings import PREFIX, from_environment
from tests.patience import PATIENCE_SECONDS
from tests.plain import NO_TLS
from tests.stories.conftest import GUIDE, free_port, until
from tests.stories.conftest import ends as ends

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = ["pfennig.service", "pfennig-push.service"]
BUILT_FROM = ["pyproject.toml", "README.md", "LICENSE"]
"""What the wheel is made of, beside the source."""

BUILD = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
"""What pip does in the end, with the backend that pyproject.toml names."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The wheel as `make wheel` builds it, from a copy of the tree.

    Only with --everything pip asks for it; else what pip would ask: it takes as long to start as that to build.
    """
    folder = tmp_path_factory.mktemp("wheel")
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, folder)
    shutil.copytree(
        ROOT / "src" / "pfennig", folder / "src" / "pfennig", ignore=shutil.ignore_patterns("__pycache__")
    )
    build = ("wheel", "--quiet", "--no-index", "--no-build-isolation", "--no-deps", "--wheel-dir", "dist", ".")
    command = ["-m", "pip", *build] if request.config.getoption("everything") else ["-c", BUILD]
    subprocess.run(
        [sys.executable, *command], cwd=folder, check=True, timeout=PATIENCE_SECONDS, stdout=subprocess.DEVNULL
    )
    [made] = (folder / "dist").iterdir()
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel in it, and with what it needs borrowed from our own."""
    folder = tmp_path_factory.mktemp("fresh") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=PATIENCE_SECONDS)
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python")
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", wheel], check=True, timeout=PATIENCE_SECONDS
    )
    [packages] = folder.glob("lib/python*/site-packages")
    # Paths in such a file are searched, but files like it there are not: so our own tree is out of sight.
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "borrowed.pth").write_text("\n".join(sorted(borrowed)))
    return folder / "bin"


def bare() -> dict[str, str]:
    """The environment without our settings, and without what leads Python to the tree."""
    return {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PYTHON"))}


def said(program: Path, *arguments: str, folder: Path) -> str:
    """What a program says."""
    done = subprocess.run(
        [program, *arguments], cwd=folder, env=bare(), capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    source = ROOT / "src"
    ours = {str(path.relative_to(source)) for path in (source / "pfennig").rglob("*") if path.is_file()}
    with ZipFile(wheel) as archive:
        there = set(archive.namelist())
    assert {name for name in ours if "__pycache__" not in name} == {n for n in there if ".dist-info/" not in n}
    assert wheel.name.startswith(f"pfennig-{__version__}-")


def test_the_wheel_says_under_which_licence_it_is_and_brings_its_text(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        [about] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = message_from_bytes(archive.read(about))
        licence = archive.read(about.replace("METADATA", f"licenses/{metadata['License-File']}"))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Author"] == "Pfennig contributors"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert licence == (ROOT / "LICENSE").read_bytes()


@pytest.mark.everything
def test_the_wheel_runs_without_the_tree_and_serves(
    installed: Path, tmp_path: Path, ends: Callable[[Any], Any]
) -> None:
    place = said(installed / "python", "-c", "import pfennig; print(pfennig.__file__)", folder=tmp_path)
    assert Path(place.strip()).is_relative_to(installed.parent)
    assert said(installed / "pfennig", "--version", folder=tmp_path) == f"pfennig {__version__}\n"
    assert "serve" in said(installed / "pfennig", "--help", folder=tmp_path)
    url = f"http://127.0.0.1:{(port := free_port())}"
    with (tmp_path / "log").open("wb") as log:
        command: list[str | Path] = [installed / "pfennig", "serve", "--port", str(port)]
        process = subprocess.Popen(command, cwd=tmp_path, env=bare(), stdout=log, stderr=log)
    try:
        until(lambda: process.poll() is not None or answers(url))
        assert httpx.post(f"{url}/oauth/token", json=GUIDE, verify=NO_TLS).json()["access_token"]
        assert httpx.get(f"{url}/embed.js", verify=NO_TLS).status_code == 200
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    """Whether somebody serves there."""
    try:
        return httpx.get(f"{url}/health/ready", verify=NO_TLS).status_code == 200
    except httpx.TransportError:
        return False


def service(name: str) -> dict[str, str]:
    """What a unit says of its service; of what is said more than once the last."""
    text = (DEPLOY / name).read_text().partition("[Service]")[2].partition("[Install]")[0]
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_runs_a_command_that_there_is_as_nobody_in_particular(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said_of = service(name)
    program, *arguments = said_of["ExecStart"].split()
    assert program == "/opt/pfennig/bin/pfennig"
    with pytest.raises(SystemExit, match=r"^0$"):
        cli.main([*arguments, "--help"])
    assert "usage: pfennig" in capsys.readouterr().out
    for setting in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictNamespaces"):
        assert said_of[setting] == "yes"
    assert said_of["ProtectSystem"] == "strict"
    assert said_of["CapabilityBoundingSet"] == ""
    secret = said_of["Environment"].partition("=")[0]
    (tmp_path / "database").write_text("postgresql://pfennig@db.example.test/pfennig\n")
    assert not from_environment({secret: str(tmp_path / "database")}).is_sqlite


def test_systemd_understands_the_units_and_finds_them_well_guarded(tmp_path: Path) -> None:
    """Where there is no systemd the test before this one has to be enough."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    for name in UNITS:
        text = (DEPLOY / name).read_text().replace("/opt/pfennig/bin/pfennig", sys.executable)
        (tmp_path / name).write_text(text)
        checked = subprocess.run([analyze, "verify", tmp_path / name], capture_output=True, text=True, check=False)
        assert name not in checked.stderr, checked.stderr
        done = subprocess.run(
            [analyze, "security", "--offline=true", "--threshold=25", "--no-pager", tmp_path / name],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_container_is_made_of_files_that_are_there_and_runs_as_nobody_in_particular() -> None:
    text = re.sub(r"\\\n", "", (DEPLOY / "Containerfile").read_text())
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    copied = [rest.split()[:-1] for word, rest in lines if word == "COPY" and "--from" not in rest]
    assert all((ROOT / name).exists() for names in copied for name in names)
    assert {*BUILT_FROM, "src"} <= {name for names in copied for name in names}
    said_last = dict(lines)
    assert int(said_last["USER"]) >= 1000
    assert said_last["ENTRYPOINT"] == '["/opt/pfennig/bin/pfennig"]'
    names = re.findall(r"(PFENNIG_\w+)=(\S+)", said_last["ENV"])
    assert from_environment(dict(names)).host == "0.0.0.0"  # noqa: S104


def test_alarms_speak_of_metrics_that_there_are_and_say_what_is_wrong() -> None:
    known = {*COUNTED, *READ, "pfennig_request_seconds_bucket"}
    [group] = yaml.safe_load((ROOT / "docs" / "alarms.yaml").read_text())["groups"]
    mentioned: set[str] = set()
    for rule in group["rules"]:
        mentioned |= set(re.findall(r"pfennig_\w+", rule["expr"]))
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("page", "ticket")
    assert mentioned <= known
    gauges = {name for name in READ if name != "pfennig_info"}
    assert gauges - mentioned <= {"pfennig_outbox_open", "pfennig_outbox_age_seconds", "pfennig_payments_under_way"}
