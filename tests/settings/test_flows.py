"""Flow files: what they mean, and the right line, column, code and remedy for each mistake.

In the cases `§` stands where the problem must be reported; it is taken out before loading.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import ConfigurationFault
from gateway.core.flow_definition import Condition, FlowDefinition, Otherwise, StepKind, Withdrawal
from gateway.core.rules import Comparison, Level
from gateway.settings.flow_builder import FlowBuilder
from gateway.settings.flow_models import FlowFile
from gateway.settings.parsing import Notes, parse
from gateway.settings.rule_builder import RuleBuilder
from gateway.settings.yaml_file import Location, parse_yaml
from tests.settings.conftest import RULES, SITE, Configuration

FLOW = """\
name: lease
parties:
  anna: {user: anna}
  acme: {title: Acme Ltd, mail: acme@acme.example}
  boss:
steps:
  - name: read
    type: approve
    party: anna
    deadline: 3d
    reminders: [1h, 1d]
    escalate: {after: 2d, to: boss}
  - type: together
    name: The board
    enough: 1
    when: {amount: ">1000", currency: [EUR, USD]}
    steps:
      - {name: a, type: approve, party: anna}
      - {name: b, type: review, party: boss}
  - name: seal
    type: seal
    party: anna
    seal: company
    place: {page: last}
    profile: {level: B-T}
  - name: sign
    type: sign-outside
    party: acme
    on_expiry: skip
    field: {name: acme, place: {corner: bottom-left}}
    signer: {subject: Acme Ltd}
"""


@pytest.fixture
def site(configuration: Configuration) -> Configuration:
    """Return a good configuration with a good flow."""
    (configuration.root / "rules" / "flows").mkdir()
    configuration.write("rules/flows/lease.yaml", FLOW)
    return configuration


def only(site: Configuration) -> FlowDefinition:
    """Return the site's one flow."""
    (flow,) = site.load().flows
    return flow


def test_a_flow_is_what_its_file_says(site: Configuration) -> None:
    """Parties, stages, times, conditions and seals come as written; the inbox is its own."""
    loaded = site.load()
    (flow,) = loaded.flows
    assert [inbox.name for inbox in loaded.settings.inboxes] == ["lease", "invoices"]
    assert loaded.settings.inboxes[0].path == site.root / "inbox" / "lease"
    assert loaded.own_inboxes == ("lease",)
    assert (flow.name, flow.inbox, flow.source) == ("lease", "lease", "rules/flows/lease.yaml:1")
    assert flow.party("acme").mail == "acme@acme.example"
    assert [stage.quorum for stage in flow.stages] == [None, 1, None, None]
    read, board, seal, sign = (stage.steps[0] for stage in flow.stages)
    assert (read.deadline, read.reminders) == (259_200.0, (86_400.0, 3_600.0))
    assert read.escalation is not None
    assert (read.escalation.after, read.escalation.party) == (172_800.0, "boss")
    assert board.when == (
        Condition("amount", Comparison.parse(">1000")),
        Condition("currency", None, ("EUR", "USD")),
    )
    assert seal.sealing is not None
    assert (seal.sealing.name, seal.sealing.inbox) == ("seal", "flow.lease")
    assert seal.sealing.profile.level is Level.B_T
    assert [one.name for one in flow.seals] == ["company"]
    assert (sign.kind, sign.on_expiry, sign.field) == (
        StepKind.SIGN_OUTSIDE,
        Otherwise.SKIP,
        "acme",
    )
    assert sign.room is not None
    assert round(sign.room.width) == 170
    assert flow.withdrawal is Withdrawal.ALWAYS
    assert FlowDefinition.from_json(flow.to_json()).sha256 == flow.sha256


def test_flows_belong_to_the_snapshot(site: Configuration) -> None:
    """An edit of a flow gives another snapshot; a site without flows keeps the one it had."""
    with_flow = site.load().rulebook.snapshot
    site.write("rules/flows/lease.yaml", "# a comment\n" + FLOW)
    assert site.load().rulebook.snapshot == with_flow
    site.write("rules/flows/lease.yaml", FLOW.replace("1h, 1d", "2h, 1d"))
    assert site.load().rulebook.snapshot != with_flow
    (site.root / "rules" / "flows" / "lease.yaml").unlink()
    without = site.load()
    assert without.flows == ()
    assert '"flows"' not in without.canonical


def test_a_site_may_have_flows_only(site: Configuration) -> None:
    """No rule is needed where there is a flow; its inbox may be one of `gateway.yaml`."""
    (site.root / "rules" / "a.yaml").unlink()
    site.write("rules/flows/lease.yaml", FLOW.replace("parties:", "inbox: invoices\nparties:", 1))
    assert only(site).inbox == "invoices"
    assert [inbox.name for inbox in site.load().settings.inboxes] == ["invoices"]


def test_an_inbox_that_is_called_like_the_flow_is_its_own(site: Configuration) -> None:
    """`gateway.yaml` may say what differs about it."""
    site.write("gateway.yaml", SITE.replace("  invoices:", "  invoices:\n  lease: {path: drop}"))
    loaded = site.load()
    assert [inbox.path.name for inbox in loaded.settings.inboxes] == ["invoices", "drop"]
    assert loaded.own_inboxes == ()


CASES = {
    "unknown key": ("parties:", "§partis: {}\nparties:", "settings.unknown-key", "parties?"),
    "unknown key of a step": ("    deadline: 3d", "    §deadlin: 3d\n    deadline: 3d", "settings.unknown-key", "deadline?"),
    "unknown key of a step beside others": ("{name: a, ", "{name: a, §txt: x, ", "settings.unknown-key", "text?"),
    "no party": ("  - name: read\n    type: approve\n    party: anna", "  - §name: read\n    type: approve", "settings.missing-key", "Add it"),
    "no type": ("    type: seal\n", "", "settings.missing-key", "Add it"),
    "wrong type": ("type: approve\n", "type: §aprove\n", "settings.wrong-value", "approve?"),
    "wrong type beside others": ("type: review", "type: §rewiev", "settings.wrong-value", "review?"),
    "step is a word": ("  - name: seal\n    type: seal\n    party: anna\n    seal: company\n    place: {page: last}\n    profile: {level: B-T}\n", "  - §seal\n", "settings.wrong-type", "keys with values"),
    "no steps": (FLOW[FLOW.index("steps:") :], "steps: §[]\n", "settings.missing-key", "at least one"),
    "unknown party": ("party: anna\n    deadline", "party: §ana\n    deadline", "settings.unknown-name", "anna?"),
    "unknown party beside others": ("type: review, party: boss", "type: review, party: §bos", "settings.unknown-name", "boss?"),
    "unknown escalation": ("to: boss", "to: §bosss", "settings.unknown-name", "boss?"),
    "escalation to itself": ("to: boss", "to: §anna", "settings.wrong-value", "another"),
    "unknown delegate": ("    deadline: 3d", "    delegates: [boss, §acm]\n    deadline: 3d", "settings.unknown-name", "acme?"),
    "unknown owners": ("parties:", "owners: §bos\nparties:", "settings.unknown-name", "boss?"),
    "unknown seal": ("seal: company", "seal: §compny", "settings.unknown-name", "company?"),
    "unknown seal of the evidence": ("parties:", "evidence: {seal: §compny, place: {page: last}}\nparties:", "settings.unknown-name", "company?"),
    "unknown service": ("    place: {page: last}", "    place: {page: last}\n    failover: [§sandbx]", "settings.unknown-name", "gateway.yaml"),
    "unknown inbox": ("parties:", "inbox: §leese\nparties:", "settings.unknown-name", "leave inbox out"),
    "inbox of rules": ("parties:", "inbox: §invoices\nparties:", "settings.duplicate-name", "alone"),
    "seal without place": ("    deadline: 3d", "    seal: company\n    deadline: 3d", "settings.missing-key", "both"),
    "wrong place": ("place: {page: last}", "place: {page: §middle}", "settings.wrong-value", "first"),
    "two steps of one name": ("{name: a, ", "{name: §read, ", "settings.duplicate-name", "Rename"),
    "reserved name": ("{name: a, ", "{name: §evidence, ", "settings.duplicate-name", "Rename"),
    "bad name": ("name: lease", "name: §My Lease", "settings.wrong-value", "small letters"),
    "more than there are": ("enough: 1", "enough: §3", "settings.wrong-value", "1 to 2"),
    "none is enough": ("enough: 1", "enough: §0", "settings.wrong-value", "at least 1"),
    "alone together": ("      - {name: b, type: review, party: boss}\n", "", "settings.wrong-value", "without together"),
    "outside beside others": ("{name: b, type: review", "{name: b, type: §sign-outside", "settings.wrong-value", "of its own"),
    "counted twice": ("type: review, party: boss", "type: review, party: §anna", "settings.wrong-value", "group of users"),
    "condition in a vote": ("{name: a, ", "{name: a, §when: {x: y}, ", "settings.wrong-value", "enough"),
    "seal in a vote": ("{name: a, type: approve, party: anna}", "{name: a, type: §seal, party: anna, seal: company, place: {page: last}}", "settings.wrong-value", "approve"),
    "vote within a vote": ("{name: b, type: review, party: boss}", "{type: §together, steps: []}", "settings.wrong-value", "Write one of"),
    "no condition": ("amount: \">1000\"", "amount: §\">many\"", "settings.wrong-value", ">=2"),
    "empty condition": ("[EUR, USD]", "§[]", "settings.wrong-value", "comparison"),
    "reminder too early": ("[1h, 1d]", "[1h, §4d]", "settings.wrong-value", "shorter"),
    "reminder of nothing": ("    deadline: 3d\n    reminders: [1h, 1d]", "    reminders: §1h", "settings.wrong-value", "deadline"),
    "escalation too late": ("after: 2d", "after: §3d", "settings.wrong-value", "shorter"),
    "step longer than the flow": ("    deadline: 3d", "    deadline: §3d", "settings.wrong-value", "longer"),
    "bad duration": ("    deadline: 3d", "    deadline: §3 weeks", "settings.wrong-value", "3d"),
    "duration beyond all reason": ("    deadline: 3d", "    deadline: §99999d", "settings.wrong-value", "3650 d"),
    "certified too late": ("{level: B-T}\n", "{level: B-T}\n  - {name: late, type: seal, party: anna, seal: company, place: {page: 1}, profile: {certify: §form-filling}}\n", "settings.wrong-value", "first step"),
    "certified for ever": ("{level: B-T}", "{certify: §no-changes}", "settings.wrong-value", "form-filling"),
    "locks who signs later": ("{level: B-T}", "{lock: §all}", "settings.wrong-value", "behind sign"),
    "one field for two": ("steps:\n", "steps:\n  - {name: early, type: sign-outside, party: boss, field: acme}\n", "settings.duplicate-name", "another field"),
    "no authority": ("{subject: Acme Ltd}", "{authorities: [§seal.png]}", "settings.wrong-value", "certificate"),
    "no fingerprint": ("{subject: Acme Ltd}", "{fingerprint: §abc}", "settings.wrong-value", "openssl"),
    "field in two parts": ("place: {corner: bottom-left}", "place: [§{straddle: {edge: right}}]", "settings.wrong-value", "corner"),
    "field that is turned": ("place: {corner: bottom-left}", "place: [§{corner: bottom-left, rotation: 15}]", "settings.wrong-value", "corner"),
    "no mail address": ("mail: acme@acme.example", "mail: §acme", "settings.wrong-value", "address"),
    "folder twice": ("parties:", "outbox: [done, §done]\nparties:", "settings.wrong-value", "Leave it out"),
    "folder with a word": ("parties:", "outbox: §\"{year}\"\nparties:", "settings.wrong-value", "fixed names"),
    "list of parties": ("parties:\n  anna: {user: anna}\n  acme: {title: Acme Ltd, mail: acme@acme.example}\n  boss:", "parties: §[anna, acme, boss]", "settings.wrong-type", "keys with values"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_mistakes_are_pointed_out(site: Configuration, case: str) -> None:
    """Each mistake is one problem, in its place, with a remedy that helps."""
    good, bad, code, remedy = CASES[case]
    base = FLOW if case != "step longer than the flow" else "deadline: 2d\n" + FLOW
    assert good in base
    text = base.replace(good, bad, 1)
    before, mark, _ = text.partition("§")
    site.write("rules/flows/lease.yaml", text.replace("§", ""))
    (problem,) = site.problems()
    assert (problem.file, problem.code) == ("rules/flows/lease.yaml", code)
    assert remedy in problem.remedy
    if mark:
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        assert (problem.line, problem.column) == place


def test_all_mistakes_at_once(site: Configuration) -> None:
    """Mistakes of `gateway.yaml`, rules and flows are told together, in order."""
    site.write("gateway.yaml", SITE.replace("width: 40mm", "width: 4"))
    site.write("rules/a.yaml", RULES.replace("seal: company", "seal: compny"))
    bad = FLOW.replace("3d", "soon").replace("enough: 1", "enough: 5").replace("party: acme", "")
    site.write("rules/flows/lease.yaml", bad)
    site.write("rules/flows/more.yml", FLOW)
    (site.root / "rules" / "flow").mkdir()
    site.write("rules/flow/x.yaml", FLOW)
    found = [(problem.file, problem.line) for problem in site.problems()]
    assert found == [
        ("gateway.yaml", 12),
        ("rules/a.yaml", 4),
        ("rules/flow/", 0),
        ("rules/flows/lease.yaml", 10),
        ("rules/flows/lease.yaml", 15),
        ("rules/flows/lease.yaml", 26),
        ("rules/flows/more.yml", 0),
    ]


def test_two_flows_share_neither_name_nor_inbox(site: Configuration) -> None:
    """The second file is told where the first one stands."""
    site.write("rules/flows/other.yaml", FLOW)
    name, inbox = site.problems()
    assert (name.file, name.line, name.code) == (
        "rules/flows/other.yaml",
        1,
        "settings.duplicate-name",
    )
    assert "rules/flows/lease.yaml:1" in name.message
    assert "Inbox lease has another owner" in inbox.message


def test_a_party_is_the_same_in_all_flows(site: Configuration) -> None:
    """What is meant for one company must not lie in the folder of another one."""
    other = FLOW.replace("name: lease", "name: nda").replace("title: Acme Ltd", "title: Beta Ltd")
    site.write("rules/flows/nda.yaml", other)
    (problem,) = site.problems()
    assert (problem.file, problem.line, problem.column) == ("rules/flows/nda.yaml", 4, 3)
    assert "Party acme is somebody else" in problem.message
    assert "rules/flows/lease.yaml:4" in problem.message
    site.write("rules/flows/nda.yaml", FLOW.replace("name: lease", "name: nda"))
    assert [flow.name for flow in site.load().flows] == ["lease", "nda"]


def test_previews_begin_no_flow(site: Configuration) -> None:
    """An inbox that only shows what rules would do cannot be a flow's."""
    site.write(
        "gateway.yaml", SITE.replace("  invoices:", "  invoices:\n  look: {preview_of: invoices}")
    )
    site.write("rules/flows/lease.yaml", "inbox: look\n" + FLOW)
    (problem,) = site.problems()
    assert (problem.line, problem.code) == (1, "settings.wrong-value")


def test_a_broken_flow_hides_no_inbox(site: Configuration) -> None:
    """Commands that only look see a flow's own inbox, whatever is wrong with its steps."""
    site.write("rules/flows/lease.yaml", FLOW.replace("type: seal", "type: zeal"))
    with pytest.raises(ConfigurationFault):
        site.load()
    from gateway.seals.store import ArtworkStore
    from gateway.settings import load

    store = ArtworkStore(site.root / "state" / "artwork")
    loaded = load(site.root, store, {}, with_rules=False)
    assert [inbox.name for inbox in loaded.settings.inboxes] == ["lease", "invoices"]


def test_a_flow_file_is_no_way_out(site: Configuration, tmp_path: Path) -> None:
    """A flow file is no link to somewhere else."""
    (tmp_path / "outside.yaml").write_text(FLOW)
    (site.root / "rules" / "flows" / "lease.yaml").unlink()
    (site.root / "rules" / "flows" / "lease.yaml").symlink_to(tmp_path / "outside.yaml")
    (problem,) = site.problems()
    assert problem.code == "settings.unreadable"


JUNK: tuple[object, ...] = (
    None,
    "x",
    "",
    [],
    {},
    ["x"],
    {"x": "y"},
    [None],
    [{}],
    {"type": "seal"},
    {"type": ["a"]},
    [{"type": "together", "steps": []}],
    [{"type": "together", "steps": [{"type": "together"}]}],
)


def paths(value: object, way: Location = ()) -> Iterator[Location]:
    """Yield where each value of a file stands."""
    if way:
        yield way
    pairs = value.items() if isinstance(value, dict) else ()
    entries = enumerate(value) if isinstance(value, list) else ()
    for step, inner in (*pairs, *entries):
        yield from paths(inner, (*way, step))


def test_no_value_breaks_or_hides_the_rest() -> None:
    """Whatever stands in the place of any value, the rest is looked at all the same."""
    good, _ = parse_yaml("flow", FLOW)
    assert good is not None
    for way in paths(good.value):
        for junk in JUNK:
            value: Any = deepcopy(good.value)
            *steps, last = way
            inner = reduce(lambda whole, step: whole[step], steps, value)
            inner[last] = junk
            parsed = parse(FlowFile, good, value)
            assert parsed.model is not None, (way, junk)
            notes = Notes(good, parsed.doubtful)
            builder = FlowBuilder(RuleBuilder(None), (), {}, {}, Path)
            builder.build(parsed.model, notes)
