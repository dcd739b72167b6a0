"""From parsed rule files to rules, checking the names they use."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.rules import Certify, Corner, Delivery, Level, Match, Place, Profile, Rule
from gateway.settings.parsing import Notes
from gateway.settings.problems import did_you_mean
from gateway.settings.rule_models import MatchPart, PlacePart, RuleFile, RulePart
from gateway.settings.site_builder import DefinedNames
from gateway.settings.yaml_file import Location


class RuleBuilder:
    """Builds the rules of all files, one file after the other."""

    def __init__(self, defined: DefinedNames | None) -> None:
        self._defined = defined
        """What `gateway.yaml` defines; None when it cannot tell."""
        self._sources: dict[tuple[str, str], str] = {}

    def build(self, parsed: RuleFile, notes: Notes) -> tuple[Rule, ...]:
        """Return the rules of one file; look at the notes before using them."""
        if self._defined is not None:
            _check_name(notes, ("inbox",), "inbox", parsed.inbox, self._defined.inboxes)
        return tuple(
            self._rule(notes, parsed.inbox, index, part) for index, part in enumerate(parsed.rules)
        )

    def _rule(self, notes: Notes, inbox: str, index: int, part: RulePart) -> Rule:
        here: Location = ("rules", index)
        line, _ = notes.file.position((*here, "name"))
        source = f"{notes.file.name}:{line}"
        former = self._sources.setdefault((inbox, part.name), source)
        if former != source:
            what = f"There is another rule {part.name} for inbox {inbox} ({former})."
            notes.add((*here, "name"), "settings.duplicate-name", what, "Rename one.")
        if self._defined is not None:
            _check_name(notes, (*here, "seal"), "seal", part.seal, self._defined.seals)
            for place, name in enumerate(part.failover):
                where = (*here, "failover", place)
                _check_name(notes, where, "service", name, self._defined.services)
            if part.profile.level == "B-T" and not self._defined.timestamp:
                what = "Level B-T needs a time-stamp authority."
                remedy = "Add timestamp: {url: …} to gateway.yaml, or use level B-B."
                notes.add((*here, "profile", "level"), "settings.missing-key", what, remedy)
        return Rule(
            name=part.name,
            inbox=inbox,
            seal=part.seal,
            place=_place(part.place),
            match=_match(part.match),
            profile=Profile(
                Level(part.profile.level),
                Certify(part.profile.certify),
                part.profile.reason,
                part.profile.location,
                part.profile.contact,
            ),
            delivery=Delivery(part.deliver.outbox or "", part.deliver.name),
            failover=part.failover,
            source=source,
        )


def _check_name(notes: Notes, here: Location, noun: str, name: str, defined: Sequence[str]) -> None:
    """Note a name that is not defined; where nothing is defined, that is the problem."""
    if defined and name not in defined:
        what = f"There is no {noun} {name}."
        remedy = f"Define it in gateway.yaml.{did_you_mean(name, defined)}"
        notes.add(here, "settings.unknown-name", what, remedy)


def _match(part: MatchPart) -> Match:
    return Match(
        paths=part.path,
        pages=part.pages,
        size=part.size,
        text=part.text,
        metadata=tuple(sorted(part.metadata.items())),
        signatures=part.signatures,
        fields=part.fields,
    )


def _place(part: PlacePart) -> Place:
    return Place(
        page=part.page,
        corner=Corner(part.corner),
        margin=part.margin,
        offset_x=part.offset.x,
        offset_y=part.offset.y,
        find=part.find,
        occurrence=part.occurrence,
    )
