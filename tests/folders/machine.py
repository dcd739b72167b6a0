"""An inbox into which people put files in any order, and an intake that is killed at any step."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.core.companions import TICKETS
from gateway.core.site import InboxSettings, Tickets
from gateway.core.states import State
from gateway.folders.inbox import FolderInbox
from gateway.folders.settle import Patience, Settling
from gateway.ledger import SqliteLedger
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.intake import finish_claims, take
from gateway.ports import Candidate
from tests.folders.site import PDF, HandClock, Site, Stopped, stop_at

_NAMES = ("a.pdf", "b.pdf", "ä b.pdf")
_ENDINGS = (".yaml", ".yml", ".json")
_PATIENCE = Patience(quiet=2.0, incomplete_after=1e9, open_after=1e9)
_STEPS = 12
"""Durable steps of a scan, at one of which it is killed."""
names = st.sampled_from(_NAMES)


class IntakeMachine(RuleBasedStateMachine):
    """Does whatever people and machines do with an inbox."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sealgate-inbox-"))
        self.site = Site(self.folder)
        self.clock = HandClock()
        self.ledger = SqliteLedger(self.folder / "state" / "ledger.sqlite", self.clock)
        self.there: Counter[bytes] = Counter()
        """Contents that nobody has taken away."""
        self.number = 0
        self.start()

    def start(self) -> None:
        """Start the intake, as after a crash."""
        self.inbox = FolderInbox(
            InboxSettings("main", self.site.drop),
            self.site.spool,
            self.site.memory,
            lambda: Tickets.OPTIONAL,
        )
        self.settling = Settling(self.clock)
        known = SimpleNamespace(
            inboxes={"main": self.inbox}, jobs=self.ledger, clock=self.clock, log=self.ledger
        )
        self.equipment = cast("Equipment", known)
        finish_claims(self.equipment, "main")

    @rule(name=names)
    def drop(self, name: str) -> None:
        """Put a new document into the inbox, in one piece; it takes the place of another."""
        self._put(name, PDF + b"%% " + self._serial())

    @rule(name=names)
    def drop_again(self, name: str) -> None:
        """Put the same document there once more."""
        self._put(name, PDF)

    @rule(name=names)
    def begin_writing(self, name: str) -> None:
        """Write the first half of a document."""
        self._put(name, PDF[:30] + b"%% " + self._serial())

    @rule(name=names)
    def end_writing(self, name: str) -> None:
        """Write the rest of a document that was begun."""
        path = self.site.drop / name
        if path.exists() and b"%%EOF" not in path.read_bytes():
            self._taken_away(path)
            with path.open("ab") as file:
                file.write(PDF[30:])
            self.there[path.read_bytes()] += 1

    @rule(name=names, ending=st.sampled_from(_ENDINGS))
    def add_ticket(self, name: str, ending: str) -> None:
        """Put a ticket there, before its document or after it."""
        self._put(name + ending, f"reference: '{name}'\n# ".encode() + self._serial())

    @rule(name=names, other=names)
    def rename(self, name: str, other: str) -> None:
        """Give a document another name, perhaps that of one that is there."""
        path = self.site.drop / name
        if path.exists() and name != other:
            self._taken_away(self.site.drop / other)
            path.replace(self.site.drop / other)

    @rule(name=names, ending=st.sampled_from(("", *_ENDINGS)))
    def remove(self, name: str, ending: str) -> None:
        """Take something back."""
        path = self.site.drop / (name + ending)
        self._taken_away(path)
        path.unlink(missing_ok=True)

    @rule(seconds=st.sampled_from((0.5, 3.0)))
    def scan(self, seconds: float) -> None:
        """Let time pass, and claim what has settled."""
        ready = self.look(seconds)
        if ready:
            take(self.equipment, ready)

    @rule(name=names, ending=st.sampled_from(_ENDINGS))
    def drop_both(self, name: str, ending: str) -> None:
        """Put a document there with its ticket."""
        self.add_ticket(name, ending)
        self.drop(name)

    @rule(step=st.integers(0, _STEPS), after=st.booleans())
    def scan_and_be_killed(self, step: int, after: bool) -> None:
        """Be killed at any durable step of a scan, and perhaps once more while recovering."""
        self.look(0.5)
        self._killed_at(step, lambda: self.scan(3.0), after=after)
        self._killed_at(step // 4, self.start, after=after)
        self.start()

    @rule(name=names, ending=st.sampled_from(_ENDINGS), step=st.integers(0, 5), after=st.booleans())
    def claim_and_be_killed(self, name: str, ending: str, step: int, after: bool) -> None:
        """Be killed while a document and its ticket are claimed."""
        self.scan(3.0)
        self.drop_both(name, ending)
        self.scan_and_be_killed(step, after)

    @precondition(lambda self: self.number)
    @rule(name=names)
    def change_before_the_claim(self, name: str) -> None:
        """Replace a document between the scan that saw it settled and its claim."""
        self.clock.seconds += 3.0
        candidates, _ = self.inbox.examine()
        seen = [one for one in candidates if one.source == name]
        self._put(name, PDF + b"%% late " + self._serial())
        if seen:
            take(self.equipment, seen)

    @invariant()
    def nothing_is_lost_or_mixed_up(self) -> None:
        """Find each content exactly once, each claim with its job, each ticket by its document."""
        claimed = {job.id: job for job in self.ledger.find((State.CLAIMED,))}
        spooled = sorted(self.site.spool.iterdir()) if self.site.spool.is_dir() else []
        waiting = [path for path in self.site.drop.iterdir() if not path.name.startswith(".")]
        found = Counter(path.read_bytes() for path in (*waiting, *spooled))
        assert found == self.there
        for path in spooled:
            job = claimed[path.name.partition(".")[0]]
            if path.suffix == ".pdf":
                assert b"%%EOF" in path.read_bytes(), (path, job, path.read_bytes())
            else:
                assert path.with_name(f"{job.id}.pdf").exists()
                assert path.read_bytes().startswith(f"reference: '{job.source}'".encode())
                assert path.name.removeprefix(job.id) in TICKETS
        for job in claimed.values():
            assert Path(job.spooled).exists() or self.interrupted(job.id)
        assert self.ledger.verify() == ()

    def look(self, seconds: float) -> tuple[Candidate, ...]:
        """Let time pass; return what has settled."""
        self.clock.seconds += seconds
        candidates, _ = self.inbox.examine()
        return self.settling.settled(
            candidates, _PATIENCE, self.inbox.looks_complete, self.inbox.being_written
        )

    def interrupted(self, job: str) -> bool:
        """Tell whether a job's claim came to nothing in a crash; accepting it finds that out."""
        return not any(path.name.startswith(job) for path in self.site.spool.glob("*"))

    def teardown(self) -> None:
        """Wait: what is complete, and has one ticket at most, is claimed in the end."""
        self.start()
        for _ in range(3):
            self.scan(3.0)
        for path in self.site.drop.glob("*.pdf"):
            tickets = [one for one in _ENDINGS if path.with_name(path.name + one).exists()]
            assert b"%%EOF" not in path.read_bytes() or len(tickets) > 1
        self.nothing_is_lost_or_mixed_up()
        self.ledger.close()
        shutil.rmtree(self.folder)

    def _killed_at(self, step: int, work: object, *, after: bool) -> None:
        with pytest.MonkeyPatch.context() as patch:
            stop_at(patch, step, after=after)
            try:
                work()  # type: ignore[operator]
            except Stopped:
                return

    def _put(self, name: str, content: bytes) -> None:
        path = self.site.drop / name
        self._taken_away(path)
        # Not in place: what was claimed meanwhile would be written into.
        draft = self.folder / "draft"
        draft.write_bytes(content)
        os.replace(draft, path)  # noqa: PTH105  # as senders do
        self.there[content] += 1

    def _taken_away(self, path: Path) -> None:
        if path.exists():
            self.there[path.read_bytes()] -= 1
            self.there = +self.there

    def _serial(self) -> bytes:
        self.number += 1
        return b"%d" % self.number
