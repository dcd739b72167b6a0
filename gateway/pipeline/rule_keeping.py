"""Keeping rules: a change is shown, checked by the loader, written, told of, and taken back.

Theory of operation: contents before and after are in the ledger before the file is written, and
the log's entry comes after it. A crash in between leaves a change that is begun; whoever looks
next sees by the file's hash whether it was written, and finishes or abandons it. So the log tells
of every change that is in a file, and of none that is not.

With four eyes a change is filed as a request, with both contents; another keeper's confirmation
writes it in the way of any change, if the file is still the one that was seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.core.errors import UsageFault
from gateway.core.four_eyes import KeeperRequest, RequestFiled
from gateway.pipeline.four_eyes import FourEyes
from gateway.pipeline.rule_requests import RULE, AskedChange, asked_change
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
    four_eyes: FourEyes | None = field(kw_only=True)
    """Files what another keeper has to confirm; None where nobody has to."""

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

        Raises `UsageFault`: `rules.conflict`, `rules.no-reason`; `RequestFiled` when another
        keeper has to confirm it.
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

    def requests(self) -> tuple[KeeperRequest, ...]:
        """Return the changes that wait for another keeper, newest first."""
        if self.four_eyes is None:
            return ()
        return tuple(one for one in self.four_eyes.requests.all() if one.kind == RULE)

    def confirm(self, number: int, actor: str) -> KeeperRequest:
        """Write a change that another keeper has asked for, logged as his with both names.

        Raises `UsageFault` (`rules.conflict` when the file was changed meanwhile), and as
        `FourEyes.confirm` does; `ConfigurationFault` when the site has no place for it any more.
        """
        if self.four_eyes is None:
            raise UsageFault("usage.unknown-request", str(number))
        return self.four_eyes.confirm(
            number, actor, lambda request: self._apply(request, confirmer=actor)
        )

    def refuse(self, number: int, actor: str, why: str = "") -> KeeperRequest:
        """Refuse a change, or take back one's own wish; raises as `FourEyes.refuse` does."""
        if self.four_eyes is None:
            raise UsageFault("usage.unknown-request", str(number))
        request = self.four_eyes.requests.find(number)
        if request is not None:
            asked_change(request)
        return self.four_eyes.refuse(number, actor, why)

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
        before, after = decoded(draft.before), decoded(draft.after)
        wanted = AskedChange(draft.file, draft.rule, before, after, why, undoes)
        if self.four_eyes is not None and self.four_eyes.needs(wanted.event):
            _check_known(draft.file, self.files.read(draft.file), wanted.known)
            told = (RULE, draft.file, wanted.event, wanted.to_json(), wanted.details)
            raise RequestFiled(self.four_eyes.file(*told, asker=actor))
        return self._replace(wanted, actor)

    def _apply(self, request: KeeperRequest, confirmer: str) -> None:
        wanted = asked_change(request)
        _check_known(wanted.file, self.files.read(wanted.file), wanted.known)
        self.load({wanted.file: wanted.after})
        self._replace(wanted, request.asker, request.number, confirmer)

    def _replace(
        self, wanted: AskedChange, actor: str, request: int = 0, confirmer: str = ""
    ) -> RuleChange:
        self.settle()
        before, after = wanted.before.encode(), wanted.after.encode()
        change = RuleChange(
            wanted.file,
            wanted.rule,
            wanted.known,
            hashlib.sha256(after).hexdigest(),
            actor,
            wanted.reason,
            wanted.undoes,
            request=request,
            confirmer=confirmer,
        )
        change = self.changes.begin(change, before, after)
        try:
            self.files.replace(wanted.file, after, wanted.known)
        except UsageFault:
            self.changes.abandon(change.number)
            raise
        self.changes.finish(change.number)
        return change


def _check_known(file: str, content: bytes, known: str) -> None:
    if known and hashlib.sha256(content).hexdigest() != known:
        raise UsageFault("rules.conflict", file)
