"""Drawn flows: well-formed whatever the names, every step there, documents where they stand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from xml.etree import ElementTree  # our own drawings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.flow_definition import FlowDefinition, Party, Stage, Step, StepKind
from gateway.core.flow_drawing import Standing, drawn
from gateway.core.flow_events import FlowState
from gateway.core.flow_layout import Frame, laid_out
from gateway.core.flow_simulating import Wait, play
from gateway.core.svg_writing import text
from tests.core.flow_definitions import SEAL, definitions, sealing

SVG = "{http://www.w3.org/2000/svg}"


def words(picture: str, shown: str | None = None) -> list[str]:
    """Return the texts of a drawing, or those of one class."""
    root = ElementTree.fromstring(picture)  # noqa: S314  # our own drawing
    found = root.iter(f"{SVG}text")
    return [one.text or "" for one in found if shown is None or one.get("class") == shown]


def flow(*stages: Stage, title: str = "Lease") -> FlowDefinition:
    """Return a flow of some stages."""
    parties = (Party("anna", "Anna <b>&", user="anna"), Party("acme"))
    return FlowDefinition("lease", "lease", parties, stages, title, seals=(SEAL,))


VOTES = (("a", "anna"), ("b", "acme"), ("c", "anna"))
BOARD = Stage(tuple(Step(name, StepKind.APPROVE, who) for name, who in VOTES), 2, "The board")
SEALED = Stage((Step("seal", StepKind.SEAL, "acme", sealing=sealing("seal")),))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(definition=definitions())
def test_every_flow_can_be_drawn(definition: FlowDefinition) -> None:
    """Each step has its box, no two overlap, none leaves the picture."""
    assert sorted(words(drawn([definition]), "name")) == sorted(s.name for s in definition.steps)
    layout = laid_out(definition, lambda step: 60.0 + len(step.when) * 16)
    frames = [frame for row in layout.rows for stage in row for _, frame in stage.steps]
    for one, other in combinations(frames, 2):
        assert one.right <= other.x or other.right <= one.x or _apart(one, other)
    assert all(frame.right <= layout.width and frame.bottom <= layout.height for frame in frames)


def _apart(one: Frame, other: Frame) -> bool:
    return one.bottom <= other.y or other.bottom <= one.y


def test_long_flows_go_on_in_the_next_row() -> None:
    """Twelve stages take three rows, so that a picture stays as wide as a page."""
    stages = tuple(Stage((Step(f"s{n}", StepKind.REVIEW, "anna"),)) for n in range(12))
    layout = laid_out(flow(*stages), lambda _: 60.0)
    assert [len(row) for row in layout.rows] == [5, 5, 2]
    assert layout.width < 1600


@settings(max_examples=40, deadline=None, derandomize=True)
@given(name=st.text(max_size=60), document=st.text(max_size=400))
def test_hostile_names_stay_words(name: str, document: str) -> None:
    """Whatever a name or a title holds, it is text: no element, no attribute, no broken XML."""
    evil = f"{name}</text><script>alert(1)</script>\"'&{document}"
    definition = flow(BOARD, title=evil)
    definition = replace(definition, parties=(Party("anna", evil), Party("acme")))
    picture = drawn([definition], [Standing("lease", evil, FlowState.RUNNING, ("a",))])
    root = ElementTree.fromstring(picture)  # noqa: S314  # our own drawing
    kinds = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert "script" not in kinds
    assert kinds <= {
        "svg",
        "style",
        "defs",
        "marker",
        "path",
        "rect",
        "g",
        "title",
        "text",
        "circle",
    }
    assert all(not key.startswith("on") for one in root.iter() for key in one.attrib)


@pytest.mark.parametrize("unfit", ["\x00", "\x1b", "\u202e", "\u2066", "\ud800", "\ufffe"])
def test_what_would_mislead_is_not_drawn(unfit: str) -> None:
    """Control characters, and those that turn the direction of reading, are marked as unfit."""
    assert text(f"a{unfit}b") == "a\ufffdb"


def test_words_fit_their_room() -> None:
    """Long names are cut with a mark; wide letters count as wide."""
    assert text("short", 200) == "short"
    cut = text("合同" * 40, 120)
    assert cut.endswith("…")
    assert len(cut) < 12


def test_documents_stand_at_their_steps() -> None:
    """Open flows are named at each step that waits; ended ones are counted; of many, how many."""
    definition = flow(BOARD, SEALED)
    steps = ("a", "b", "c")
    standing = [Standing("lease", f"lease-{n}.pdf", FlowState.RUNNING, steps) for n in range(7)]
    standing += [
        Standing("lease", "old.pdf", FlowState.COMPLETED),
        Standing("lease", "of-an-older-version.pdf", FlowState.RUNNING, ("gone",)),
        Standing("nda", "other.pdf", FlowState.RUNNING, ("a",)),
    ]
    picture = drawn([definition], standing)
    named = words(picture, "document")
    assert named == ["lease-0.pdf", "lease-1.pdf", "lease-2.pdf", "lease-3.pdf", "and 3 more"] * 3
    assert not {"old.pdf", "of-an-older-version.pdf", "other.pdf"} & set(words(picture))
    assert "ended: 1 completed" in words(picture, "muted")


def test_a_story_is_told_on_its_steps() -> None:
    """A flow that was played shows what was done and what was left out."""
    definition = flow(BOARD, SEALED)
    played = play(definition, (Wait(90_000),), finish=True)
    picture = drawn([definition], story=played.status)
    assert words(picture, "told done") == ["done after 1d 1h"] * 3
    assert words(picture, "told skipped") == ["skipped after 1d 1h"]
    assert 'class="box done"' in picture


def test_pictures_need_nothing_else() -> None:
    """A drawing refers to nothing outside of itself."""
    picture = drawn([flow(BOARD, SEALED)])
    assert picture.count("http") == 1
    assert "href" not in picture
    assert "url(#arrow)" in picture
