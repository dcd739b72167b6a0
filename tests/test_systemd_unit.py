"""The unit of systemd: accepted, tight, explained, and in step with the command line."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.cli.arguments import parser

_UNIT = Path(__file__).parents[1] / "systemd" / "sealgate.service"

_SERVICES = sorted(path.name for path in _UNIT.parent.glob("*.service"))
_TIMED = sorted(path.stem for path in _UNIT.parent.glob("*.timer"))


def _settings(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", _UNIT.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return a copy of the unit that starts a program which this machine has."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("not installed: systemd-analyze")
    copy = tmp_path / "sealgate.service"
    text = _UNIT.read_text(encoding="utf-8")
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text), encoding="utf-8")
    return copy


def _analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_systemd_accepts_the_unit(unit: Path) -> None:
    """systemd finds nothing to complain of."""
    done = _analyze("verify", "--man=no", unit)
    complaints = [line for line in done.stderr.splitlines() if "sealgate" in line]
    assert (done.returncode, complaints) == (0, [])


@pytest.mark.parametrize("name", _SERVICES)
def test_exposure_is_low(name: str, tmp_path: Path) -> None:
    """By systemd's own measure (0 is nothing at all, 10 is a service without limits) it is low."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("not installed: systemd-analyze")
    text = (_UNIT.parent / name).read_text(encoding="utf-8")
    copied = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text)
    (tmp_path / name).write_text(copied, encoding="utf-8")
    done = _analyze("security", "--offline=true", "--no-pager", tmp_path / name)
    found = re.search(rf"exposure level for {re.escape(name)}: ([0-9.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found.group(1)) <= 1.5
    assert re.search(r"(?m)^UMask=00[27]7$", text)


@pytest.mark.parametrize("name", _SERVICES)
def test_readers_may_shut_themselves_in(name: str) -> None:
    """The filter of each unit leaves readers the calls by which they give up all other files."""
    text = (_UNIT.parent / name).read_text(encoding="utf-8")
    allowed = " ".join(re.findall(r"(?m)^SystemCallFilter=([^~].*)$", text)).split()
    assert {f"landlock_{one}" for one in ("create_ruleset", "add_rule", "restrict_self")} <= set(
        allowed
    )


@pytest.mark.parametrize("name", _SERVICES)
def test_every_line_is_explained(name: str) -> None:
    """Above each setting, or above those it stands together with, there is a comment."""
    explained, bare = False, []
    for line in (_UNIT.parent / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            explained = True
        elif not line or line.startswith("["):
            explained = False
        elif not explained:
            bare.append(line)
    assert bare == []


def test_the_command_exists() -> None:
    """What the unit starts is understood by the command line."""
    (command,) = _settings("ExecStart")
    chosen = parser().parse_args(command.split()[1:])
    assert chosen.command == "run"
    assert str(chosen.site) in _settings("ReadWritePaths")


def test_life_is_supervised() -> None:
    """The daemon tells when it is ready and that it is alive, and is started again."""
    assert _settings("Type") == ["notify"]
    assert _settings("Restart") == ["on-failure"]
    assert int(_settings("WatchdogSec")[0]) > 120
    assert _settings("User") == ["sealgate"]


@pytest.mark.parametrize("stem", _TIMED)
def test_systemd_accepts_what_is_timed(stem: str, tmp_path: Path) -> None:
    """A timer and what it starts are accepted, and it starts a command that exists."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("not installed: systemd-analyze")
    for name in (f"{stem}.service", f"{stem}.timer"):
        text = (_UNIT.parent / name).read_text(encoding="utf-8")
        copied = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text)
        (tmp_path / name).write_text(copied, encoding="utf-8")
        found = re.search(r"(?m)^ExecStart=\S+/sealgate (.*)$", text)
        if found is not None:
            chosen = parser().parse_args(found.group(1).split())
            assert chosen.command == "backup" or chosen.renew
    done = _analyze("verify", "--man=no", tmp_path / f"{stem}.timer")
    complaints = [line for line in done.stderr.splitlines() if "sealgate" in line]
    assert (done.returncode, complaints) == (0, [])


def test_the_console_is_as_tight_as_the_daemon(tmp_path: Path) -> None:
    """Its unit is accepted, starts a command that exists, and forbids what the daemon's does."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("not installed: systemd-analyze")
    name = "sealgate-console.service"
    text = (_UNIT.parent / name).read_text(encoding="utf-8")
    found = re.search(r"(?m)^ExecStart=\S+/sealgate (.*)$", text)
    assert found is not None
    assert parser().parse_args(found.group(1).split()).command == "console"
    copied = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text)
    (tmp_path / name).write_text(copied, encoding="utf-8")
    done = _analyze("verify", "--man=no", tmp_path / name)
    complaints = [line for line in done.stderr.splitlines() if "sealgate" in line]
    assert (done.returncode, complaints) == (0, [])
    security = _UNIT.read_text(encoding="utf-8").partition("# --- what may be written ---")[2]
    for line in security.partition("[Install]")[0].splitlines():
        assert line.startswith("#") or line in text.splitlines(), line
