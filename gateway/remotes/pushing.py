"""Pushing: results go to a remote folder, each with its receipt, each once.

Theory of operation
-------------------
What is pushed is told by the signing log: each `job.archived` after a remembered number, in its
order. The bytes are the archive's, checked against the ledger; the outbox may be empty already.

A pair is written under hidden names that carry this push's id and the job's, then a *mark*, an
empty hidden file. Then the name is remembered that the pair is to have, and only then the hidden
files get it, by renames that never overwrite: the receipt first, so that it reserves the name. The
number moves on when all are renamed, and the mark is removed last. Whatever stops us, the next
attempt finds, for each of the two files:

    mark   hidden file   the name         what happened                what is done
    ----   -----------   --------------   --------------------------   ----------------------------
    none   any           any              not all was written, or it   written anew; what has its
                                          was cleared away there       name already keeps it
    there  there         free             not renamed yet              renamed
    there  gone          any              renamed; its reader may      nothing: it was done
                                          have taken it since
    there  there         the same bytes   the server stopped inside    the hidden one is removed
                                          of the rename
    there  there         another's        the name was taken meanwhile the next name for both

So a pair that its reader carries away at once is not sent again, though nobody told us that our
last rename had worked. A listing only saves vain attempts at names: renames decide. What is
marked needs the archive no more: if that is altered meanwhile, no receipt stays there alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path, PurePath

from gateway.core.errors import ServiceFault, SiteFault
from gateway.core.job import Job
from gateway.core.names import display, windows_name
from gateway.core.remotes import PushSettings
from gateway.core.states import Event
from gateway.ports import ArchivedFile, ArchivedFiles, Jobs, Kept, Memory, SigningLog
from gateway.ports.remotes import RemoteFolder

_RECEIPT = ".receipt.json"
"""What a receipt's name adds to the name of its file."""

Connect = Callable[[], AbstractContextManager[RemoteFolder]]
Names = Callable[[str], Iterator[str]]
"""Yields a name, then numbered ones of it, without end; each leaves room for a receipt's."""


@dataclass(frozen=True)
class Books:
    """Where results are found, and what was done with them."""

    jobs: Jobs
    log: SigningLog
    memory: Memory
    archived: ArchivedFiles
    outbox: Path


@dataclass(frozen=True)
class _Progress:
    """What is remembered of a push."""

    push: str
    """Random: part of the hidden names, so that no two gateways use the same."""
    after: int
    """Everything up to this number of the signing log is done."""
    under_way: int = 0
    """The entry whose pair is written there under hidden names; 0: none."""
    name: str = ""
    """Which that pair is to have."""
    where: str = ""
    """The remote folder in which it is."""
    marked: str = ""
    """The job whose mark may still be there."""


@dataclass(frozen=True)
class _Result:
    """A result to be pushed."""

    sequence: int
    job: Job
    name: str


@dataclass(frozen=True)
class _Part:
    """An archived file, its hidden name there, and what its name adds to the pair's."""

    file: ArchivedFile
    size: int
    hidden: str
    ending: str


class Pusher:
    """Sends results to one remote folder; used by one thread at a time."""

    def __init__(
        self, settings: PushSettings, connect: Connect, books: Books, names: Names
    ) -> None:
        self.settings = settings
        self._connect = connect
        self._books = books
        self._names = names
        self._fact = f"remotes.push.{settings.name}"

    def begin(self) -> None:
        """Note where the log ends when this push is new: earlier results stay here."""
        if self._books.memory.recall(self._fact) is None:
            begun = self._books.log.record("push.begun", {"push": self.settings.name})
            self._remember(_Progress(os.urandom(6).hex(), begun.sequence))

    def push(self) -> int:
        """Send every result that is due; return how many.

        Raises `ServiceFault` (codes of `remote.…`) and `SiteFault`.
        """
        due = self._due()
        first = next(due, None)
        if first is None and not self._progress().marked:
            return 0
        count = 0
        with self._connect() as remote:
            self._tidy(remote)
            for result in chain((first,), due) if first is not None else ():
                self._send(remote, result)
                count += 1
        return count

    def _due(self) -> Iterator[_Result]:
        """Yield what is to be sent; whoever asks for the next has sent the one before."""
        progress = self._progress()
        last = progress.after
        for entry in self._books.log.entries(event=Event.ARCHIVED.value, after=progress.after):
            job = self._books.jobs.get(entry.job)
            name = self._delivered(job) if job is not None else ""
            if job is not None and name:
                yield _Result(entry.sequence, job, name)
            last = entry.sequence
        progress = self._progress()
        if last > progress.after:
            self._remember(replace(progress, after=last))

    def _delivered(self, job: Job) -> str:
        """Return the name under which a job's result was delivered to our folder, or nothing."""
        if not job.delivered:
            return ""
        paths = [display(job.delivered)]
        if self.settings.folder:
            below = display(str(self._books.outbox / self.settings.folder)) + "/"
            for entry in self._books.log.entries(job=job.id, event=Event.DELIVERED.value):
                also = dict(entry.details).get("also", "")
                paths += [f"/{path}" for path in also[1:].split(", /")] if also else []
            paths = [path for path in paths if path.startswith(below)]
        # Names that no server can be told by are shown as everywhere else.
        name = PurePath(paths[0]).name.replace("\\", "_") if paths else ""
        return windows_name(name) if self.settings.remote.scheme == "smb" else name

    def _send(self, remote: RemoteFolder, result: _Result) -> None:
        """Bring one pair to its place, wherever an earlier attempt has ended."""
        again = self._progress().under_way == result.sequence
        details = {"push": self.settings.name, "job": result.job.id}
        parts = self._parts(result.job)
        try:
            name = self._place(remote, result, parts)
        except SiteFault as fault:
            if fault.code != "site.artifact-damaged":
                raise
            # Nobody can send what is no more, and what comes after it must not wait for it.
            details |= {"code": fault.code, "detail": fault.detail}
            self._conclude(remote, result, "push.impossible", details, again=again)
        else:
            details |= {"to": name, "sha256": parts[-1].file.sha256}
            self._conclude(remote, result, "push.done", details, again=again)

    def _parts(self, job: Job) -> list[_Part]:
        """Return what is sent of a job, the result last."""
        files = {file.what: file for file in self._books.archived.files(job)}
        sizes = {artifact.sha256: artifact.size for artifact in job.artifacts}
        wanted = [(Kept.RECEIPT, _RECEIPT)] if self.settings.receipts else []
        return [
            _Part(files[what], sizes[files[what].sha256], self._hidden(job.id, what.value), ending)
            for what, ending in (*wanted, (Kept.RESULT, ""))
            if what in files
        ]

    def _place(self, remote: RemoteFolder, result: _Result, parts: list[_Part]) -> str:
        """Write the parts and rename them; return the name they have got."""
        progress, there = self._progress(), _names_in(remote)
        earlier = ""
        if (progress.under_way, progress.where) == (result.sequence, self.settings.remote.where):
            earlier = progress.name
        mark = self._hidden(result.job.id, "mark")
        written = bool(earlier) and mark in there
        free = (
            name
            for name in self._names(result.name)
            if not any(name + part.ending in there for part in parts)
        )
        for name in chain((earlier,), free) if earlier else free:
            if not written:
                self._write(remote, parts, earlier if name == earlier else "", mark)
            self._intend(result, name)
            if self._rename(remote, name, parts):
                return name
            written = self._take_back(remote, name, parts, mark)
        raise AssertionError("numbers end nowhere")

    def _intend(self, result: _Result, name: str) -> None:
        """Remember the name the pair is to have, before it gets it."""
        progress, where = self._progress(), self.settings.remote.where
        self._remember(
            _Progress(progress.push, progress.after, result.sequence, name, where, result.job.id)
        )

    def _write(self, remote: RemoteFolder, parts: list[_Part], name: str, mark: str) -> None:
        """Write what has no name yet under hidden names, then the mark."""
        for part in parts:
            if name and _same(remote, name + part.ending, part):
                continue
            with self._books.archived.opened(part.file) as content:
                remote.write(content, part.hidden)
                if _digest(content) != part.file.sha256:
                    what = f"{display(str(part.file.path))} changed while it was sent"
                    raise SiteFault("site.artifact-damaged", what)
        with tempfile.TemporaryFile() as empty:
            remote.write(empty.fileno(), mark)

    def _rename(self, remote: RemoteFolder, name: str, parts: list[_Part]) -> bool:
        """Give each part its name; False when somebody has that of one."""
        for part in parts:
            if remote.rename(part.hidden, name + part.ending):
                continue
            if part.hidden not in _names_in(remote):
                continue
            if not _same(remote, name + part.ending, part):
                return False
            remote.remove(part.hidden)
        return True

    def _take_back(self, remote: RemoteFolder, name: str, parts: list[_Part], mark: str) -> bool:
        """Hide again what has got its name; False when its reader was faster: all is written anew.

        The mark goes first then, since a hidden file that is just being written is not whole.
        """
        for part in parts:
            if part.hidden in _names_in(remote):
                continue
            named = name + part.ending
            if not (_same(remote, named, part) and remote.rename(named, part.hidden)):
                remote.remove(mark)
                return False
        return True

    def _conclude(
        self,
        remote: RemoteFolder,
        result: _Result,
        event: str,
        details: dict[str, str],
        *,
        again: bool,
    ) -> None:
        """Log what was done, once, then move on."""
        progress = self._progress()
        push = self.settings.name
        logged = again and any(
            dict(entry.details).get("push") == push
            for entry in self._books.log.entries(
                event=event, text=f"job={result.job.id}", after=result.sequence
            )
        )
        if not logged:
            self._books.log.record(event, details)
        self._remember(_Progress(progress.push, result.sequence, marked=result.job.id))
        self._tidy(remote)

    def _tidy(self, remote: RemoteFolder) -> None:
        """Remove the hidden files of a result that is done with."""
        progress = self._progress()
        if progress.marked and progress.under_way <= progress.after:
            for what in (Kept.RECEIPT.value, Kept.RESULT.value, "mark"):
                remote.remove(self._hidden(progress.marked, what))
            self._remember(replace(progress, marked=""))

    def _hidden(self, job_id: str, what: str) -> str:
        return f".sealgate-{self._progress().push}-{job_id}.{what}"

    def _progress(self) -> _Progress:
        return _Progress(**json.loads(self._books.memory.recall(self._fact) or "{}"))

    def _remember(self, progress: _Progress) -> None:
        self._books.memory.remember(self._fact, json.dumps(asdict(progress)))


def _names_in(remote: RemoteFolder) -> frozenset[str]:
    return frozenset(file.name for file in remote.list())


def _same(remote: RemoteFolder, name: str, part: _Part) -> bool:
    """Tell whether a file there holds what was archived."""
    if not any(file.name == name and file.size == part.size for file in remote.list()):
        return False
    with tempfile.TemporaryFile() as copy:
        try:
            remote.read(name, copy.fileno(), 0, part.size)
        except ServiceFault as fault:
            if fault.code == "remote.file-denied":
                return False  # we could read it if it were ours
            raise
        return _digest(copy.fileno()) == part.file.sha256


def _digest(descriptor: int) -> str:
    digest, position = hashlib.sha256(), 0
    while chunk := os.pread(descriptor, 1 << 20, position):
        digest.update(chunk)
        position += len(chunk)
    return digest.hexdigest()
