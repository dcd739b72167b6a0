"""From parsed rule files to rules, checking the names they use."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.errors import Problem
from gateway.core.rules import Certify, Corner, Delivery, Level, Match, Place, Profile, Rule
from gateway.settings.models import MatchPart, PlacePart, RuleFile, RulePart
from gateway.settings.problems import did_you_mean
from gateway.settings.yaml_file import YamlFile


class RuleBuilder:
    """Builds the rules of all files and gathers every problem on the way."""

    def __init__(
        self, inboxes: Sequence[str], seals: Sequence[str], timestamps: bool | None
    ) -> None:
        self.problems: list[Problem] = []
        self._inboxes = inboxes
        self._seals = seals
        self._timestamps = timestamps
        """Whether there is a time-stamp authority; None when `gateway.yaml` cannot tell."""
        self._names: dict[tuple[str, str], str] = {}

    def build(self, file: YamlFile, parsed: RuleFile) -> tuple[Rule, ...]:
        """Return the rules of one file; look at `problems` before using them."""
        if self._inboxes and parsed.inbox not in self._inboxes:
            what = f"There is no inbox {parsed.inbox}."
            remedy = f"Define it in gateway.yaml.{did_you_mean(parsed.inbox, self._inboxes)}"
            self.problems.append(file.problem(("inbox",), "settings.unknown-name", what, remedy))
        return tuple(
            self._rule(file, parsed.inbox, index, part) for index, part in enumerate(parsed.rules)
        )

    def _rule(self, file: YamlFile, inbox: str, index: int, part: RulePart) -> Rule:
        here = ("rules", index)
        line, _ = file.position((*here, "name"))
        source = f"{file.name}:{line}"
        former = self._names.setdefault((inbox, part.name), source)
        if former != source:
            what = f"There is another rule {part.name} for inbox {inbox} ({former})."
            self._note(file, (*here, "name"), "settings.duplicate-name", what, "Rename one.")
        if self._seals and part.seal not in self._seals:
            what = f"There is no seal {part.seal}."
            remedy = f"Define it in gateway.yaml.{did_you_mean(part.seal, self._seals)}"
            self._note(file, (*here, "seal"), "settings.unknown-name", what, remedy)
        if part.profile.level == "B-T" and self._timestamps is False:
            what = "Level B-T needs a time-stamp authority."
            remedy = "Add timestamp: {url: …} to gateway.yaml, or use level B-B."
            self._note(file, (*here, "profile", "level"), "settings.missing-key", what, remedy)
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
            source=source,
        )

    def _note(
        self, file: YamlFile, here: Sequence[str | int], code: str, what: str, remedy: str
    ) -> None:
        self.problems.append(file.problem(here, code, what, remedy))


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
