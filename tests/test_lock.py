"""The lock file: exact, complete, with hashes, and in step with pyproject.toml."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( \\)?")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_DECLARED = [
    *_PROJECT["project"]["dependencies"],
    *(one for extra in _PROJECT["project"]["optional-dependencies"].values() for one in extra),
    *_PROJECT["build-system"]["requires"],
]


def _lines() -> list[str]:
    return (_ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()


def _locked() -> dict[str, str]:
    pins = [line.removesuffix(" \\").split("==") for line in _lines() if _PIN.match(line)]
    return {canonicalize_name(name): version for name, version in pins}


def test_every_line_is_one_exact_version() -> None:
    """No range, no address, no option: the same files wherever it is installed."""
    for line in _lines():
        assert line.startswith("#") or _PIN.fullmatch(line) or _HASH.fullmatch(line), line


def test_every_version_has_its_hashes() -> None:
    """Below each version stand the hashes of its files; one put in by hand lacks none."""
    lines = [*_lines(), ""]
    for line, below in pairwise(lines):
        follows = line.endswith("\\")
        assert bool(_HASH.match(below)) == follows, line
        assert follows or not _PIN.match(line), f"{line}: run scripts/lock.sh --keep"


def test_what_has_another_hash_is_not_installed(tmp_path: Path) -> None:
    """A file that is not the one that was locked is refused, whatever the index says of it."""
    wheel = tmp_path / "trial-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr(
            "trial-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: trial\nVersion: 1.0\n"
        )
        packed.writestr("trial-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        packed.writestr("trial-1.0.dist-info/RECORD", "")
    script = (_ROOT / "scripts" / "setup.sh").read_text(encoding="utf-8")
    (options,) = re.findall(r"pip install (.*) --requirement requirements\.lock", script)
    ends = []
    for digest in (hashlib.sha256(wheel.read_bytes()).hexdigest(), "0" * 64):
        lock = tmp_path / "requirements.lock"
        lock.write_text(f"trial==1.0 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", *options.split()]
        places = ["--no-index", f"--find-links={tmp_path}", f"--target={tmp_path / 'there'}"]
        done = subprocess.run(
            [*command, *places, "-r", str(lock)], capture_output=True, check=False
        )
        ends.append((done.returncode, b"DO NOT MATCH THE HASHES" in done.stderr))
    assert ends == [(0, False), (1, True)]


def test_no_package_stands_twice() -> None:
    """What is installed does not depend on the order of lines."""
    names = [line.split("==")[0] for line in _lines() if _PIN.match(line)]
    assert len({canonicalize_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("declared", _DECLARED)
def test_every_requirement_is_locked_within_its_range(declared: str) -> None:
    """What pyproject.toml asks for is in the lock, at a version it allows."""
    requirement = Requirement(declared)
    version = _locked().get(canonicalize_name(requirement.name))
    assert version is not None
    assert requirement.specifier.contains(version)
