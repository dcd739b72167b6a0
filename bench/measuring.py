"""What every benchmark needs: lines at once, medians, memory and processor time of processes."""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_TICKS = os.sysconf("SC_CLK_TCK")


def say(words: str = "") -> None:
    """Print a line at once."""
    print(words, flush=True)  # noqa: T201


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows what all benchmarks understand."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--small", action="store_true", help="a short run: too short to quote")
    return parser


def until(what: str, condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> None:
    """Poll until `condition` holds; end the benchmark with `what` when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds:g} s: {what}")
        time.sleep(pause)


@contextmanager
def beside(work: Callable[[], None], stopping: threading.Event) -> Iterator[None]:
    """Do some work on a thread while the block runs; it ends when `stopping` is set."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def median(values: Iterable[float]) -> float:
    """Return the median, 0 of nothing."""
    found = list(values)
    return statistics.median(found) if found else 0.0


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that `share` of all do not exceed, 0 of nothing."""
    found = sorted(values)
    return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


def family(process: int) -> tuple[int, ...]:
    """Return a process and all its descendants that live."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                parents[int(entry.name)] = int(fields[1])
    found = [process]
    for one in found:
        found.extend(child for child, parent in parents.items() if parent == one)
    return tuple(found)


def processor_seconds(processes: Iterable[int]) -> float:
    """Return the processor time that living processes have used, and their ended children."""
    return (
        sum(sum(int(n) for n in fields[11:15]) for p in processes if (fields := _stat(p))) / _TICKS
    )


@dataclass(frozen=True)
class Took:
    """What some work took."""

    seconds: float
    processor: float
    """Seconds of processor time, in all processes that did it."""


class Stopwatch:
    """Measures what was done since it was made, here and by children that have ended."""

    def __init__(self) -> None:
        self._processor = own_processor_seconds()
        self._began = time.perf_counter()

    def took(self) -> Took:
        """Return what it took so far."""
        seconds = time.perf_counter() - self._began
        return Took(seconds, own_processor_seconds() - self._processor)


def own_processor_seconds() -> float:
    """Return the processor time that this process and its ended children have used."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def memory_peaks(processes: Iterable[int]) -> dict[int, float]:
    """Return the highest resident memory of each process so far, in MiB."""
    return {one: value for one in processes if (value := _status(one, "VmHWM"))}


def forget_peaks(processes: Iterable[int]) -> None:
    """Let the highest resident memory of each process be counted from now on."""
    for one in processes:
        try:
            Path(f"/proc/{one}/clear_refs").write_text("5")
        except OSError:
            continue


class PeakMemory:
    """Watches a process and its descendants meanwhile: each one's highest resident memory, in MiB.

    Also what they read from files and write to them, as the kernel counts it (proc(5), io).

    `without` are not looked at, nor are their descendants, except the watched process's own.
    """

    def __init__(self, process: int, without: Iterable[int] = ()) -> None:
        self._process = process
        self._without = frozenset(without)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.of: dict[int, float] = {}
        self._before: dict[int, tuple[int, int]] = {}
        self._traffic: dict[int, tuple[int, int]] = {}

    def __enter__(self) -> PeakMemory:
        forget_peaks(self._watched())
        self._before = {one: _traffic(one) for one in self._watched()}
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def highest(self) -> float:
        """Return that of the process that needed most."""
        return max(self.of.values(), default=0.0)

    @property
    def traffic(self) -> tuple[int, int]:
        """Return the bytes that were read, and those that were written, by all of them."""
        spent = [
            (read - before[0], written - before[1])
            for one, (read, written) in self._traffic.items()
            for before in (self._before.get(one, (0, 0)),)
        ]
        return sum(read for read, _ in spent), sum(written for _, written in spent)

    def _watch(self) -> None:
        over = False
        while not over:
            over = self._ended.wait(0.1)  # and once more at the end
            for one in self._watched():
                seen = _traffic(one)
                self._traffic[one] = max(seen, self._traffic.get(one, seen))
            for one, peak in memory_peaks(self._watched()).items():
                self.of[one] = max(peak, self.of.get(one, 0.0))

    def _watched(self) -> set[int]:
        away = {self._process} & self._without
        for one in self._without - away:
            away.update(family(one))
        return set(family(self._process)) - away


def memory(processes: Iterable[int]) -> dict[int, float]:
    """Return the resident memory of each process, in MiB."""
    return {one: value for one in processes if (value := _status(one, "VmRSS"))}


def _traffic(process: int) -> tuple[int, int]:
    """Return the bytes that a process has read and written; nothing when it has ended."""
    try:
        told = Path(f"/proc/{process}/io").read_text().split()
    except OSError:
        return 0, 0
    return int(told[1]), int(told[3])


def _stat(process: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third (state) on."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _status(process: int, key: str) -> float:
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = (line.split()[1] for line in text.splitlines() if line.startswith(f"{key}:"))
    return int(next(found, "0")) / 1024
