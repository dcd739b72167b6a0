"""The files in `rules/flows/`: found, read in the order of their names, made into definitions."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.core.errors import Problem
from gateway.core.flow_definition import FlowDefinition
from gateway.settings.flow_builder import FlowBuilder
from gateway.settings.flow_models import FlowFile
from gateway.settings.parsing import built
from gateway.settings.rule_files import shown_name, yaml_files
from gateway.settings.written import Name
from gateway.settings.yaml_file import read_yaml

_NAME: TypeAdapter[str] = TypeAdapter(Name)
FOLDER = "flows"
"""Below the folder of the rules."""


def flow_files(rules: Path, only: Path | None = None) -> tuple[Path, ...]:
    """Return the files of all flows, by name, or the only one that counts."""
    if only is not None:
        return (only,)
    return tuple(path for path in sorted((rules / FOLDER).glob("*.yaml")) if path.name[0] != ".")


def own_inboxes(root: Path, rules: Path, only: Path | None = None) -> tuple[str, ...]:
    """Return the inboxes that flows have without `gateway.yaml` naming them.

    Nothing is checked: a file that cannot be read has none.
    """
    found = []
    for path in flow_files(rules, only):
        file, _ = read_yaml(path, shown_name(root, path))
        value = file.value if file is not None else None
        if isinstance(value, dict) and "inbox" not in value:
            with suppress(ValidationError):
                found.append(_NAME.validate_python(value.get("name")))
    return tuple(dict.fromkeys(found))


def load_flows(
    root: Path,
    rules: Path,
    builder: FlowBuilder,
    problems: list[Problem],
    only: Path | None = None,
) -> tuple[FlowDefinition, ...]:
    """Return the definitions of all files, adding to `problems` whatever is wrong in any.

    `only` is a file that counts instead of them.
    """
    if only is None:
        _check_folders(root, rules, problems)
    flows: list[FlowDefinition] = []
    for path in (only,) if only is not None else yaml_files(root, rules / FOLDER, problems):
        file, found = read_yaml(path, shown_name(root, path))
        problems.extend(found)
        made = built(FlowFile, file, builder.build, problems) if file is not None else None
        flows += [made] if made is not None else []
    return tuple(flows)


def _check_folders(root: Path, rules: Path, problems: list[Problem]) -> None:
    """Note folders whose files their author must take for flows, and nobody reads."""
    nearly = [rules / name for name in ("flow", "Flows", "Flow")]
    below = sorted(path for path in (rules / FOLDER).glob("*/") if path.name[0] != ".")
    for folder in (*nearly, *below):
        if folder.is_dir() and any(folder.glob("*.y*ml")) and not _same(folder, rules / FOLDER):
            what = "Nobody reads the files in this folder."
            remedy = f"Move them into {shown_name(root, rules / FOLDER)}/."
            name = f"{shown_name(root, folder)}/"
            problems.append(Problem(name, 0, 0, "settings.wrong-value", what, remedy))


def _same(one: Path, other: Path) -> bool:
    """Tell whether two names are one folder, as on a disk that knows no case."""
    return other.exists() and one.samefile(other)
