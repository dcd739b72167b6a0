"""Registered seals beside those of `gateway.yaml`: one set of names for the rules."""

from __future__ import annotations

from pathlib import Path

from gateway.core.registry import RegisteredSeal, Standing
from gateway.core.rules import Seal
from gateway.settings.parsing import Notes
from gateway.settings.problems import did_you_mean
from gateway.settings.site_builder import DefinedNames


def state_of(root: Path, value: object) -> Path:
    """Return the state folder that `gateway.yaml` names, be the rest of the file faulty."""
    written = value.get("state", "state") if isinstance(value, dict) else "state"
    return root / written if isinstance(written, str) else root / "state"


def rules_of(root: Path, value: object) -> Path:
    """Return the folder of rules that `gateway.yaml` names, be the rest of the file faulty."""
    written = value.get("rules", "rules") if isinstance(value, dict) else "rules"
    return root / written if isinstance(written, str) else root / "rules"


def rule_seals(registered: tuple[RegisteredSeal, ...]) -> tuple[Seal, ...]:
    """Return registered seals, whatever their standing, as rules know them: by their newest look.

    A revoked seal stays, so that revoking it never makes a configuration invalid.
    """
    return tuple(
        Seal(
            name=seal.name,
            artwork=seal.newest.artwork,
            width=seal.newest.width,
            height=seal.newest.height,
            service=seal.service,
            version=seal.newest.number,
        )
        for seal in registered
        if seal.versions
    )


def check_registered(
    notes: Notes, defined: DefinedNames, registered: tuple[RegisteredSeal, ...]
) -> None:
    """Note names that are used twice, services that are not there, and a site without seals."""
    for seal in registered:
        if seal.name in defined.seals:
            what = f"There is a registered seal {seal.name}, too."
            remedy = "Give this one another name, here and in the rules that mean it."
            notes.add(("seals", seal.name), "settings.duplicate-name", what, remedy, key=True)
        if seal.standing is Standing.ACTIVE and seal.service not in defined.services:
            what = f"Registered seal {seal.name} signs with service {seal.service}: there is none."
            near = did_you_mean(seal.service, defined.services)
            remedy = f"Define it, or use sealgate seals change {seal.name} --service NAME.{near}"
            notes.add(("services",), "settings.unknown-name", what, remedy, key=True)
    if not defined.seals and not registered:
        what = "There is no seal."
        remedy = "Define one under seals, or register one: sealgate seals add."
        notes.add(("seals",), "settings.missing-key", what, remedy)
