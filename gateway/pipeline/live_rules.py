"""The rulebook of a running daemon: replaced as a whole, or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from gateway.core.errors import ConfigurationFault
from gateway.core.flow_definition import FlowDefinition
from gateway.core.rules import Rulebook
from gateway.core.site import InboxSettings, SiteSettings, Tickets
from gateway.core.tickets import mode
from gateway.ports import Holds, Memory, SigningLog
from gateway.settings import LoadedSite

_HOLD = "rules"
"""Subject of the hold that shows a rejected edit; it stops no work."""


class LiveRules:
    """The present snapshot; jobs planned with an earlier one keep their own plan."""

    def __init__(
        self,
        loaded: LoadedSite,
        load: Callable[[], LoadedSite],
        memory: Memory,
        log: SigningLog,
        *,
        revisions: Callable[[], int] = lambda: 0,
    ) -> None:
        self._loaded = loaded
        self._load = load
        self._memory = memory
        self._log = log
        self._revisions = revisions
        """Counts the changes of the seal registry, whose seals the snapshot holds, too."""
        self._seen = self._fingerprint()

    def announce(self) -> None:
        """Keep the first snapshot's text, before any job is planned with it."""
        self._memory.save_snapshot(self._loaded.rulebook.snapshot, self._loaded.canonical)

    def rulebook(self) -> Rulebook:
        """Return the snapshot in force."""
        return self._loaded.rulebook

    def flows(self) -> tuple[FlowDefinition, ...]:
        """Return the contract flows that may begin now."""
        return self._loaded.flows

    def flow_of(self, inbox: str) -> FlowDefinition | None:
        """Return the definition of the flow that an inbox begins; None for any other inbox."""
        return next((flow for flow in self._loaded.flows if flow.inbox == inbox), None)

    def tickets(self, inbox: InboxSettings) -> Tickets:
        """Tell what a file that looks like a ticket is in an inbox."""
        if inbox.tickets is None and self.flow_of(inbox.name) is not None:
            return Tickets.OPTIONAL
        return mode(inbox.tickets, self.rulebook(), inbox.preview_of or inbox.name)

    def reload_if_changed(self, holds: Holds, clock_seconds: float) -> None:
        """Look whether files or seals changed; take a valid edit, else keep the old snapshot."""
        present = self._fingerprint()
        if present == self._seen:
            return
        try:
            loaded = self._load()
        except ConfigurationFault as fault:
            self._seen = present
            self._reject(fault, holds, clock_seconds)
            return
        self._seen = present
        holds.release(_HOLD)
        if loaded.settings != self._loaded.settings:
            self._log.record(
                "settings.changed", {"takes effect": "at the next start of the daemon"}
            )
        if loaded.rulebook.snapshot != self._loaded.rulebook.snapshot:
            self._memory.save_snapshot(loaded.rulebook.snapshot, loaded.canonical)
            self._log.record("rules.reloaded", {"snapshot": loaded.rulebook.snapshot})
        self._loaded = replace(loaded, settings=self._loaded.settings)

    def follow(self) -> None:
        """Take a valid edit in silence: the daemon tells of it, and of one that is not valid."""
        present = self._fingerprint()
        if present != self._seen:
            with suppress(ConfigurationFault):
                self._loaded = replace(self._load(), settings=self._loaded.settings)
            self._seen = present

    def _fingerprint(self) -> tuple[object, ...]:
        return self._revisions(), *_fingerprint(self._loaded.settings)

    def _reject(self, fault: ConfigurationFault, holds: Holds, clock_seconds: float) -> None:
        problems = "\n".join(str(problem) for problem in fault.problems)
        print(f"sealgate: rules rejected, the former ones stay:\n{problems}", file=sys.stderr)  # noqa: T201
        first = fault.problems[0]
        where = f"{first.file}:{first.line}:{first.column}: {first.message}"
        self._log.record("rules.rejected", {"problems": str(len(fault.problems)), "first": where})
        holds.hold(_HOLD, fault.code, where, clock_seconds)


def _fingerprint(settings: SiteSettings) -> tuple[tuple[str, int, int, int], ...]:
    """Return what changes when `gateway.yaml`, a rule or a flow is edited, added or removed."""
    files: list[Path] = [settings.root / "gateway.yaml", *sorted(settings.rules.glob("*.yaml"))]
    files += sorted((settings.rules / "flows").glob("*.yaml"))
    seen = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        seen.append((str(file), status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(seen)
