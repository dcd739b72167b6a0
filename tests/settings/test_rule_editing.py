"""A rule is changed in its file, and not one byte besides it."""

from __future__ import annotations

import random

import pytest
import yaml

from gateway.core.errors import ConfigurationFault, UsageFault
from gateway.settings.rule_editing import RuleEdit, difference, edited, rule_texts
from gateway.settings.yaml_editing import CannotEdit, set_value
from gateway.settings.yaml_nodes import Value
from tests.settings.conftest import Configuration

RULES = """\
# Who may change this: the seal keeper.
inbox:   invoices            # two blanks too many, and they stay

rules:
  # the first one
  - name: flow
    seal: 'company'          # in single quotes
    place: {page: last, corner: "bottom-right",   margin: 15mm}   # by the lawyers
    profile: {level: B-T,
              reason: "Agreed, by Example Ltd: 100 %"}

  -   name: block
      match:
        path: ["a/**", 'b/**']
      seal: company
      place:
        # above the first key
        at: text             # the words
        find: "盖章处"
        # above side
        side: right
        fallback: skip
  - name: listed
    seal: company
    place:                   # two
      - at: text             # first place
        find: Seal here
      # the second place
      - straddle: {edge: right, pages: all}     # over all pages
    deliver: {name: "{stem}-x{n}.pdf"}
# the end
"""
CORNER: dict[str, Value] = {"page": "last", "corner": "top-left", "margin": "12.5mm"}
POINT: dict[str, Value] = {"page": "1", "x": "10mm", "y": "20mm"}
WORDS: dict[str, Value] = {"at": "text", "find": '盖章处: "x"', "side": "below"}
STRADDLE: dict[str, Value] = {"straddle": {"edge": "left", "pages": "1-3"}}
PLACES = (
    CORNER,
    POINT,
    WORDS,
    STRADDLE,
    {"edge": "top", "along": "30%", "offset": {"x": "-1mm", "y": "0.5mm"}, "fit": "move"},
    {"at": "text", "find": "Seal here"},
    {"straddle": {"edge": "right", "pages": "all"}},
    {"page": "last", "corner": "bottom-right", "margin": "15mm"},
)


def changed(text: str, rule: str, *places: dict[str, Value], seal: str | None = None) -> str:
    """Return a text with a rule's places changed."""
    edit = RuleEdit(places=places or None, seal=seal)
    return edited("a.yaml", text.encode(), rule, edit).decode()


def lines_changed(before: str, after: str) -> list[str]:
    """Return the lines of the diff that come and go."""
    diff = difference("a.yaml", before.encode(), after.encode()).splitlines()
    return [line for line in diff if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_one_value_changes_one_line() -> None:
    """A new corner takes the old one's place; its comment, spaces and quotes stay."""
    place: dict[str, Value] = {"page": "last", "corner": "top-left", "margin": "15mm"}
    assert lines_changed(RULES, changed(RULES, "flow", place)) == [
        '-    place: {page: last, corner: "bottom-right",   margin: 15mm}   # by the lawyers',
        '+    place: {page: last, corner: "top-left",   margin: 15mm}   # by the lawyers',
    ]
    assert lines_changed(RULES, changed(RULES, "flow", seal="other")) == [
        "-    seal: 'company'          # in single quotes",
        "+    seal: 'other'          # in single quotes",
    ]


def test_keys_of_a_block_are_changed_by_themselves() -> None:
    """A key is added behind the last, another is taken out, comments above keys stay."""
    place: dict[str, Value] = {
        "at": "text",
        "find": "盖章处",
        "side": "right",
        "offset": {"x": "2mm", "y": "0mm"},
    }
    assert lines_changed(RULES, changed(RULES, "block", place)) == [
        "-        fallback: skip",
        "+        offset: {x: 2mm, y: 0mm}",
    ]


def test_a_place_joins_another() -> None:
    """One place becomes a list of two; in a list one is added or taken out."""
    place: dict[str, Value] = {"page": "last", "corner": "bottom-right", "margin": "15mm"}
    assert lines_changed(RULES, changed(RULES, "flow", place, STRADDLE)) == [
        '-    place: {page: last, corner: "bottom-right",   margin: 15mm}   # by the lawyers',
        "+    place:",
        '+      - {page: last, corner: "bottom-right",   margin: 15mm}',
        "+      - {straddle: {edge: left, pages: 1-3}}   # by the lawyers",
    ]
    listed = rule_texts("a.yaml", RULES)[2].places
    assert lines_changed(RULES, changed(RULES, "listed", *listed, POINT)) == [
        "+      - {page: 1, x: 10mm, y: 20mm}"
    ]
    assert lines_changed(RULES, changed(RULES, "listed", listed[1])) == [
        "-      - at: text             # first place",
        "-        find: Seal here",
    ]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_all_else_stays_byte_by_byte(seed: int, ending: str) -> None:
    """After any number of changes each rule says what was asked, and no other line has moved."""
    chance = random.Random(seed)
    text = RULES.replace("\n", ending)
    for _ in range(4):
        number = chance.randrange(3)
        rule = ("flow", "block", "listed")[number]
        places = tuple(chance.choices(PLACES, k=chance.choice((1, 1, 2, 3))))
        after = changed(text, rule, *places)
        found = rule_texts("a.yaml", after)
        former = rule_texts("a.yaml", text)
        assert found[number].places == places
        assert [one.places for one in found if one.name != rule] == [
            one.places for one in former if one.name != rule
        ]
        assert _outside(after, rule) == _outside(text, rule)
        assert ("\r\n" in after) == (ending == "\r\n")
        assert "\n" not in after.replace("\r\n", "") or ending == "\n"
        text = after


def _outside(text: str, rule: str) -> tuple[str, str]:
    """Return what stands before and behind the place of a rule."""
    root = yaml.compose(text)
    for item in {key.value: value for key, value in root.value}["rules"].value:
        entries = {key.value: (key, value) for key, value in item.value}
        if entries["name"][1].value == rule:
            key, value = entries["place"]
            behind = text[value.end_mark.index :] if value.flow_style else ""
            keys = list(entries)
            following = keys[keys.index("place") + 1 :]
            if following:
                behind = text[entries[following[0]][0].start_mark.index :]
            elif rule == "block":
                behind = text[text.index("- name: listed") :]
            return text[: key.end_mark.index], behind
    raise AssertionError(rule)


def test_shared_anchors_are_not_changed_for_others() -> None:
    """A place that is an alias gets its own text; one that others use is refused."""
    text = (
        "inbox: in\nrules:\n  - {name: one, seal: s, place: &p {page: last}}\n"
        "  - {name: two, seal: s, place: *p}  # the same\n"
    )
    assert changed(text, "two", POINT).endswith(
        "  - {name: two, seal: s, place: {page: 1, x: 10mm, y: 20mm}}  # the same\n"
    )
    with pytest.raises(UsageFault) as refused:
        changed(text, "one", POINT)
    assert refused.value.code == "rules.cannot-edit"


def test_what_a_merge_brings_is_overridden() -> None:
    """A key that comes from a merged mapping is written into the rule itself."""
    text = (
        "inbox: in\nrules:\n"
        "  - &base\n    name: one\n    seal: s\n    place: {page: last}\n"
        "  - <<: *base\n    name: two\n"
    )
    after = changed(text, "two", POINT)
    assert after == text + "    place: {page: 1, x: 10mm, y: 20mm}\n"


def test_a_mark_at_the_start_and_no_line_end_stay() -> None:
    """A byte order mark, and a file that ends without a line's end, stay as they are."""
    text = "\ufeffinbox: in\nrules:\n- name: one\n  seal: s\n  place: {page: last}"
    assert changed(text, "one", CORNER) == text.replace(
        "{page: last}", "{page: last, corner: top-left, margin: 12.5mm}"
    )


def test_unknown_rules_and_broken_files() -> None:
    """A rule that is not there, and a file that is no YAML, are told apart."""
    with pytest.raises(UsageFault) as unknown:
        changed(RULES, "nobody", CORNER)
    assert unknown.value.code == "rules.unknown"
    with pytest.raises(ConfigurationFault):
        changed("a: [", "nobody", CORNER)
    with pytest.raises(CannotEdit):
        set_value("a: {b: c}", ("x", "y"), "z")


def test_the_loader_takes_a_draft_for_the_file(configuration: Configuration) -> None:
    """A draft is checked as if it were in the file, with its lines, and the file stays."""
    before = (configuration.root / "rules" / "a.yaml").read_bytes()
    text = before.decode()
    good = changed(text, "all", POINT)
    bad = changed(text, "all", {"page": "last", "cornr": "top-left"})
    assert configuration.load(drafts={"a.yaml": good}).rulebook != configuration.load().rulebook
    with pytest.raises(ConfigurationFault) as refused:
        configuration.load(drafts={"a.yaml": bad})
    (problem,) = refused.value.problems
    assert (problem.file, problem.line, problem.code) == ("rules/a.yaml", 5, "settings.unknown-key")
    assert (configuration.root / "rules" / "a.yaml").read_bytes() == before
