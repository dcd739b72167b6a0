"""Measure documents per second from inbox to outbox, beside other signers and the floor.

Usage: python -m bench.throughput [--small] [--pages 1,10,200] [--only WORD,WORD] [--rounds N]
                                  [--seconds S]

Sealgate runs with everything on: durable ledger, checks, release gate, archive. With a digest
service that answers at once it stands beside signers that have a key; with one that takes 100 ms,
beside pyHanko in asyncio processes.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench import floors
from bench.contestants import LocalKey, remote_pyhanko
from bench.corpus import KINDS, ONE_PAGE, TEN_PAGES, Copies, Kind
from bench.measuring import arguments
from bench.outcome import Goal, Outcome, Table, figure
from bench.racing import Length, Runner, race, ratio
from bench.sealing import Sealgate

_FLOOR = "floor: copy + SHA-256 + fsync + rename"
_SHELL_FLOOR = "floor: cp + sha256sum, shell loop"
_OURS = "Sealgate, service answers at once"
_OURS_REMOTE = "Sealgate, 100 ms service, 64 in flight"
_COMMAND = "pyHanko command line, shell loop"
_HARDEST = "pyHanko library, asyncio in two processes, 64 in flight"
_LOOP = "times pyHanko's command line in a loop"
_ASYNCIO = "times asyncio pyHanko in two processes"
_WANTED = (
    (ONE_PAGE, _LOOP, _OURS, _COMMAND, 200.0),
    (TEN_PAGES, _LOOP, _OURS, _COMMAND, 200.0),
    (ONE_PAGE, _ASYNCIO, _OURS_REMOTE, _HARDEST, 5.0),
    (TEN_PAGES, _ASYNCIO, _OURS_REMOTE, _HARDEST, 5.0),
    (TEN_PAGES, "of the floor", _OURS, _FLOOR, 0.25),
)


def measure(chosen: argparse.Namespace) -> Outcome:
    """Race all contestants on all kinds of documents."""
    rounds = chosen.rounds or (1 if chosen.small else 3)
    seconds = chosen.seconds or (1.0 if chosen.small else 2.5)
    length = Length(rounds, seconds, 4 if chosen.small else 1)
    outcome = Outcome("throughput", "Documents per second, inbox to outbox")
    with tempfile.TemporaryDirectory(prefix="sealgate-bench-") as name, ExitStack() as stack:
        root = Path(name)
        found: dict[str, list[Runner]] = {}
        make = _contestants(root, stack, chosen.only)
        for kind in _kinds(chosen):
            runners = [replace(one, rates=[], costs=[]) for one in make]
            race(runners, Copies(root / "corpus", kind), root / "scratch", length)
            found[kind.name] = runners
    outcome.tables.append(_table(found))
    outcome.notes.append(
        "ms each: processor time a document, of all processes of the signer, not of the service."
    )
    outcome.goals.extend(_goals(found))
    outcome.raw = {
        kind: {one.name: {"rates": one.rates, "costs": one.costs} for one in runners}
        for kind, runners in found.items()
    }
    return outcome


def _contestants(root: Path, stack: ExitStack, only: str) -> list[Runner]:
    def wanted(name: str) -> bool:
        return not only or any(word.lower() in name.lower() for word in only.split(","))

    made = []
    sealgate = Sealgate(root / "at-once")
    remote = Sealgate(root / "remote", latency=0.1, in_flight=64)
    image = remote.site.root / "seals" / "company-seal.png"
    if wanted(_OURS):
        stack.enter_context(sealgate)
        made.append(_runner(_OURS, sealgate, 48))
    if wanted(_OURS_REMOTE) or wanted(_HARDEST):
        stack.enter_context(remote)
        made.append(_runner(_OURS_REMOTE, remote, 192))
        sandbox = remote.site.state / "sandbox"
        peer = remote_pyhanko(remote.service.address, sandbox, image, 64)
        made.append(Runner(peer.name, peer.run, 192))
    for one in LocalKey(root / "local-key", image).contestants():
        made.append(Runner(one.name, one.run))
    made.append(Runner(_FLOOR, floors.copied, 50))
    made.append(Runner(_SHELL_FLOOR, floors.by_shell, 20))
    return [runner for runner in made if wanted(runner.name)]


def _runner(name: str, ours: Sealgate, first: int) -> Runner:
    return Runner(name, lambda files, out: ours.seal(files), first)


def _kinds(chosen: argparse.Namespace) -> Sequence[Kind]:
    asked = chosen.pages or ("1,10" if chosen.small else "1,10,200")
    return [kind for kind in KINDS if str(kind.pages) in asked.split(",")]


def _table(found: dict[str, list[Runner]]) -> Table:
    """Return documents/s, and each as a multiple of the floor where that was measured."""
    names = [runner.name for runner in next(iter(found.values()))]
    columns = ["", *(word for kind in found for word in (kind, "of floor", "ms each"))]
    rows = []
    for place, name in enumerate(names):
        row = [name]
        for runners in found.values():
            floor = _named(runners, _FLOOR)
            row.append(figure(runners[place].rate))
            row.append(figure(ratio(runners[place], floor)) if floor else "")
            row.append(figure(runners[place].cost))
        rows.append(tuple(row))
    return Table("documents/s, medians of rounds run in turn", tuple(columns), tuple(rows))


def _named(runners: Sequence[Runner], name: str) -> Runner | None:
    return next((runner for runner in runners if runner.name == name), None)


def _goals(found: dict[str, list[Runner]]) -> list[Goal]:
    goals = []
    for kind, what, ours, theirs, least in _WANTED:
        runners = found.get(kind.name, [])
        mine, other = _named(runners, ours), _named(runners, theirs)
        if mine and other:
            goals.append(Goal(f"{kind.name}, {what}", least, ratio(mine, other)))
    return goals


def parser() -> argparse.ArgumentParser:
    """Return the parser of this benchmark's arguments."""
    made = arguments(__doc__)
    made.add_argument("--pages", default="", help="kinds of documents, such as 1,10,200")
    made.add_argument("--only", default="", help="contestants whose names hold one of these words")
    made.add_argument("--rounds", type=int, default=0)
    made.add_argument("--seconds", type=float, default=0.0, help="of each contestant in a round")
    return made


def main() -> None:
    """Print what was measured."""
    measure(parser().parse_args()).show()


if __name__ == "__main__":
    main()
