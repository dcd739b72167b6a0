"""Load a site's configuration: one immutable snapshot, or every problem at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from gateway.core.errors import ConfigurationFault, Problem
from gateway.core.rules import Rule, Rulebook, Seal
from gateway.core.site import SiteSettings
from gateway.ports import SealArtwork
from gateway.settings.models import RuleFile, SiteFile
from gateway.settings.problems import problems_of
from gateway.settings.rule_builder import RuleBuilder
from gateway.settings.site_builder import Built, SiteBuilder
from gateway.settings.yaml_file import YamlFile, read_yaml

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
    built, parsed = _load_site(root, artwork, environment, problems)
    rules = _load_rules(root, built, parsed, problems) if with_rules else ()
    if problems or built is None:
        raise ConfigurationFault(tuple(sorted(problems, key=_order)))
    canonical = _canonical(rules, built.seals)
    snapshot = hashlib.sha256(canonical.encode()).hexdigest()
    return LoadedSite(built.settings, Rulebook(snapshot, rules, built.seals), canonical)


def _order(problem: Problem) -> tuple[bool, str, int, int]:
    return problem.file != SITE_FILE, problem.file, problem.line, problem.column


def sandbox_state(root: Path) -> Path | None:
    """Return the state folder of a site that says `sandbox: true`, or None; checks nothing else."""
    file, _ = read_yaml(root / SITE_FILE, SITE_FILE)
    value = file.value if file is not None else None
    if not isinstance(value, dict) or value.get("sandbox") is not True:
        return None
    state = value.get("state", "state")
    return root / state if isinstance(state, str) else None


def _load_site(
    root: Path, artwork: SealArtwork, environment: Mapping[str, str], problems: list[Problem]
) -> tuple[Built | None, SiteFile | None]:
    file, found = read_yaml(root / SITE_FILE, SITE_FILE)
    problems.extend(found)
    if file is None:
        return None, None
    try:
        parsed = SiteFile.model_validate(file.value)
    except ValidationError as error:
        problems.extend(problems_of(file, SiteFile, error))
        return None, None
    builder = SiteBuilder(root, file, artwork)
    built = builder.build(parsed, environment)
    problems.extend(builder.problems)
    return built, parsed


def _load_rules(
    root: Path, built: Built | None, parsed: SiteFile | None, problems: list[Problem]
) -> tuple[Rule, ...]:
    folder = built.settings.rules if built is not None else root / "rules"
    paths = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))
    if not paths:
        what, remedy = "There is no rule file.", "Write one: see docs/configuration.md."
        problems.append(Problem(f"{folder.name}/", 0, 0, "settings.no-rules", what, remedy))
    builder = RuleBuilder(
        tuple(parsed.inboxes) if parsed else (),
        tuple(parsed.seals) if parsed else (),
        parsed.timestamp is not None if parsed else None,
    )
    rules: list[Rule] = []
    for path in paths:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        rules += _load_rule_file(path, name, builder, problems)
    problems.extend(builder.problems)
    return tuple(rules)


def _load_rule_file(
    path: Path, name: str, builder: RuleBuilder, problems: list[Problem]
) -> tuple[Rule, ...]:
    file, found = read_yaml(path, name)
    problems.extend(found)
    if file is None:
        return ()
    value = _one_place(file, problems)
    try:
        return builder.build(file, RuleFile.model_validate(value))
    except ValidationError as error:
        problems.extend(problems_of(file, RuleFile, error))
        return ()


def _one_place(file: YamlFile, problems: list[Problem]) -> object:
    """Let `place` be a list of one; more places are for a later version, and said so."""
    value = file.value
    rules = value.get("rules") if isinstance(value, dict) else None
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        places = rule.get("place") if isinstance(rule, dict) else None
        if not isinstance(places, list) or not places:
            continue
        for number in range(1, len(places)):
            problems.append(
                file.problem(
                    ("rules", index, "place", number),
                    "settings.not-supported",
                    "This version puts one seal at one place.",
                    "Leave the other places out.",
                )
            )
        rule["place"] = places[0]
    return value


def _canonical(rules: tuple[Rule, ...], seals: tuple[Seal, ...]) -> str:
    content = {
        "rules": [asdict(replace(rule, source="")) for rule in rules],
        "seals": [asdict(seal) for seal in seals],
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


__all__ = ["SITE_FILE", "LoadedSite", "load", "sandbox_state"]
