"""The files in `rules/`: found, read in the order of their names, and made into rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.core.errors import Problem
from gateway.core.rules import Rule
from gateway.settings.parsing import built
from gateway.settings.rule_builder import RuleBuilder
from gateway.settings.rule_models import RuleFile
from gateway.settings.yaml_file import parse_yaml, read_yaml


def load_rules(
    root: Path,
    folder: Path,
    builder: RuleBuilder,
    problems: list[Problem],
    drafts: Mapping[str, str],
    *,
    needed: bool = True,
) -> tuple[Rule, ...]:
    """Return the rules of all files, adding to `problems` whatever is wrong in any.

    `drafts` has texts that count instead of what is in the files of these names. A site without
    a rule has a problem if one is `needed`.
    """
    paths = yaml_files(root, folder, problems)
    if not paths and needed:
        what, remedy = "There is no rule file.", "Write one: see docs/configuration.md."
        name = f"{shown_name(root, folder)}/"
        problems.append(Problem(name, 0, 0, "settings.no-rules", what, remedy))
    rules: list[Rule] = []
    for path in paths:
        rules += _load(path, shown_name(root, path), builder, problems, drafts.get(path.name))
    return tuple(rules)


def yaml_files(root: Path, folder: Path, problems: list[Problem]) -> tuple[Path, ...]:
    """Return `*.yaml` by name; a file that must be taken for one of them is not passed over."""
    seen = sorted(path for path in folder.glob("*") if not path.name.startswith("."))
    for path in seen:
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            what = "Only files that end in .yaml are read."
            remedy = f"Rename it to {path.stem}.yaml."
            name = shown_name(root, path)
            problems.append(Problem(name, 0, 0, "settings.wrong-value", what, remedy))
    return tuple(path for path in seen if path.suffix == ".yaml")


def shown_name(root: Path, path: Path) -> str:
    """Return a path as problems show it, fit to be printed whatever its bytes are."""
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    return shown.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _load(
    path: Path, name: str, builder: RuleBuilder, problems: list[Problem], draft: str | None
) -> tuple[Rule, ...]:
    file, found = read_yaml(path, name) if draft is None else parse_yaml(name, draft)
    problems.extend(found)
    if file is None:
        return ()
    return built(RuleFile, file, builder.build, problems) or ()
