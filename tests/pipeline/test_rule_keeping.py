"""Rules are changed on behalf of people: checked, written, told of, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.core.errors import AccessFault, ConfigurationFault, UsageFault
from gateway.core.four_eyes import RequestFiled, RequestState
from gateway.core.people_settings import PeopleSettings
from gateway.folders.rule_files import FolderRuleFiles
from gateway.ledger import SqliteLedger
from gateway.pipeline.four_eyes import FourEyes
from gateway.pipeline.rule_keeping import RuleKeeping
from gateway.pipeline.rule_requests import asked_change
from gateway.ports import RuleChange
from gateway.seals.store import ArtworkStore
from gateway.settings import load
from gateway.settings.rule_editing import RuleEdit
from tests.contracts.test_seal_registry import StandingClock
from tests.settings.conftest import RULES, Configuration, configuration, sandbox_root

__all__ = ["configuration", "sandbox_root"]

POINT = RuleEdit(places=({"page": "1", "x": "10mm", "y": "20mm"},))
EDGE = RuleEdit(places=({"page": "1", "edge": "left"},))


class Kept:
    """A site's rules in the hands of somebody."""

    def __init__(
        self, configuration: Configuration, people: PeopleSettings = PeopleSettings()
    ) -> None:
        self.file = configuration.root / "rules" / "a.yaml"
        self.clock = StandingClock()
        self.ledger = SqliteLedger(configuration.root / "ledger.sqlite", self.clock)
        store = ArtworkStore(configuration.root / "state" / "artwork")
        self.keeping = RuleKeeping(
            FolderRuleFiles(self.file.parent),
            self.ledger.rule_changes,
            lambda drafts: load(configuration.root, store, {}, drafts=drafts),
            self.clock,
            four_eyes=FourEyes(
                self.ledger.keeper_requests,
                self.ledger.seals,
                self.ledger.droppers,
                self.clock,
                people,
            ),
        )

    def events(self) -> list[tuple[str, str]]:
        """Return what the log tells of rules."""
        return [(one.event, one.actor) for one in self.ledger.entries(event="rule.*")]


@pytest.fixture
def kept(configuration: Configuration) -> Iterator[Kept]:
    """Yield the rules of a good configuration."""
    made = Kept(configuration)
    yield made
    made.ledger.close()


@pytest.fixture
def watched(configuration: Configuration) -> Iterator[Kept]:
    """Yield the same where four eyes are asked for."""
    made = Kept(configuration, PeopleSettings(four_eyes=True))
    yield made
    made.ledger.close()


def filed(kept: Kept, edit: RuleEdit = POINT, actor: str = "person:anna") -> int:
    """Ask for a change; return the number of the request."""
    with pytest.raises(RequestFiled) as asked:
        kept.keeping.save(kept.keeping.draft("a.yaml", "all", edit), actor, "moved")
    return asked.value.request.number


def refused(code: str, call: object) -> None:
    """Let a call be refused with a code."""
    with pytest.raises(UsageFault) as caught:
        call()  # type: ignore[operator]
    assert caught.value.code == code


def test_a_change_is_shown_written_and_taken_back(kept: Kept) -> None:
    """A draft shows a diff and writes nothing; saved, it is in file and log, as is its undoing."""
    draft = kept.keeping.draft("a.yaml", "all", POINT)
    assert kept.file.read_text() == RULES
    assert "+    place: {page: 1, x: 10mm, y: 20mm}" in draft.difference.splitlines()
    assert draft.site.rulebook.rules[0].places != ()
    saved = kept.keeping.save(draft, "anna", "  the lawyers\nasked ")
    assert saved is not None
    assert saved.reason == "the lawyers asked"
    assert "x: 10mm" in kept.file.read_text()
    back = kept.keeping.undo(saved.number, "bert", "it was better before")
    assert kept.file.read_text() == RULES
    assert kept.events() == [("rule.changed", "anna"), ("rule.restored", "bert")]
    kept.keeping.undo(back.number, "anna", "no")
    assert "x: 10mm" in kept.file.read_text()


def test_nothing_is_written_that_does_not_load(kept: Kept) -> None:
    """A draft that the loader refuses is refused with its place in the file."""
    wrong = RuleEdit(places=({"page": "1", "x": "10 miles", "y": "0mm"},))
    with pytest.raises(ConfigurationFault) as caught:
        kept.keeping.draft("a.yaml", "all", wrong)
    assert caught.value.problems[0].line == 5
    assert kept.file.read_text() == RULES
    with pytest.raises(ConfigurationFault):
        kept.keeping.draft("a.yaml", "all", RuleEdit(seal="nobody"))


def test_who_edits_meanwhile_wins(kept: Kept) -> None:
    """A file that was edited since it was read is not written over, nor by an undoing."""
    draft = kept.keeping.draft("a.yaml", "all", POINT)
    kept.file.write_text(RULES + "# by hand\n")
    refused("rules.conflict", lambda: kept.keeping.save(draft, "anna", "moved"))
    refused("rules.conflict", lambda: kept.keeping.draft("a.yaml", "all", POINT, draft.known))
    assert kept.file.read_text() == RULES + "# by hand\n"
    saved = kept.keeping.save(kept.keeping.draft("a.yaml", "all", POINT), "anna", "moved")
    assert saved is not None
    kept.file.write_text(RULES)
    refused("rules.conflict", lambda: kept.keeping.undo(saved.number, "anna", "back"))
    refused("rules.unknown", lambda: kept.keeping.undo(99, "anna", "back"))
    assert kept.events() == [("rule.changed", "anna")]


def test_a_change_needs_a_reason_and_a_difference(kept: Kept) -> None:
    """Without a reason nothing is written; without a difference there is nothing to write."""
    draft = kept.keeping.draft("a.yaml", "all", POINT)
    refused("rules.no-reason", lambda: kept.keeping.save(draft, "anna", " \n"))
    assert kept.file.read_text() == RULES
    same = kept.keeping.draft("a.yaml", "all", RuleEdit())
    assert kept.keeping.save(same, "anna", "why not") is None
    assert kept.events() == []


@pytest.mark.parametrize("written", [True, False])
def test_a_crash_between_file_and_log_is_made_good(
    kept: Kept, written: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log tells of a change that was written before a crash, and of none that was not."""

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    draft = kept.keeping.draft("a.yaml", "all", POINT)
    with monkeypatch.context() as patch:
        if written:
            patch.setattr(type(kept.ledger.rule_changes), "finish", die)
        else:
            patch.setattr(FolderRuleFiles, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            kept.keeping.save(draft, "anna", "moved")
    kept.keeping.settle()
    assert len(kept.ledger.rule_changes.all()) == 1
    kept.clock.moment += timedelta(minutes=2)
    kept.keeping.settle()
    assert kept.events() == ([("rule.changed", "anna")] if written else [])
    assert len(kept.ledger.rule_changes.all()) == int(written)


def test_a_file_that_is_gone_stands_in_nobodys_way(kept: Kept) -> None:
    """A change that a crash left begun, of a file that was removed since, is abandoned."""
    draft = kept.keeping.draft("a.yaml", "all", POINT)
    change = RuleChange("gone.yaml", "all", draft.known, "ab" * 32, "anna", "moved")
    kept.ledger.rule_changes.begin(change, draft.before, b"other")
    kept.clock.moment += timedelta(minutes=2)
    assert kept.keeping.save(draft, "anna", "moved") is not None
    assert [one.file for one in kept.ledger.rule_changes.all()] == ["a.yaml"]


def test_rules_are_listed_as_they_are_written(kept: Kept) -> None:
    """Every rule comes with its file, line, seal and places."""
    ((file, rule),) = kept.keeping.rules()
    assert (file, rule.name, rule.inbox, rule.line) == ("a.yaml", "all", "invoices", 3)
    assert rule.places == ({"page": "last", "corner": "bottom-right", "margin": "15mm"},)


def test_with_four_eyes_another_keeper_writes_it(watched: Kept) -> None:
    """A change is only asked for; who confirms sees what would change, and the log has both."""
    number = filed(watched)
    assert watched.file.read_text() == RULES
    (request,) = watched.keeping.requests()
    assert "+    place: {page: 1, x: 10mm, y: 20mm}" in asked_change(request).difference
    with pytest.raises(AccessFault):
        watched.keeping.confirm(number, "person:anna")
    assert watched.file.read_text() == RULES
    done = watched.keeping.confirm(number, "person:ben")
    assert (done.state, done.decider) == (RequestState.CONFIRMED, "person:ben")
    assert "x: 10mm" in watched.file.read_text()
    assert watched.keeping.requests() == ()
    (entry,) = watched.ledger.entries(event="rule.*")
    told = dict(entry.details)
    assert (entry.actor, told["confirmed by"]) == ("person:anna", "person:ben")
    assert told["request"] == str(number)
    refused("usage.request-decided", lambda: watched.keeping.confirm(number, "person:cleo"))
    with pytest.raises(RequestFiled) as undoing:
        watched.keeping.undo(int(told["number"]), "person:ben", "it was better before")
    watched.keeping.confirm(undoing.value.request.number, "person:anna")
    assert watched.file.read_text() == RULES
    assert watched.events()[-1] == ("rule.restored", "person:ben")


def test_what_was_asked_for_is_written_as_it_was_seen_or_not_at_all(watched: Kept) -> None:
    """A file or a site that changed meanwhile keeps a request from being done; it stays open."""
    first, second = filed(watched), filed(watched, EDGE)
    watched.keeping.confirm(first, "person:ben")
    present = watched.file.read_text()
    refused("rules.conflict", lambda: watched.keeping.confirm(second, "person:ben"))
    assert watched.file.read_text() == present
    refused("rules.conflict", lambda: filed_late(watched))
    (still,) = watched.keeping.requests()
    assert still.number == second
    third = filed(watched, EDGE)
    site = watched.file.parents[1] / "gateway.yaml"
    site.write_text(site.read_text().replace("  invoices:", "  others:"))
    with pytest.raises(ConfigurationFault):
        watched.keeping.confirm(third, "person:ben")
    assert watched.file.read_text() == present
    for number in (second, third):
        watched.keeping.refuse(number, "person:anna", "no more")
    assert watched.keeping.requests() == ()


def filed_late(kept: Kept) -> None:
    """Ask for a change of a file that somebody has edited since."""
    draft = kept.keeping.draft("a.yaml", "all", EDGE)
    before = kept.file.read_text()
    kept.file.write_text(before + "# by hand\n")
    try:
        kept.keeping.save(draft, "person:anna", "late")
    finally:
        kept.file.write_text(before)
