"""Measure a daemon with little to do: what it uses at rest, and how long one document takes.

Usage: python -m bench.idle [--small] [--archived N] [--inboxes N] [--seconds S] [--rates 1,10,100]

The archive is filled with files of documents sealed before; then the daemon, with many inboxes, is
left alone, and then given documents at a steady rate. A document's time is counted from the rename
into the inbox to its result in the outbox, with the quiet time of 200 ms taken off.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

from bench.corpus import ONE_PAGE, Copies, on_disk
from bench.measuring import arguments, family, memory, percentile, processor_seconds, say, until
from bench.outcome import Goal, Outcome, Table, figure
from bench.sealing import QUIET, Sealgate

_REST = 10.0
"""Seconds for which the daemon may come to rest before it is measured."""

_MOST = 0.8
"""Share of what a burst reaches that a steady rate may be; more would only make a queue."""


def measure(chosen: argparse.Namespace) -> Outcome:
    """Measure rest, then steady rates."""
    archived = chosen.archived or (2000 if chosen.small else 100_000)
    seconds = chosen.seconds or (6.0 if chosen.small else 30.0)
    outcome = Outcome("idle", "Little to do")
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name:
        root = Path(name)
        ours = Sealgate(root / "site", latency=0.1, in_flight=64)
        _more_inboxes(ours, chosen.inboxes)
        _fill(ours.site.archive, archived)
        with ours:
            ours.warm_up()
            _rest(ours, archived, chosen.inboxes, seconds, outcome)
            wanted = [float(rate) for rate in (chosen.rates or "2,10,100").split(",")]
            most = _MOST * _capacity(ours, root, 64 if chosen.small else 192)
            rows = []
            for rate in sorted({min(rate, most) for rate in wanted}):
                copies = Copies(root / f"at-{rate:g}", ONE_PAGE)
                rows.append(_steady(ours, copies, rate, seconds, outcome))
            what = "documents/s at which times could be measured"
            outcome.goals.append(Goal(what, max(wanted), min(max(wanted), most)))
            could = "documents/s at which times could be measured"
            outcome.goals.append(Goal(could, max(wanted), min(max(wanted), most)))
    columns = ("dropped/s", "sealed/s", "to claim p50, ms", "p99", "to outbox p50, ms", "p99")
    title = "a steady rate, service of 100 ms, quiet time of 200 ms taken off"
    outcome.tables.append(Table(title, columns, tuple(rows)))
    return outcome


def _capacity(ours: Sealgate, root: Path, count: int) -> float:
    """Return the documents/s of a burst."""
    files = Copies(root / "burst", ONE_PAGE).take(count)
    return len(files) / ours.seal(files).seconds


def _more_inboxes(ours: Sealgate, count: int) -> None:
    """Let the site have so many inboxes, with a rule file each."""
    rules = ours.site.root / "rules"
    first = (rules / "documents.yaml").read_text()
    names = [f"inbox-{number:02}" for number in range(2, count + 1)]
    for name in names:
        (ours.site.root / "inbox" / name).mkdir()
        (rules / f"{name}.yaml").write_text(first.replace("inbox: documents", f"inbox: {name}"))
    entries = "".join(f"  {name}: {{scan_every: 20s, settle: 200ms}}\n" for name in names)
    ours.site.edit(
        "gateway.yaml", lambda text: text.replace("inboxes:\n", f"inboxes:\n{entries}", 1)
    )


def _fill(archive: Path, count: int) -> None:
    """Lay files into an archive, three to a document, as years of work leave them."""
    for number in range(count // 3 + 1):
        day = f"2025/{number // 3000 % 12 + 1:02}/{number // 100 % 28 + 1:02}"
        folder = archive / day / f"{number:08}"
        folder.mkdir(parents=True)
        for ending in (".pdf", "-sealed.pdf", ".receipt.json"):
            (folder / f"document{ending}").touch()
    on_disk()


def _rest(ours: Sealgate, archived: int, inboxes: int, seconds: float, outcome: Outcome) -> None:
    time.sleep(_REST)
    processes = family(ours.process)
    before = processor_seconds(processes)
    time.sleep(seconds)
    share = 100 * (processor_seconds(processes) - before) / seconds
    used = memory(processes)
    row = (f"{archived:,}", str(inboxes), figure(share), figure(used[ours.process]))
    row += (figure(sum(used.values())), str(len(processes)))
    columns = ("archived files", "inboxes", "% of a processor", "daemon, MiB")
    title = "nothing to do"
    columns += ("daemon and readers, MiB", "processes")
    outcome.tables.append(Table(title, columns, (row,)))
    name = f"at rest with {archived:,} archived files and {inboxes} inboxes"
    outcome.goals.append(Goal(name, 0.5, share, "% of a processor", at_most=True))
    outcome.raw["rest"] = {"share": share, "memory": list(used.values())}


class _Watch:
    """Sees when names leave the inbox, and when results appear in the outbox."""

    def __init__(self, ours: Sealgate) -> None:
        self._inbox, self._outbox = ours.site.inbox, ours.site.outbox / "documents"
        self.claimed: dict[str, float] = {}
        self.dropped: dict[str, float] = {}
        self.delivered: dict[str, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.005):
            there = {entry.name for entry in os.scandir(self._inbox)}
            now = time.time()
            for name in self.dropped.keys() - self.claimed.keys() - there:
                self.claimed[name] = now
            if not self._outbox.is_dir():
                continue
            for entry in os.scandir(self._outbox):
                if entry.name.endswith("-sealed.pdf") and entry.name not in self.delivered:
                    # Of the rename that brought it there, not of our look.
                    self.delivered[entry.name] = entry.stat().st_ctime


def _steady(
    ours: Sealgate, copies: Copies, rate: float, seconds: float, outcome: Outcome
) -> tuple[str, ...]:
    """Drop documents at a rate; return a row of the table."""
    files = copies.take(max(10, int(rate * seconds)))
    before = ours.archived()
    watch = _Watch(ours)
    began = time.time()
    for number, path in enumerate(files):
        time.sleep(max(0.0, began + number / rate - time.time()))
        path.rename(ours.site.inbox / path.name)
        watch.dropped[path.name] = time.time()
    until("all are sealed", lambda: ours.archived() >= before + len(files), 900)
    time.sleep(0.1)
    watch.end()
    dropped = watch.dropped
    claims = [1000 * (watch.claimed[name] - at - QUIET) for name, at in dropped.items()]
    results = {name: f"{name.removesuffix('.pdf')}-sealed.pdf" for name in dropped}
    whole = [1000 * (watch.delivered[results[name]] - at - QUIET) for name, at in dropped.items()]
    sealed = len(files) / (max(watch.delivered.values()) - began - QUIET)
    for file in ours.site.outbox.rglob("*.*"):
        file.unlink()
    values = (rate, sealed, *(percentile(all_, p) for all_ in (claims, whole) for p in (0.5, 0.99)))
    say(f"{figure(rate)} dropped a second: " + ", ".join(map(figure, values)))
    outcome.raw[f"{rate:g} a second"] = {"claim": claims, "outbox": whole}
    beyond = percentile(whole, 0.99) - 1000 * ours.latency
    name = f"p99 from drop to outbox at {figure(rate)} documents/s, beyond service and quiet time"
    outcome.goals.append(Goal(name, 100.0, beyond, "ms", at_most=True))
    return tuple(map(figure, values))


def parser() -> argparse.ArgumentParser:
    """Return the parser of this benchmark's arguments."""
    made = arguments(__doc__)
    made.add_argument("--archived", type=int, default=0, help="files in the archive")
    made.add_argument("--inboxes", type=int, default=50)
    made.add_argument("--seconds", type=float, default=0.0, help="of rest, and of each rate")
    made.add_argument("--rates", default="", help="documents dropped a second, such as 2,10,100")
    return made


def main() -> None:
    """Print what was measured."""
    measure(parser().parse_args()).show()


if __name__ == "__main__":
    main()
