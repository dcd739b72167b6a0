"""From a parsed flow file to its definition, checking the names it uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from gateway.core.flow_definition import EVIDENCE, FlowDefinition, Party, Withdrawal, rules_of
from gateway.core.rules import Level, Seal
from gateway.settings.flow_checks import check_signatures
from gateway.settings.flow_models import FlowFile, PartyPart
from gateway.settings.flow_step_builder import FlowStepBuilder
from gateway.settings.parsing import Notes
from gateway.settings.problems import did_you_mean
from gateway.settings.rule_builder import RuleBuilder
from gateway.settings.yaml_file import Location


class FlowBuilder:
    """Builds the definitions of all files, one file after the other."""

    def __init__(
        self,
        rules: RuleBuilder,
        seals: Iterable[Seal],
        inboxes: Mapping[str, str],
        claimed: Mapping[str, str],
        path: Callable[[str], Path],
    ) -> None:
        self._rules = rules
        self._seals = {seal.name: seal for seal in seals}
        self._inboxes = inboxes
        """Defined inboxes, and of which other inbox each is a preview; empty when nobody knows."""
        self._claimed = dict(claimed)
        """Inboxes that others have already, and where that is written."""
        self._path = path
        self._sources: dict[str, str] = {}
        self._parties: dict[str, tuple[Party, str]] = {}

    def build(self, parsed: FlowFile, notes: Notes) -> FlowDefinition:
        """Return the definition of one file; look at the notes before using it."""
        line, _ = notes.file.position(("name",))
        source = f"{notes.file.name}:{line}"
        self._check_name(notes, parsed.name, source)
        inbox = parsed.inbox or parsed.name
        self._check_inbox(notes, inbox, source, given=parsed.inbox is not None)
        _check_parties(notes, parsed)
        steps = FlowStepBuilder(notes, parsed, self._rules, self._path)
        stages = steps.build()
        if parsed.level is not None:
            self._rules.check_level(notes, ("level",), parsed.level)
        evidence = None
        if parsed.evidence is not None:
            evidence = self._rules.sealing(
                notes,
                (EVIDENCE,),
                parsed.evidence,
                inbox=rules_of(parsed.name),
                name=EVIDENCE,
            )
        definition = FlowDefinition(
            name=parsed.name,
            inbox=inbox,
            parties=tuple(self._party(notes, *item) for item in parsed.parties.items()),
            stages=stages,
            title=parsed.title,
            deadline=parsed.deadline,
            withdrawal=Withdrawal(parsed.withdrawal),
            owners=parsed.owners,
            evidence=evidence,
            outbox=parsed.outbox,
            level=Level(parsed.level) if parsed.level is not None else None,
            source=source,
        )
        check_signatures(notes, definition, steps.places)
        return replace(definition, seals=self._shown(definition))

    def _shown(self, definition: FlowDefinition) -> tuple[Seal, ...]:
        """Return the seals that a definition shows, each once."""
        names = dict.fromkeys(name for rule in definition.sealings for name in rule.seals)
        return tuple(self._seals[name] for name in names if name in self._seals)

    def _party(self, notes: Notes, name: str, part: PartyPart | None) -> Party:
        """Return a party; note one that is somebody else in another flow: its folder is one."""
        part = part or PartyPart()
        party = Party(name, part.title, part.user, part.group, part.mail or "")
        line, _ = notes.file.position(("parties", name), key=True)
        former, source = self._parties.setdefault(name, (party, f"{notes.file.name}:{line}"))
        if former != party:
            what = (
                f"Party {name} is somebody else in another flow ({source}), with the same folder."
            )
            remedy = "Write the same title, user, group and mail there and here, or rename one."
            here = ("parties", name)
            notes.add(here, "settings.duplicate-name", what, remedy, key=True)
        return party

    def _check_name(self, notes: Notes, name: str, source: str) -> None:
        former = self._sources.setdefault(name, source)
        if former != source:
            what = f"There is another flow {name} ({former})."
            notes.add(("name",), "settings.duplicate-name", what, "Rename one.")

    def _check_inbox(self, notes: Notes, inbox: str, source: str, *, given: bool) -> None:
        """Note an inbox that is not there, or that is somebody else's."""
        here: Location = ("inbox",) if given else ("name",)
        if self._inboxes and inbox not in self._inboxes:
            near = did_you_mean(inbox, self._inboxes)
            remedy = f"Define it in gateway.yaml, or leave inbox out.{near}"
            notes.add(here, "settings.unknown-name", f"There is no inbox {inbox}.", remedy)
        elif self._inboxes.get(inbox):
            what = f"Inbox {inbox} is a preview of {self._inboxes[inbox]}: nothing begins there."
            notes.add(here, "settings.wrong-value", what, "Name an inbox of the flow's own.")
        former = self._claimed.setdefault(inbox, source)
        if former != source:
            what = f"Inbox {inbox} has another owner already ({former})."
            remedy = "A flow's inbox belongs to it alone: name another one."
            notes.add(here, "settings.duplicate-name", what, remedy)


def _check_parties(notes: Notes, parsed: FlowFile) -> None:
    """Note owners that are no party, and folders that are named twice."""
    known = parsed.owners in parsed.parties or notes.doubts(("parties",))
    if parsed.owners and not known:
        what = f"There is no party {parsed.owners}."
        remedy = f"Name one of the flow's parties.{did_you_mean(parsed.owners, parsed.parties)}"
        notes.add(("owners",), "settings.unknown-name", what, remedy)
    for index, folder in enumerate(parsed.outbox):
        if folder in parsed.outbox[:index]:
            what = f"The folder {folder} gets the result already."
            notes.add(("outbox", index), "settings.wrong-value", what, "Leave it out here.")
