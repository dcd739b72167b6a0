"""The software bill of materials: what is installed, why, and under which licence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[1]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_ALLOWED = re.compile(
    r"MIT|MIT-0|MIT License|MIT license|MIT-CMU|ISC|BSD|BSD License|0BSD|BSD-[23]-Clause|"
    r"BSD 2-Clause License|Apache-2\.0|Apache 2\.0|Apache License 2\.0|Apache Software License|"
    r"Dual License|PSF-2\.0|PSFL|Python Software Foundation License|CNRI-Python|MPL-2\.0|"
    r"Mozilla Public License 2\.0( \(MPL 2\.0\))?|LGPL-2\.1|LGPL-3\.0-only|dependency licenses?"
)
"""Licences under which a work under Apache-2.0 may use a library unchanged; no GPL or AGPL."""


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """Return the bill that `make sbom` writes, read again."""
    command = [sys.executable, str(_ROOT / "scripts" / "sbom.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(done.stdout) is None
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def _licences(component: dict[str, Any]) -> list[str]:
    told = component.get("licenses", [])
    return [
        one.get("expression") or one["license"].get("id", "") or one["license"]["name"]
        for one in told
    ]


def test_it_lists_what_the_lock_installs(bill: dict[str, Any]) -> None:
    """Exactly the packages of requirements.lock, each with version, address and hashes."""
    text = (_ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"(?m)^[A-Za-z0-9._-]+==[^ \n]+", text))
    listed = {f"{one['name']}=={one['version']}" for one in bill["components"]}
    assert {_canonical(one) for one in listed} == {_canonical(one) for one in locked}
    for one in bill["components"]:
        assert one["purl"].startswith(f"pkg:pypi/{canonicalize_name(one['name'])}@")
        (reference,) = one["externalReferences"]
        assert reference["hashes"]
        assert all(f"sha256:{told['content']}" in text for told in reference["hashes"])
    assert bill["metadata"]["component"]["name"] == "sealgate"


def _canonical(pin: str) -> str:
    name, _, version = pin.partition("==")
    return f"{canonicalize_name(name)}=={version}"


def test_every_licence_may_be_used(bill: dict[str, Any]) -> None:
    """Each package says under which licence it is, and all of them go with Apache-2.0."""
    for one in bill["components"]:
        told = _licences(one)
        assert told, one["name"]
        for part in re.split(r" (?:AND|OR) |, ", " AND ".join(told)):
            assert _ALLOWED.fullmatch(part), (one["name"], part)


def test_what_is_needed_at_run_time_is_told_from_the_rest(bill: dict[str, Any]) -> None:
    """Tools of tests do not look as if they ran where documents are sealed."""
    scopes = {canonicalize_name(one["name"]): one["scope"] for one in bill["components"]}
    for name in ("pyhanko", "requests", "cffi", "starlette"):
        assert scopes[name] == "required", name
    for name in ("psycopg", "botocore", "certomancer", "smbprotocol"):
        assert scopes[name] == "optional", name
    for name in ("pytest", "moto", "playwright", "hatchling"):
        assert scopes[name] == "excluded", name
    known = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    direct = {canonicalize_name(Requirement(one).name) for one in _PROJECT["dependencies"]}
    assert {ref.partition("==")[0] for ref in known["sealgate"]} == direct


def test_every_choice_is_explained() -> None:
    """docs/dependencies.md names every package that pyproject.toml asks for."""
    page = (_ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    words = {canonicalize_name(word) for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", page)}
    extras = _PROJECT["optional-dependencies"].values()
    for declared in (*_PROJECT["dependencies"], *(one for extra in extras for one in extra)):
        assert canonicalize_name(Requirement(declared).name) in words, declared
