"""What the faults of a schedule do to a stand, and how they end."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from tests.faults.cutting_proxy import Trouble
from tests.faults.schedule import SYSTEM_CALLS, Fault, Kind
from tests.faults.stand import Stand
from tests.faults.tls_end import Shown
from tests.ledger.damaging import damage

_EVERY = 3
"""Of the calls after the first that is hit, each third is hit, too."""
_SPARE_INODES = 4000
_LOOK_SECONDS = 0.05
_LAST_LINES = 15
_WAL_HEADER, _FRAME_HEADER = 32, 24
"""Bytes (SQLite's database file format, 4.1)."""
_OTHERWISE = ("site.disk-full", "site.input-output", "site.denied", "ledger.unusable")
"""What else may keep a daemon from starting in a schedule of several faults."""


@contextmanager
def trouble(stand: Stand, fault: Fault) -> Iterator[None]:
    """Let one fault be there meanwhile; afterwards its cause is gone, its harm perhaps not."""
    made = _TROUBLES.get(fault.kind)
    if made is None:
        made = _injected if fault.kind in SYSTEM_CALLS else _relayed
    with made(stand, fault):
        yield


@contextmanager
def _killed(stand: Stand, fault: Fault) -> Iterator[None]:
    stand.signal(signal.SIGKILL)
    stand.keep_alive()
    yield


@contextmanager
def _stopped(stand: Stand, fault: Fault) -> Iterator[None]:
    stand.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        stand.signal(signal.SIGCONT)


def _to_readers(number: signal.Signals, after: signal.Signals | None) -> _Trouble:
    @contextmanager
    def signalled(stand: Stand, fault: Fault) -> Iterator[None]:
        readers = stand.readers()
        _send(readers, number)
        yield
        if after is not None:
            _send(readers, after)

    return signalled


def _send(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


@contextmanager
def _without_memory(stand: Stand, fault: Fault) -> Iterator[None]:
    for process in stand.readers():
        with suppress(ProcessLookupError):
            resource.prlimit(process, resource.RLIMIT_AS, (64 << 20, 64 << 20))
    yield


@contextmanager
def _injected(stand: Stand, fault: Fault) -> Iterator[None]:
    calls, error = SYSTEM_CALLS[fault.kind]
    if stand.process is None or stand.process.poll() is not None:
        yield
        return
    inject = f"inject={calls}:error={error}:when={fault.number}+{_EVERY}"
    command = ("strace", "-f", "-qq", "-o", "/dev/null", "-p", str(stand.process.pid))
    tracer = subprocess.Popen((*command, "-e", f"trace={calls}", "-e", inject))
    try:
        yield
    finally:
        _end(tracer)


def _end(tracer: subprocess.Popen[bytes]) -> None:
    """Let a tracer go: one that is just attaching forgets the first signals."""
    for number in (*[signal.SIGINT] * 10, signal.SIGKILL):
        tracer.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            tracer.wait(1)
            return
    tracer.wait()


def _filled(fill: Callable[[Path], None]) -> _Trouble:
    @contextmanager
    def filled(stand: Stand, fault: Fault) -> Iterator[None]:
        """Take what room the file system of the site has left."""
        ballast = stand.site.root / "ballast"
        ballast.mkdir(exist_ok=True)
        with suppress(OSError):
            fill(ballast)
        try:
            yield
        finally:
            for file in ballast.iterdir():
                file.unlink()

    return filled


def _with_bytes(ballast: Path) -> None:
    with (ballast / "bytes").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))


def _with_files(ballast: Path) -> None:
    for number in range(_SPARE_INODES * 2):
        (ballast / str(number)).touch()


@contextmanager
def _read_only(stand: Stand, fault: Fault) -> Iterator[None]:
    folders = (stand.site.outbox, stand.site.archive, stand.site.failed)
    folder = folders[fault.number % len(folders)]
    _run(*stand.inside, "mount", "--bind", str(folder), str(folder))
    try:
        _run(*stand.inside, "mount", "-o", "remount,bind,ro", str(folder))
        yield
    finally:
        _run(*stand.inside, "umount", "-l", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


@contextmanager
def _locked(stand: Stand, fault: Fault) -> Iterator[None]:
    connection = sqlite3.connect(
        stand.site.state / "ledger.sqlite", timeout=20, isolation_level=None
    )
    try:
        connection.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        connection.close()


@contextmanager
def _damaged(stand: Stand, fault: Fault) -> Iterator[None]:
    """Let a daemon be started with a damaged ledger, then with the ledger as it was."""
    file = stand.ledger_file
    stand.signal(signal.SIGKILL)
    if _in_one_file(file):
        whole = file.read_bytes()
        damage(file, fault.number)
        _refused(stand, "ledger.damaged")
        with file.open("r+b") as stream:  # in place: there may be no room
            stream.write(whole)
            stream.truncate()
    stand.keep_alive()
    yield


def _in_one_file(ledger: Path) -> bool:
    """Bring what is in the WAL into the ledger's file; False where another fault is in the way."""
    with closing(sqlite3.connect(ledger)) as connection:
        try:
            (blocked, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:  # no room for it, or a folder that is read-only
            return False
    return not blocked


@contextmanager
def _gone(stand: Stand, fault: Fault) -> Iterator[None]:
    """Let a daemon be started without its ledger, then with it."""
    stand.signal(signal.SIGKILL)
    files = list(stand.site.state.glob("ledger.sqlite*"))
    for file in files:
        file.rename(file.with_name(f"away-{file.name}"))
    _refused(stand, "ledger.missing")
    for file in files:
        file.with_name(f"away-{file.name}").rename(file)
    stand.keep_alive()
    yield


def _refused(stand: Stand, code: str) -> None:
    """Start a daemon that must refuse to work, by this code or what else is wrong meanwhile."""
    before = stand.delivered(), stand.site.usage()["charged"]
    said = stand.refused()
    assert any(one in said for one in (code, *_OTHERWISE)), said
    assert (stand.delivered(), stand.site.usage()["charged"]) == before, "it worked nonetheless"


@contextmanager
def _torn(stand: Stand, fault: Fault) -> Iterator[None]:
    """Leave half a transaction behind the last whole one, as a cut of power does."""
    stand.signal(signal.SIGKILL)
    journal = stand.ledger_file.with_name("ledger.sqlite-wal")
    if journal.exists() and journal.stat().st_size > _WAL_HEADER:
        written = journal.read_bytes()
        frame = _FRAME_HEADER + int.from_bytes(written[8:12], "big")
        end = _WAL_HEADER
        while written[end + 8 : end + 16] == written[16:24]:  # of this round, by its salt
            end += frame
        torn = written[_WAL_HEADER:][:frame] * fault.number
        with suppress(OSError), journal.open("r+b", buffering=0) as stream:
            stream.seek(end)
            stream.write(torn[: -frame // 2])
    stand.keep_alive()
    yield


def _database(how: signal.Signals) -> _Trouble:
    @contextmanager
    def away(stand: Stand, fault: Fault) -> Iterator[None]:
        assert stand.database is not None
        stand.database.stop(how)
        try:
            yield
        finally:
            stand.database.start()

    return away


@contextmanager
def _unknown_name(stand: Stand, fault: Fault) -> Iterator[None]:
    assert stand.names is not None
    stand.names.tell(known=False)
    try:
        yield
    finally:
        stand.names.tell(known=True)


@contextmanager
def _bad_certificate(stand: Stand, fault: Fault) -> Iterator[None]:
    stand.tls.show(Shown.EXPIRED if fault.number % 2 else Shown.FOREIGN)
    try:
        yield
    finally:
        stand.tls.show(Shown.GOOD)


@contextmanager
def _clock_stepped(stand: Stand, fault: Fault) -> Iterator[None]:
    """Step the clock while documents are under way, and back again."""
    stand.step(fault.number)
    try:
        yield
    finally:
        stand.step(0)


@contextmanager
def _relayed(stand: Stand, fault: Fault) -> Iterator[None]:
    kinds: dict[Kind, Trouble] = {
        Kind.CUT_REQUEST: "cut-request",
        Kind.CUT_ANSWER: "cut-answer",
        Kind.REFUSED: "refused",
        Kind.SILENT: "silent",
    }
    stand.proxy.tell(kinds[fault.kind], fault.number)
    try:
        yield
    finally:
        stand.proxy.tell("")


_Trouble = Callable[[Stand, Fault], AbstractContextManager[None]]
_TROUBLES: dict[Kind, _Trouble] = {
    Kind.KILL: _killed,
    Kind.STOP: _stopped,
    Kind.READER_KILL: _to_readers(signal.SIGKILL, None),
    Kind.READER_STOP: _to_readers(signal.SIGSTOP, signal.SIGCONT),
    Kind.READER_MEMORY: _without_memory,
    Kind.DISK_FULL: _filled(_with_bytes),
    Kind.INODES: _filled(_with_files),
    Kind.READ_ONLY: _read_only,
    Kind.LEDGER_LOCKED: _locked,
    Kind.CLOCK: _clock_stepped,
    Kind.NO_NAME: _unknown_name,
    Kind.CERTIFICATE: _bad_certificate,
    Kind.LEDGER_DAMAGED: _damaged,
    Kind.LEDGER_GONE: _gone,
    Kind.LEDGER_TORN: _torn,
    Kind.DATABASE_KILLED: _database(signal.SIGQUIT),
    Kind.DATABASE_RESTARTED: _database(signal.SIGINT),
}


def play(stand: Stand, faults: tuple[Fault, ...]) -> None:
    """Let all faults come at their time after now, and end; the daemon is kept alive."""
    began = time.monotonic()
    moments: list[tuple[float, int, str]] = []
    for place, fault in enumerate(faults):
        moments.append((fault.after, place, "begin"))
        moments.append((fault.after + fault.lasts, place, "end"))
    under_way: dict[int, AbstractContextManager[None]] = {}
    try:
        for moment, place, what in sorted(moments):
            _until(began + moment)
            stand.keep_alive()
            if what == "begin":
                under_way[place] = trouble(stand, faults[place])
                under_way[place].__enter__()
            else:
                under_way.pop(place).__exit__(None, None, None)
    finally:
        for entered in under_way.values():
            entered.__exit__(None, None, None)


def _until(moment: float) -> None:
    """Let time pass until a moment: when a fault comes is part of the schedule."""
    rest = moment - time.monotonic()
    if rest > 0:
        time.sleep(rest)


def healthy(stand: Stand, unfinished: Callable[[], list[str]], seconds: float) -> None:
    """Wait until nothing is unfinished, helping the daemon by nothing but a restart.

    Raises `AssertionError`, which says what is not finished, and what the daemon said last.
    """
    deadline = time.monotonic() + seconds
    while True:
        stand.keep_alive()
        left = unfinished()
        if not left:
            return
        if time.monotonic() > deadline:
            break
        time.sleep(_LOOK_SECONDS)
    said = stand.site.daemon_says().splitlines()[-_LAST_LINES:]
    found = (f"not finished within {seconds:g} s:", *left, "the daemon said:", *said)
    raise AssertionError("\n    ".join((*found, "its threads:", *stand.threads())))
