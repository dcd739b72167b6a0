"""Load a site's configuration: one immutable snapshot, or every problem at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.core.errors import ConfigurationFault, Problem
from gateway.core.rules import Rule, Rulebook, Seal
from gateway.core.site import SiteSettings
from gateway.ports import SealArtwork
from gateway.settings.parsing import Notes, parse
from gateway.settings.rule_builder import RuleBuilder
from gateway.settings.rule_files import load_rules
from gateway.settings.site_builder import Built, DefinedNames, SiteBuilder
from gateway.settings.site_models import SiteFile
from gateway.settings.yaml_file import read_yaml

SITE_FILE = "gateway.yaml"


@dataclass(frozen=True)
class LoadedSite:
    """A checked configuration."""

    settings: SiteSettings
    rulebook: Rulebook
    canonical: str
    """Canonical JSON of rules and seals, whose SHA-256 is the snapshot's name."""


def load(
    root: Path, artwork: SealArtwork, environment: Mapping[str, str], *, with_rules: bool = True
) -> LoadedSite:
    """Read `gateway.yaml` and all rule files of the site at `root`.

    `with_rules` off leaves the rulebook empty, for commands that only look: a broken rule must
    not keep anybody from seeing what it broke.

    Raises `ConfigurationFault` with every problem in every file, by file, line and column.
    """
    problems: list[Problem] = []
    built, defined = _load_site(root, artwork, environment, problems)
    rules: tuple[Rule, ...] = ()
    if with_rules:
        folder = built.settings.rules if built is not None else root / "rules"
        rules = load_rules(root, folder, RuleBuilder(defined), problems)
    if problems or built is None:
        raise ConfigurationFault(tuple(sorted(problems, key=_order)))
    canonical = _canonical(rules, built.seals)
    snapshot = hashlib.sha256(canonical.encode()).hexdigest()
    return LoadedSite(built.settings, Rulebook(snapshot, rules, built.seals), canonical)


def sandbox_state(root: Path) -> Path | None:
    """Return the state folder of a site that says `sandbox: true`, or None; checks nothing else."""
    file, _ = read_yaml(root / SITE_FILE, SITE_FILE)
    value = file.value if file is not None else None
    if not isinstance(value, dict):
        return None
    try:
        sandbox = TypeAdapter(bool).validate_python(value.get("sandbox"))
    except ValidationError:
        return None
    state = value.get("state", "state")
    return root / state if sandbox and isinstance(state, str) else None


def _order(problem: Problem) -> tuple[bool, str, int, int]:
    return problem.file != SITE_FILE, problem.file, problem.line, problem.column


def _load_site(
    root: Path, artwork: SealArtwork, environment: Mapping[str, str], problems: list[Problem]
) -> tuple[Built | None, DefinedNames | None]:
    file, found = read_yaml(root / SITE_FILE, SITE_FILE)
    problems.extend(found)
    if file is None:
        return None, None
    defined = DefinedNames.of(file.value)
    parsed = parse(SiteFile, file, file.value)
    problems.extend(parsed.problems)
    if parsed.model is None:
        return None, defined
    notes = Notes(file, parsed.doubtful)
    built = SiteBuilder(root, notes, environment).build(parsed.model, artwork, defined)
    problems.extend(notes.problems)
    return built, defined


def _unsourced(value: object) -> object:
    """Leave out in which line things stand: moving them changes nothing."""
    if isinstance(value, dict):
        return {key: _unsourced(one) for key, one in value.items() if key != "source"}
    return [_unsourced(one) for one in value] if isinstance(value, list | tuple) else value


def _canonical(rules: tuple[Rule, ...], seals: tuple[Seal, ...]) -> str:
    content = {
        "rules": [_unsourced(asdict(rule)) for rule in rules],
        "seals": [asdict(seal) for seal in seals],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
