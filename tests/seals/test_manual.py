"""The manual of seals says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.seals.colours import INKS
from gateway.seals.design_models import SealDesign
from gateway.seals.designs import parse_design
from gateway.seals.placeholders import NAMES
from gateway.seals.templates import ready_templates
from gateway.settings.yaml_file import read_yaml
from tests.seals.drawing import ARTIST, VALUES

MANUAL = (Path(__file__).parents[2] / "docs" / "seals.md").read_text(encoding="utf-8")
DESIGNS = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)


@pytest.mark.parametrize("design", DESIGNS)
def test_examples_draw(design: str, tmp_path: Path) -> None:
    """Each design of the manual is read as `seals draw` reads it, and can be drawn."""
    (tmp_path / "design.yaml").write_text(design)
    read, problems = read_yaml(tmp_path / "design.yaml", "design.yaml")
    assert read is not None, problems
    assert ARTIST.draw(parse_design(read.value), VALUES).marks


def test_every_kind_has_an_example() -> None:
    """There is a design of each kind."""
    schemas = (kind.model_json_schema() for kind in SealDesign.__subclasses__())
    kinds = {schema["properties"]["kind"]["const"] for schema in schemas}
    assert set(re.findall(r"^kind: (\w+)$", "".join(DESIGNS), re.MULTILINE)) == kinds


def test_templates_are_listed() -> None:
    """Each ready design has its row, with the words that it wants and takes."""
    for one in ready_templates():
        wants, takes = (
            ", ".join(f"`{word}`" for word in words) for words in (one.wants, one.takes)
        )
        assert f"| `{one.name}` | {wants} | {takes} | {one.what} |" in MANUAL


def test_names_are_listed() -> None:
    """Every placeholder, every ink and every key that all designs have is named."""
    for name in NAMES:
        assert f"`{{{name}}}`" in MANUAL
    for name in INKS:
        assert re.search(rf"\b{name}\b", MANUAL)
    for key in SealDesign.model_fields:
        assert f"`{key}`" in MANUAL
