"""Load a site's configuration: one immutable snapshot, or every problem at once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from gateway.core.errors import ConfigurationFault, Problem
from gateway.core.flow_definition import FlowDefinition
from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.registry import RegisteredSeal
from gateway.core.rules import Rule, Rulebook, Seal
from gateway.core.site import SiteSettings
from gateway.ports import SealArtwork
from gateway.settings.flow_builder import FlowBuilder
from gateway.settings.flow_files import flow_files, load_flows, own_inboxes
from gateway.settings.ledger_builder import ledger_of
from gateway.settings.parsing import Notes, parse
from gateway.settings.registered import check_registered, rule_seals, rules_of, state_of
from gateway.settings.rule_builder import RuleBuilder
from gateway.settings.rule_files import load_rules
from gateway.settings.site_builder import Built, DefinedNames, SiteBuilder
from gateway.settings.site_models import SiteFile
from gateway.settings.yaml_file import YamlFile, read_yaml

SITE_FILE = "gateway.yaml"
Registry = Callable[[Path, PostgresqlSettings | None], tuple[RegisteredSeal, ...]]


@dataclass(frozen=True)
class LoadedSite:
    """A checked configuration."""

    settings: SiteSettings
    rulebook: Rulebook
    canonical: str
    """Canonical JSON of rules and seals, whose SHA-256 is the snapshot's name."""
    registered: tuple[RegisteredSeal, ...] = ()
    """The registry as it was read; for warnings, not for decisions."""
    flows: tuple[FlowDefinition, ...] = ()
    """Contract flows that may begin."""
    own_inboxes: tuple[str, ...] = ()
    """Inboxes that flows have without `gateway.yaml` naming them."""


def load(
    root: Path,
    artwork: SealArtwork,
    environment: Mapping[str, str],
    *,
    with_rules: bool = True,
    registry: Registry = lambda state, ledger: (),
    drafts: Mapping[str, str] = MappingProxyType({}),
    flow: Path | None = None,
) -> LoadedSite:
    """Read `gateway.yaml` and all files of rules and flows of the site at `root`.

    `registry` returns the registered seals of a site by its state folder, or the database of its
    ledger; `drafts` has texts
    that count instead of what is in rule files, by their names; `flow` is a file that counts
    instead of the site's flows.

    `with_rules` off leaves the rulebook empty, for commands that only look: a broken rule must
    not keep anybody from seeing what it broke.

    Raises `ConfigurationFault` with every problem in every file, by file, line and column.
    """
    problems: list[Problem] = []
    file, found = read_yaml(root / SITE_FILE, SITE_FILE)
    problems.extend(found)
    written = file.value if file is not None else None
    registered = registry(state_of(root, written), ledger_of(root, written, environment))
    built, defined = None, None
    own: tuple[str, ...] = ()
    if file is not None:
        named = DefinedNames.of(file.value).inboxes
        found_own = own_inboxes(root, rules_of(root, file.value), flow)
        own = tuple(name for name in found_own if name not in named)
        file = replace(file, value=_with_inboxes(file.value, own))
        checked = registered if with_rules else None
        built, defined = _build(
            root, file, artwork, environment, registered=checked, problems=problems
        )
    seals = (*(built.seals if built is not None else ()), *rule_seals(registered))
    rules: tuple[Rule, ...] = ()
    flows: tuple[FlowDefinition, ...] = ()
    if with_rules:
        folder = built.settings.rules if built is not None else root / "rules"
        builder, needed = RuleBuilder(defined), not flow_files(folder, flow)
        rules = load_rules(root, folder, builder, problems, drafts, needed=needed)
        of_flows = _flow_builder(root, builder, built, seals, rules)
        flows = load_flows(root, folder, of_flows, problems, flow)
    if problems or built is None:
        raise ConfigurationFault(tuple(sorted(problems, key=_order)))
    fixed = frozenset(seal.name for seal in registered if seal.fixed_size)
    canonical = _canonical(rules, flows, seals, fixed)
    snapshot = hashlib.sha256(canonical.encode()).hexdigest()
    rulebook = Rulebook(snapshot, rules, seals, fixed)
    return LoadedSite(built.settings, rulebook, canonical, registered, flows, own)


def _flow_builder(
    root: Path,
    builder: RuleBuilder,
    built: Built | None,
    seals: tuple[Seal, ...],
    rules: tuple[Rule, ...],
) -> FlowBuilder:
    """Return what builds flows beside the rules of a site."""
    inboxes = built.settings.inboxes if built is not None else ()
    return FlowBuilder(
        builder,
        seals,
        {inbox.name: inbox.preview_of for inbox in inboxes},
        {rule.inbox: rule.source for rule in reversed(rules)},
        lambda written: Path(os.path.normpath(root / written)),
    )


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


def _build(
    root: Path,
    file: YamlFile,
    artwork: SealArtwork,
    environment: Mapping[str, str],
    *,
    registered: tuple[RegisteredSeal, ...] | None,
    problems: list[Problem],
) -> tuple[Built | None, DefinedNames]:
    """Build what `gateway.yaml` says; registered seals are checked against it if given."""
    names = tuple(seal.name for seal in registered or ())
    defined = replace(DefinedNames.of(file.value), registered=names)
    parsed = parse(SiteFile, file, file.value)
    problems.extend(parsed.problems)
    if parsed.model is None:
        return None, defined
    notes = Notes(file, parsed.doubtful)
    built = SiteBuilder(root, notes, environment).build(parsed.model, artwork, defined)
    if registered is not None:
        check_registered(notes, defined, registered)
    problems.extend(notes.problems)
    return built, defined


def _with_inboxes(value: object, names: tuple[str, ...]) -> object:
    """Add inboxes to those of `gateway.yaml`."""
    inboxes = value.get("inboxes") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(inboxes, dict):
        return value
    return value | {"inboxes": dict.fromkeys(names) | inboxes}


def _unsourced(value: object) -> object:
    """Leave out in which line things stand: moving them changes nothing."""
    if isinstance(value, dict):
        return {key: _unsourced(one) for key, one in value.items() if key != "source"}
    return [_unsourced(one) for one in value] if isinstance(value, list | tuple) else value


def _canonical(
    rules: tuple[Rule, ...],
    flows: tuple[FlowDefinition, ...],
    seals: tuple[Seal, ...],
    fixed: frozenset[str],
) -> str:
    content: dict[str, object] = {
        "rules": [_unsourced(asdict(rule)) for rule in rules],
        "seals": [asdict(seal) for seal in seals],
    }
    # A site without any keeps its snapshots.
    if flows:
        content["flows"] = [_unsourced(asdict(flow)) for flow in flows]
    if fixed:
        content["fixed"] = sorted(fixed)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
