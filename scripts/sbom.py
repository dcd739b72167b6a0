"""Print the software bill of materials (CycloneDX 1.6, JSON) of what requirements.lock installs.

It describes the environment it runs in, and refuses one that is not what the lock says. A
component is `required` by Sealgate itself, `optional` for one of its extras, or `excluded`: needed
for development and tests only.

    .venv/bin/python scripts/sbom.py >sealgate.cdx.json
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[1]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_DEVELOPMENT = "dev"
_NOT_LOCKED = frozenset({"pip", "setuptools", "sealgate"})
_LICENCE = "License :: OSI Approved :: "
_SHA256 = HashAlgorithm.SHA_256
_LONGEST_NAME = 60
"""Some packages write the whole text of their licence where its name belongs."""


class Pin(NamedTuple):
    """What the lock says of a package."""

    version: str
    hashes: tuple[str, ...]
    """SHA-256 of each file that may be installed, in hexadecimal."""


def locked() -> dict[str, Pin]:
    """Return what the lock names, by canonical name."""
    text = (_ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(
        r"(?m)^([A-Za-z0-9._-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", text
    )
    return {
        canonicalize_name(name): Pin(version, tuple(re.findall("[0-9a-f]{64}", hashes)))
        for name, version, hashes in pins
    }


def installed() -> dict[str, metadata.Distribution]:
    """Return what is installed beside Sealgate and pip, by canonical name."""
    found = {canonicalize_name(one.metadata["Name"]): one for one in metadata.distributions()}
    return {name: one for name, one in found.items() if name not in _NOT_LOCKED}


def differences() -> list[str]:
    """Tell in what the environment differs from the lock."""
    wanted = {name: pin.version for name, pin in locked().items()}
    present = {name: one.version for name, one in installed().items()}
    names = sorted(wanted.keys() | present.keys())
    return [
        f"{name}: {present.get(name, 'missing')} instead of {wanted.get(name, 'nothing')}"
        for name in names
        if wanted.get(name) != present.get(name)
    ]


def licence_of(distribution: metadata.Distribution) -> str:
    """Return what a package says of its licence, in its own words; empty when it says nothing."""
    told = distribution.metadata
    written = told.get("License-Expression") or told.get("License") or ""
    named = [one.removeprefix(_LICENCE) for one in told.get_all("Classifier") or ()]
    listed = [one for one in named if one.endswith(("License", ")")) and " :: " not in one]
    short = written if "\n" not in written and len(written) <= _LONGEST_NAME else ""
    return short or " OR ".join(listed)


def scopes() -> dict[str, ComponentScope]:
    """Return what each package is needed for."""
    extras: dict[str, list[str]] = _PROJECT["optional-dependencies"]
    optional = [one for name, listed in extras.items() if name != _DEVELOPMENT for one in listed]
    found = dict.fromkeys(installed(), ComponentScope.EXCLUDED)
    found |= dict.fromkeys(_closure(optional), ComponentScope.OPTIONAL)
    return found | dict.fromkeys(_closure(_PROJECT["dependencies"]), ComponentScope.REQUIRED)


def _closure(declared: Iterable[str]) -> set[str]:
    """Return what requirements lead to, with what their extras ask for."""
    present, seen = installed(), set()
    pending = [(Requirement(one), "") for one in declared]
    while pending:
        requirement, extra = pending.pop()
        marker, name = requirement.marker, canonicalize_name(requirement.name)
        if name not in present or (marker is not None and not marker.evaluate({"extra": extra})):
            continue
        for wanted in ("", *requirement.extras):
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                pending += [(Requirement(one), wanted) for one in present[name].requires or ()]
    return {name for name, _ in seen}


def _components() -> Iterator[Component]:
    factory, scope, pins = LicenseFactory(), scopes(), locked()
    for name, distribution in sorted(installed().items()):
        licence = licence_of(distribution)
        yield Component(
            name=distribution.metadata["Name"],
            version=distribution.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{name}=={distribution.version}",
            purl=PackageURL("pypi", None, name, distribution.version),
            scope=scope[name],
            licenses=[factory.make_from_string(licence)] if licence else (),
            external_references=[
                ExternalReference(
                    type=ExternalReferenceType.DISTRIBUTION,
                    url=XsUri(f"https://pypi.org/project/{name}/{distribution.version}/"),
                    hashes=[HashType(alg=_SHA256, content=one) for one in pins[name].hashes],
                )
            ],
        )


def bill() -> Bom:
    """Return the bill of the environment this runs in."""
    components = {canonicalize_name(one.name): one for one in _components()}
    own = Component(
        name="sealgate",
        version=metadata.version("sealgate"),
        type=ComponentType.APPLICATION,
        bom_ref="sealgate",
        licenses=[LicenseFactory().make_from_string(_PROJECT["license"])],
    )
    bom = Bom(components=components.values())
    bom.metadata.component = own
    direct = (canonicalize_name(Requirement(one).name) for one in _PROJECT["dependencies"])
    bom.register_dependency(own, [components[name] for name in direct])
    for name, distribution in installed().items():
        needed = (Requirement(one) for one in distribution.requires or ())
        plain = {
            canonicalize_name(one.name)
            for one in needed
            if one.marker is None or one.marker.evaluate({"extra": ""})
        }
        below = [components[one] for one in sorted(plain & components.keys())]
        bom.register_dependency(components[name], below)
    return bom


def main() -> int:
    """Print the bill; refuse an environment that differs from the lock."""
    wrong = differences()
    if wrong:
        wrong.append("this environment is not what requirements.lock says: make clean")
        sys.stderr.write("\n".join(wrong) + "\n")
        return 1
    written = make_outputter(bill(), OutputFormat.JSON, SchemaVersion.V1_6)
    sys.stdout.write(written.output_as_string(indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
