"""Measure documents per second with a digest service that takes its time.

Usage: python -m bench.latency [--small] [--milliseconds 100,400] [--in-flight 1,8,64,256]

Beside Sealgate stand stock pyHanko in asyncio processes with as many calls in flight, and the calls
alone, without any document, one digest a call and 16: what service and machine allow.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench.contestants import remote_pyhanko, script, told
from bench.corpus import ONE_PAGE, Copies, on_disk
from bench.measuring import arguments, say
from bench.outcome import Goal, Outcome, Table, figure
from bench.sealing import Sealgate

_BATCH = 16
"""Digests a call that the sandbox allows (multisign)."""
_COLUMNS = (
    "in flight",
    "limit by latency",
    "Sealgate",
    "pyHanko, asyncio, 2 processes",
    "calls alone",
    f"calls alone, {_BATCH} digests each",
    "Sealgate, ms of processor each",
    "service, ms of processor each",
)


def measure(chosen: argparse.Namespace) -> Outcome:
    """Measure every latency with every number of calls in flight."""
    outcome = Outcome("latency", "A digest service that takes its time")
    for milliseconds in _numbers(chosen.milliseconds or ("100" if chosen.small else "100,400")):
        rows = []
        for in_flight in _numbers(chosen.in_flight or ("8,64" if chosen.small else "1,8,64,256")):
            found = _measured(milliseconds / 1000, in_flight, small=chosen.small)
            rows.append((str(in_flight), *map(figure, found.values())))
            outcome.raw[f"{milliseconds} ms, {in_flight} in flight"] = found
            say(f"{milliseconds} ms, {in_flight} in flight: {found}")
            if milliseconds == 100 and in_flight == 64:
                times = found[_COLUMNS[2]] / found[_COLUMNS[3]]
                name = "1 page, 100 ms, 64 in flight: times asyncio pyHanko in two processes"
                outcome.goals.append(Goal(name, 5.0, times))
        title = f"documents/s (signatures/s for calls alone), {milliseconds} ms a call"
        outcome.tables.append(Table(title, _COLUMNS, tuple(rows)))
    outcome.notes.append(
        "Sealgate sends one digest a call; the calls with several show what that would allow."
    )
    return outcome


def _measured(latency: float, in_flight: int, *, small: bool) -> dict[str, float]:
    """Return what was found, by column."""
    rounds = 2 if small else 3
    count = max(16 if latency < 0.2 else 8, in_flight * rounds) if in_flight > 1 else 8
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name:
        root = Path(name)
        copies = Copies(root / "corpus", ONE_PAGE)
        with Sealgate(root / "site", latency=latency, in_flight=in_flight) as ours:
            sandbox = ours.site.state / "sandbox"
            image = ours.site.root / "seals" / "company-seal.png"
            peer = remote_pyhanko(ours.service.address, sandbox, image, in_flight)
            ours.warm_up()
            results = root / "results"
            results.mkdir()
            files = copies.take(count)
            on_disk()
            theirs = count / peer.run(files, results).seconds
            served = ours.service_seconds()
            took = ours.seal(files)
            service = 1000 * (ours.service_seconds() - served) / count
            single, many = (_calls(ours, in_flight, count, batch) for batch in (1, _BATCH))
    mine, cost = count / took.seconds, 1000 * took.processor / count
    found = (in_flight / latency, mine, theirs, single, many, cost, service)
    return dict(zip(_COLUMNS[1:], found, strict=True))


def _calls(ours: Sealgate, in_flight: int, count: int, batch: int) -> float:
    """Return signatures/s of the calls alone."""
    where = ("--address", ours.service.address, "--sandbox", str(ours.site.state / "sandbox"))
    digests = max(count, _BATCH)
    load = ("--in-flight", str(in_flight), "--digests", str(digests))
    return digests / told(script("calls_only.py"), *where, *load, "--batch", str(batch)).seconds


def _numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",")]


def parser() -> argparse.ArgumentParser:
    """Return the parser of this benchmark's arguments."""
    made = arguments(__doc__)
    made.add_argument("--milliseconds", default="", help="that a call takes")
    made.add_argument("--in-flight", default="", help="calls at the same time")
    return made


def main() -> None:
    """Print what was measured."""
    measure(parser().parse_args()).show()


if __name__ == "__main__":
    main()
