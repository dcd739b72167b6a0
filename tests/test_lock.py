"""The lock file: exact, complete, and in step with pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[1]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_DECLARED = [
    *_PROJECT["project"]["dependencies"],
    *(one for extra in _PROJECT["project"]["optional-dependencies"].values() for one in extra),
    *_PROJECT["build-system"]["requires"],
]


def _lines() -> list[str]:
    return (_ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()


def _locked() -> dict[str, str]:
    pins = [line.split("==") for line in _lines() if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_every_line_is_one_exact_version() -> None:
    """No range, no address, no option: the same versions wherever it is installed."""
    for line in _lines():
        assert re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line


def test_no_package_stands_twice() -> None:
    """What is installed does not depend on the order of lines."""
    names = [line.split("==")[0] for line in _lines() if not line.startswith("#")]
    assert len({canonicalize_name(name) for name in names}) == len(names)


@pytest.mark.parametrize("declared", _DECLARED)
def test_every_requirement_is_locked_within_its_range(declared: str) -> None:
    """What pyproject.toml asks for is in the lock, at a version it allows."""
    requirement = Requirement(declared)
    version = _locked().get(canonicalize_name(requirement.name))
    assert version is not None
    assert requirement.specifier.contains(version)
