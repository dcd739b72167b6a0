"""Sealgate under measurement: a real site, daemon and digest service, each a process of its own."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from types import TracebackType

from bench.corpus import ONE_PAGE, Copies
from bench.measuring import Took, family, processor_seconds, until
from gateway.sandbox.process import SandboxProcess
from tests.e2e.site import TestSite

QUIET = 0.2
"""Seconds for which a dropped file has to rest before it is taken."""
WARM_UP = 24
"""Documents after which every process of a site has something behind it."""
_RULES = """\
inbox: documents
rules:
  - name: all
    seal: company-seal
    place: {page: last, corner: bottom-right, margin: 15mm}
    profile: {level: B-B}
"""


class NotSealed(Exception):
    """A document failed, with its error code."""


class Sealgate:
    """A site whose daemon and sandbox run meanwhile."""

    def __init__(
        self,
        root: Path,
        *,
        latency: float = 0.0,
        in_flight: int = 0,
        limits: str = "",
    ) -> None:
        self.latency = latency
        """Seconds that the service takes for each signature call."""
        self.site = TestSite.make(root, settle=f"{QUIET * 1000:.0f}ms", scan_every="5s")
        more = [limits] if limits else []
        if in_flight:  # else as a new site has it
            more.append(f"in_flight: {in_flight}")
        limits = f"limits: {{{', '.join(('max_file_size: 1GiB', *more))}}}"
        calls = f"    calls: {in_flight}\n" if in_flight else ""
        self.site.edit(
            "gateway.yaml",
            lambda text: (
                re.sub(r"(?m)^    type: csc .*\n", lambda found: found[0] + calls, text)
                + f"\n{limits}\n"
            ),
        )
        for file in (root / "rules").iterdir():
            file.unlink()
        (root / "rules" / "documents.yaml").write_text(_RULES)
        self._stack = ExitStack()
        self.process = 0
        """Id of the daemon."""

    def __enter__(self) -> Sealgate:
        with ExitStack() as stack:
            milliseconds = f"{self.latency * 1000:g}"
            self.service = stack.enter_context(
                SandboxProcess(self.site.state, "--latency-ms", milliseconds)
            )
            self.process = stack.enter_context(self.site.daemon()).pid
            until("the daemon is ready", lambda: "ready" in self.site.daemon_says(), 120)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, value, trace)

    @property
    def service_process(self) -> int:
        """Return the id of the digest service's process."""
        return int((self.site.state / "sandbox" / "address").read_text().split()[1])

    def processor_seconds(self) -> float:
        """Return the processor time that the daemon and its readers have used so far."""
        return processor_seconds(family(self.process))

    def service_seconds(self) -> float:
        """Return the processor time that the digest service has used so far."""
        return processor_seconds((self.service_process,))

    def seal(self, paths: Sequence[Path], seconds: float = 900) -> Took:
        """Drop files and wait until all are delivered and archived; return what it took.

        They count from the first drop to the last archived file, less the quiet time. Results are
        taken out of the outbox afterwards, as whoever waits for them does. Raises `NotSealed` when
        a file failed; ends the benchmark when one is missing.
        """
        before, spent = self.archived(), self.processor_seconds()
        began = time.time()
        for path in paths:
            path.rename(self.site.inbox / path.name)
        wanted = before + len(paths)
        until("all are archived", lambda: self._is_done(wanted), seconds, 0.02)
        ended, spent = self._last_change(), self.processor_seconds() - spent
        results = {path.name for path in self.site.delivered()}
        missing = {f"{path.stem}-sealed.pdf" for path in paths} - results
        if missing:
            raise SystemExit(f"not in the outbox: {sorted(missing)[:3]}")
        for file in self.site.outbox.rglob("*"):
            if file.is_file():
                file.unlink()
        return Took(max(ended - began - QUIET, 1e-6), spent)

    def warm_up(self) -> None:
        """Seal some documents, so that every process has begun and loaded what it needs."""
        self.seal(Copies(self.site.root.parent / "warm-up", ONE_PAGE).take(WARM_UP))

    def archived(self) -> int:
        """Return how many documents came to their end in good order."""
        return int(self._asked("SELECT count(*) FROM jobs WHERE state = 'archived'"))

    def _is_done(self, wanted: int) -> bool:
        failed = self._asked("SELECT count(*) FROM jobs WHERE state = 'failed'")
        if failed:
            raise NotSealed(sorted(set(self.site.failures().values())))
        return self.archived() >= wanted

    def _last_change(self) -> float:
        newest = str(self._asked("SELECT max(updated) FROM jobs WHERE state = 'archived'"))
        return datetime.fromisoformat(newest).timestamp()

    def _asked(self, question: str) -> int | str:
        path = f"file:{self.site.state / 'ledger.sqlite'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=30)) as ledger:
            answer: int | str = ledger.execute(question).fetchone()[0]
            return answer
