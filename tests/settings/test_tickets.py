"""Tickets and the rules' terms for them, as they are written."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.core.lengths import Length
from gateway.core.places import AtPoint, Place
from gateway.core.rules import Level
from gateway.core.site import Tickets
from gateway.core.tickets import ReceivedTicket, Ticket
from gateway.settings.manifest_file import MemberPart
from gateway.settings.ticket_file import read_ticket, ticket_from
from tests.settings.conftest import RULES, SITE, Configuration

TERMS = """\
    tickets:
      seals: [company]
      places: {first: {page: 1, corner: top-left}}
      profiles: {long: {level: B-T}}
      name: true
      reference: 'C-\\d+'
      recipients: legal
      priority: 5
"""


def read(folder: Path, name: str, content: str | bytes) -> ReceivedTicket:
    """Write a ticket and read it."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_ticket(path, name)


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    """Both are tickets, JSON with tabs and escapes as programs write it."""
    expected = Ticket(seal="公章😀", priority=3, sha256="ab" * 32)
    yaml = read(tmp_path, "x.pdf.yaml", f"seal: 公章😀\npriority: 3\nsha256: {'AB' * 32}\n")
    written = '{\n\t"seal":"\\u516c\\u7ae0\\ud83d\\ude00",\n\t"priority": 3, "sha256":"%s"}' % (
        "ab" * 32
    )
    json = read(tmp_path, "x.pdf.json", written)
    assert (yaml.problem, json.problem) == ("", "")
    assert yaml.asks == json.asks == expected


def test_fields_stay_as_they_are_written(tmp_path: Path) -> None:
    """No number is rounded and no word is taken for yes or no on the way to a flow."""
    yaml = read(tmp_path, "x.pdf.yaml", "fields: {amount: 1_200.50, agreed: no, 币种: 欧元}\n")
    assert yaml.asks is not None
    assert yaml.asks.fields == (("amount", "1_200.50"), ("agreed", "no"), ("币种", "欧元"))
    assert ReceivedTicket.from_json(yaml.to_json()) == yaml


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.pdf.yaml", "seal: a\nsael: b\n", "x.pdf.yaml:2:1: The key sael is not known here."),
        ("x.pdf.yaml", "seal: a\n  b: c\n", "x.pdf.yaml:2:4: This is not valid YAML"),
        ("x.pdf.yaml", "priority: 10\n", "x.pdf.yaml:1:11: 10 is not possible for priority."),
        ("x.pdf.yaml", "name: ../a.pdf\n", "x.pdf.yaml:1:7: "),
        ("x.pdf.yaml", "name: a.exe\n", "x.pdf.yaml:1:7: "),
        ("x.pdf.yaml", "name: '{stem}.pdf'\n", "x.pdf.yaml:1:7: "),
        ("x.pdf.yaml", 'name: "a\\ud800.pdf"\n', "x.pdf.yaml:1:7: "),
        ("x.pdf.yaml", "seal: a\nseal: b\n", "x.pdf.yaml:2:1: The key seal stands here twice"),
        ("x.pdf.yaml", "sha256: abc\n", "x.pdf.yaml:1:9: "),
        ("x.pdf.yaml", 'reference: "a\\nb"\n', "x.pdf.yaml:1:12: "),
        ("x.pdf.yaml", b"seal: a\nname: \xff\n", "x.pdf.yaml:2:1: This line is not UTF-8."),
        ("x.pdf.yaml", "", "x.pdf.yaml:1:1: The file is empty."),
        ("x.pdf.json", '{"seal": "a",}', "x.pdf.json:1:14: This is not valid JSON"),
        ("x.pdf.json", '{"a": ' + "[" * 20000, "x.pdf.json:1:1: This is nested too deeply"),
        ("x.pdf.json", '{\n\t"sael": "a"}', "x.pdf.json:2:2: The key sael is not known here."),
        ("x.pdf.json", "seal: a", "x.pdf.json:1:1: This is not valid JSON"),
        (
            "x.pdf.yaml",
            "fields: [amount]\n",
            "x.pdf.yaml:1:9: A list has the wrong type for fields.",
        ),
        ("x.pdf.yaml", "fields: {a: {b: c}}\n", "x.pdf.yaml:1:13: A mapping has the wrong type"),
        ("x.pdf.yaml", 'fields: {a: "b\\nc"}\n', "x.pdf.yaml:1:13: "),
        ("x.pdf.yaml", 'fields: {"a\\nb": c}\n', "x.pdf.yaml:1:10: "),
        ("x.pdf.yaml", "seal: " + "a" * 70000, "x.pdf.yaml: it is larger than 64 KiB"),
        (
            "x.pdf.yaml",
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{n}: &{n} [{','.join([f'*{m}'] * 6)}]\n" for m, n in pairwise("abcdefg")),
            "x.pdf.yaml:1:1: Aliases make this file too large.",
        ),
    ],
)
def test_what_is_wrong_has_its_place(
    tmp_path: Path, name: str, content: str | bytes, told: str
) -> None:
    """Every mistake is told with line and column, and such a ticket asks for nothing."""
    received = read(tmp_path, name, content)
    assert received.problem.startswith(told)
    assert received.asks is None


def test_no_link_is_followed(tmp_path: Path) -> None:
    """A ticket that is a link or a pipe is no ticket, and a pipe makes nobody wait."""
    (tmp_path / "secret").write_text("seal: a\n")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        assert "not a plain file" in read_ticket(tmp_path / name, name).problem


def test_a_rule_says_what_tickets_may_choose(configuration: Configuration) -> None:
    """Every key of the block arrives."""
    configuration.write("rules/a.yaml", RULES + TERMS)
    (rule,) = configuration.load().rulebook.rules
    terms = rule.tickets
    assert terms is not None
    assert terms.seals == ("company",)
    assert [name for name, _ in terms.places] == ["first"]
    assert [(name, profile.level) for name, profile in terms.profiles] == [("long", Level.B_T)]
    assert (terms.name, terms.reference, terms.recipients) == (True, r"C-\d+", ("legal",))
    assert terms.priority == 5


def test_mistakes_in_the_terms_are_found(configuration: Configuration) -> None:
    """Unknown seals, levels without an authority and wrong values all have their line."""
    configuration.write("gateway.yaml", SITE.replace('timestamp: {url: "sandbox://tsa"}\n', ""))
    spoiled = TERMS.replace("[company]", "[compayn]").replace("priority: 5", "priority: 10")
    configuration.write("rules/a.yaml", RULES + spoiled)
    found = {(problem.line, problem.code) for problem in configuration.problems()}
    assert found == {
        (7, "settings.unknown-name"),
        (9, "settings.missing-key"),
        (13, "settings.wrong-value"),
    }


def test_an_inbox_says_what_tickets_and_triggers_are(configuration: Configuration) -> None:
    """The words arrive; without them the rules decide and nothing is waited for."""
    (inbox,) = configuration.load().settings.inboxes
    assert (inbox.tickets, inbox.trigger) == (None, "")
    written = "  invoices: {tickets: required, trigger: .done}\n"
    configuration.write("gateway.yaml", SITE.replace("  invoices:\n", written))
    (inbox,) = configuration.load().settings.inboxes
    assert (inbox.tickets, inbox.trigger) == (Tickets.REQUIRED, ".done")


@pytest.mark.parametrize("trigger", [".pdf", ".tmp", "done", ".a/b", ".yaml"])
def test_a_trigger_is_an_ending_of_its_own(configuration: Configuration, trigger: str) -> None:
    """What ends documents, tickets or unfinished files ends no trigger."""
    written = f"  invoices: {{trigger: '{trigger}'}}\n"
    configuration.write("gateway.yaml", SITE.replace("  invoices:\n", written))
    (problem,) = configuration.problems()
    assert (problem.line, problem.code) == (4, "settings.wrong-value")


def test_a_ticket_may_measure(tmp_path: Path) -> None:
    """Its own place is written as in a rule; what would be looked for in the text is refused."""
    good = read(
        tmp_path, "x.pdf.yaml", "own_place: [{page: 2, x: 10mm, y: 2in}, {straddle: {edge: left}}]"
    )
    assert good.problem == ""
    assert good.asks is not None
    assert [type(place.spot).__name__ for place in good.asks.own_place] == ["AtPoint", "Straddle"]
    assert good.asks.own_place[0].pages.written == "2"
    for wrong in (
        "{at: text, find: here}",
        "{page: {text: here}, corner: center}",
        "{corner: center, avoid: text}",
        "{corner: center, fallback: {at: text, find: here}}",
        "{table: {pattern: x, rows: {x: {corner: center}}}}",
    ):
        refused = read(tmp_path, "x.pdf.yaml", f"own_place: {wrong}")
        assert refused.asks is None
        assert "no text is looked for" in refused.problem, wrong
    assert "not a length" in read(tmp_path, "x.pdf.yaml", "own_place: {x: 1, y: 2}").problem


def test_a_row_of_a_manifest_may_measure() -> None:
    """What a ticket may say of its own place, a batch's manifest may say of each document."""
    place = {"page": "first", "x": "10mm", "y": "20mm"}
    row = MemberPart.model_validate({"file": "a.pdf", "own_place": place})
    (own,) = ticket_from(row).own_place
    assert isinstance(own, Place)
    assert own.spot == AtPoint(Length(10, "mm"), Length(20, "mm"))
