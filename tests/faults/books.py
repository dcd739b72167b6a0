"""What must be true after any schedule: every file accounted for, every signature counted."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from gateway.core.quota import ChargeState
from gateway.core.states import State
from tests.e2e.pages import write_pdf
from tests.faults.schedule import Schedule
from tests.faults.stand import Stand

_ENDS = {State.ARCHIVED, State.FAILED, State.VOID}
_WORDS = {"good": ("A letter",), "pages": ("First", "Second", "Third")}


@dataclass
class Books:
    """All documents dropped on one stand, and where they must be."""

    stand: Stand
    staged: Path
    good: dict[str, str] = field(default_factory=dict)
    """Name → SHA-256 of what has to be sealed."""
    broken: dict[str, str] = field(default_factory=dict)
    """Name → SHA-256 of what has to fail."""

    def drop(self, schedule: Schedule) -> None:
        """Drop the documents of a schedule."""
        self.staged.mkdir(exist_ok=True)
        for place, kind in enumerate(schedule.documents):
            name = f"{schedule.seed:06}-{place}.pdf"
            path = self.staged / name
            if kind == "broken":
                path.write_bytes(b"%PDF-1.7\n" + name.encode() + b" is no PDF\n%%EOF\n")
            else:
                write_pdf(path, (name, *_WORDS[kind]))
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            (self.broken if kind == "broken" else self.good)[name] = digest
            self.stand.site.drop(path)
            path.unlink()

    def unfinished(self) -> list[str]:
        """Return everything that is held or half done, in words; nothing when all is at rest."""
        site = self.stand.site
        places = (site.inbox, site.state / "spool", site.state / "vault")
        left = [str(path.relative_to(site.root)) for place in places for path in _files(place)]
        with self.stand.ledger() as ledger:
            now = time.time()
            left += [
                f"{hold.subject} held since {hold.since:%H:%M:%S}: {hold.code} {hold.detail}"
                f" ({hold.failures} failures, probed in {hold.probe_at - now:.1f} s)"
                for hold in ledger.all()
            ]
            if left:
                left += [
                    f"job {job.id} of {job.source}: {job.state.value} {job.code}"
                    for job in ledger.find(set(State) - _ENDS)
                ]
        return left

    def faults(self) -> list[str]:
        """Return everything that is not as it must be, in words; nothing when all is well."""
        return [*self._ends(), *self._outbox(), *self._charges()]

    def _ends(self) -> list[str]:
        site = self.stand.site
        archived, failed = _hashes(site.archive), _hashes(site.failed)
        wrong = [f"{n} is not in the archive" for n, h in self.good.items() if h not in archived]
        wrong += [f"{n} is in failed/" for n, h in self.good.items() if h in failed]
        wrong += [f"{n} is not in failed/" for n, h in self.broken.items() if h not in failed]
        return wrong

    def _outbox(self) -> list[str]:
        outbox = self.stand.site.outbox
        names = {path.name for path in _files(outbox)}
        expected = {f"{name.removesuffix('.pdf')}-sealed.pdf" for name in self.good}
        expected |= {f"{name}.receipt.json" for name in expected}
        wrong = [f"{name} is missing in the outbox" for name in sorted(expected - names)]
        wrong += [f"{name} is in the outbox" for name in sorted(names - expected)]
        for receipt in outbox.rglob("*.receipt.json"):
            result = receipt.with_name(receipt.name.removesuffix(".receipt.json"))
            told = json.loads(receipt.read_text())["result"]["sha256"]
            if not result.exists() or told != _hash(result):
                wrong.append(f"{result.name} is not what its receipt says")
        return wrong

    def unanswered(self) -> int:
        """Return how many signatures our books list as perhaps paid for and never received."""
        with self.stand.ledger() as ledger:
            return len(ledger.charges("sandbox", (ChargeState.UNKNOWN, ChargeState.SENT)))

    def _charges(self) -> list[str]:
        charged, sealed = self.stand.site.usage()["charged"], len(self.good)
        unanswered = self.unanswered()
        if sealed <= charged <= sealed + unanswered:
            return []
        return [f"{charged} charged for {sealed} sealed and {unanswered} listed as unanswered"]


def _files(folder: Path) -> list[Path]:
    """Return the files below a folder; the daemon may take away what is being looked at."""
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if path.is_file())


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hashes(folder: Path) -> set[str]:
    return {_hash(path) for path in _files(folder) if path.suffix == ".pdf"}
