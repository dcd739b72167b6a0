"""From parsed rule files to rules, checking the names they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from gateway.core.duplicates import Duplicates
from gateway.core.profile import Commitment, FieldLock, LockAction, SignaturePolicy
from gateway.core.repairing import Repair
from gateway.core.rules import (
    Certify,
    Keep,
    Level,
    Match,
    Profile,
    Rule,
)
from gateway.settings.delivery_builder import build_delivery
from gateway.settings.parsing import Notes
from gateway.settings.place_builder import PlaceBuilder
from gateway.settings.problems import did_you_mean
from gateway.settings.profile_models import DocumentLock, LockPart, PolicyPart, ProfilePart
from gateway.settings.rule_models import MatchPart, RuleFile, RulePart, SealingPart
from gateway.settings.site_builder import DefinedNames
from gateway.settings.ticket_builder import build_terms
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
        return replace(
            self.sealing(notes, here, part, inbox=inbox, name=part.name),
            match=_match(part.match),
            delivery=build_delivery(notes, (*here, "deliver"), part, inbox),
            duplicates=Duplicates(part.duplicates),
            allow=part.allow,
            refuse=part.refuse,
            repair=Repair(part.repair),
            tickets=build_terms(
                (*here, "tickets"),
                part.tickets,
                notes,
                defined=self._defined,
                places=self.places(notes, part.seal),
                profile=partial(self._profile, notes),
            ),
            source=source,
        )

    def sealing(
        self, notes: Notes, here: Location, part: SealingPart, *, inbox: str, name: str
    ) -> Rule:
        """Return which seal goes where and how, as a rule for every document."""
        if self._defined is not None:
            _check_name(notes, (*here, "seal"), "seal", part.seal, self._defined.all_seals)
            for place, service in enumerate(part.failover):
                where = (*here, "failover", place)
                _check_name(notes, where, "service", service, self._defined.services)
        line, _ = notes.file.position(here)
        return Rule(
            name=name,
            inbox=inbox,
            seal=part.seal,
            places=self.places(notes, part.seal).build((*here, "place"), part.place),
            profile=self._profile(notes, (*here, "profile"), part.profile),
            failover=part.failover,
            keep=tuple(map(Keep, part.keep)),
            source=f"{notes.file.name}:{line}",
        )

    def places(self, notes: Notes, seal: str) -> PlaceBuilder:
        """Return what builds the places of a seal."""
        return PlaceBuilder(notes, self._defined.all_seals if self._defined else (), seal)

    def check_level(self, notes: Notes, here: Location, level: str) -> None:
        """Note a level that needs a time-stamp authority where there is none."""
        if self._defined is not None and level != "B-B" and not self._defined.timestamp:
            what = f"Level {level} needs a time-stamp authority."
            remedy = "Add timestamp: {url: …} to gateway.yaml, or use level B-B."
            notes.add(here, "settings.missing-key", what, remedy)

    def _profile(self, notes: Notes, here: Location, part: ProfilePart) -> Profile:
        self.check_level(notes, (*here, "level"), part.level)
        _check_reason(notes, (*here, "reason"), part)
        return _profile(part)


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
        findings=part.findings,
    )


def _check_reason(notes: Notes, here: Location, part: ProfilePart) -> None:
    """Note a reason beside what says the same in a signed attribute."""
    others = [key for key in ("commitment", "policy") if getattr(part, key) is not None]
    if part.reason and others:
        what = f"A signature with a {others[0]} must not have a reason."
        remedy = f"Leave out reason or {others[0]} (ETSI EN 319 142-1, 6.3, requirements d and m)."
        notes.add(here, "settings.wrong-value", what, remedy)


def _profile(part: ProfilePart) -> Profile:
    return Profile(
        level=Level(part.level),
        certify=Certify(part.certify),
        reason=part.reason,
        location=part.location,
        contact=part.contact,
        name=part.name,
        commitment=Commitment(part.commitment) if part.commitment is not None else None,
        policy=_policy(part.policy) if part.policy is not None else None,
        lock=_lock(part.lock) if part.lock is not None else None,
        vri=part.vri,
    )


def _policy(part: PolicyPart) -> SignaturePolicy:
    algorithm, _, digits = part.hash.partition(":")
    return SignaturePolicy(part.oid, algorithm, digits, part.uri or "")


def _lock(part: LockPart) -> FieldLock:
    if part.include is not None:
        return FieldLock(LockAction.INCLUDE, part.include)
    if part.exclude is not None:
        return FieldLock(LockAction.EXCLUDE, part.exclude)
    return FieldLock(LockAction.DOCUMENT if isinstance(part, DocumentLock) else LockAction.ALL)
