"""Keeping rules: a change is shown, checked by the loader, written, told of, and taken back.

Theory of operation: contents before and after are in the ledger before the file is written, and
the log's entry comes after it. A crash in between leaves a change that is begun; whoever looks
next sees by the file's hash whether it was written, and finishes or abandons it. So the log tells
of every change that is in a file, and of none that is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.core.errors import UsageFault
from gateway.ports import Clock, RuleChange, RuleChanges, RuleFiles
from gateway.settings import LoadedSite
from gateway.settings.rule_editing import (
    RuleEdit,
    RuleText,
    decoded,
    difference,
    edited,
    rule_texts,
)

LoadDrafts = Callable[[Mapping[str, str]], LoadedSite]
"""Loads the site as it would be with these texts of rule files; raises `ConfigurationFault`."""
_LONGEST_REASON = 500
_UNDER_WAY = timedelta(minutes=1)
"""So long somebody else may still be about to write what has begun."""


@dataclass(frozen=True)
class Draft:
    """A rule file as it would be; nothing is written yet."""

    file: str
    rule: str
    before: bytes = field(repr=False)
    after: bytes = field(repr=False)
    site: LoadedSite = field(repr=False)
    """The whole site with this draft."""

    @property
    def known(self) -> str:
        """Return the SHA-256, in hex, of the content that it was made from."""
        return hashlib.sha256(self.before).hexdigest()

    @property
    def written(self) -> RuleText:
        """Return the rule as it would be written."""
        return next(
            one for one in rule_texts(self.file, decoded(self.after)) if one.name == self.rule
        )

    @property
    def difference(self) -> str:
        """Return a unified diff; empty when nothing changes."""
        return difference(f"rules/{self.file}", self.before, self.after)


@dataclass(frozen=True)
class RuleKeeping:
    """Changes rules on behalf of people."""

    files: RuleFiles
    changes: RuleChanges
    load: LoadDrafts
    clock: Clock

    def rules(self) -> tuple[tuple[str, RuleText], ...]:
        """Return every rule as it is written, with its file; raises `ConfigurationFault`."""
        return tuple(
            (name, rule)
            for name in self.files.names()
            for rule in rule_texts(name, decoded(self.files.read(name)))
        )

    def draft(self, file: str, rule: str, edit: RuleEdit, known: str = "") -> Draft:
        """Return the file as it would be, checked as a whole site.

        `known` is the SHA-256 of the content that the change is meant for; any when empty.
        Raises `UsageFault` (`rules.…`), and `ConfigurationFault` with every problem.
        """
        before = self.files.read(file)
        _check_known(file, before, known)
        after = edited(file, before, rule, edit)
        return Draft(file, rule, before, after, self.load({file: decoded(after)}))

    def save(self, draft: Draft, actor: str, reason: str) -> RuleChange | None:
        """Write a draft and log it; return the change, or None when nothing changes.

        Raises `UsageFault`: `rules.conflict`, `rules.no-reason`.
        """
        if draft.before == draft.after:
            return None
        return self._write(draft, actor, reason, undoes=0)

    def undo(self, number: int, actor: str, reason: str) -> RuleChange:
        """Write back what was there before a change, if the file is still as that left it.

        Raises like `save`, `UsageFault` (`rules.unknown`), and `ConfigurationFault` when the
        former content does not fit the site any more.
        """
        return self._write(self.undoing(number), actor, reason, undoes=number)

    def undoing(self, number: int) -> Draft:
        """Return what undoing a change would write; raises like `undo`."""
        self.settle()
        change = next((one for one in self.changes.all() if one.number == number), None)
        if change is None:
            raise UsageFault("rules.unknown", f"change {number}")
        present = self.files.read(change.file)
        _check_known(change.file, present, change.after)
        former = self.changes.content(change.before)
        loaded = self.load({change.file: decoded(former)})
        return Draft(change.file, change.rule, present, former, loaded)

    def settle(self) -> None:
        """Finish or abandon what a crash left begun."""
        for change in self.changes.all():
            if change.written:
                continue
            if self._present(change.file) == change.after:
                self.changes.finish(change.number)
            elif change.at is None or self.clock.now() - change.at > _UNDER_WAY:
                self.changes.abandon(change.number)

    def _present(self, file: str) -> str:
        """Return the hash of a file as it is; of one that is gone, none."""
        try:
            return hashlib.sha256(self.files.read(file)).hexdigest()
        except UsageFault:
            return ""

    def _write(self, draft: Draft, actor: str, reason: str, undoes: int) -> RuleChange:
        why = " ".join(reason.split())[:_LONGEST_REASON]
        if not why:
            raise UsageFault("rules.no-reason")
        self.settle()
        after = hashlib.sha256(draft.after).hexdigest()
        change = RuleChange(draft.file, draft.rule, draft.known, after, actor, why, undoes)
        change = self.changes.begin(change, draft.before, draft.after)
        try:
            self.files.replace(draft.file, draft.after, draft.known)
        except UsageFault:
            self.changes.abandon(change.number)
            raise
        self.changes.finish(change.number)
        return change


def _check_known(file: str, content: bytes, known: str) -> None:
    if known and hashlib.sha256(content).hexdigest() != known:
        raise UsageFault("rules.conflict", file)
