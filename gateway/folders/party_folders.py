"""The folders of a flow's parties: what they are to act on, and what they have moved.

`flows/PARTY/todo` has the documents whose turn it is, each with its cover note; a party acts by
moving one to `approve` or `reject`. What was acted on goes to `done`, what could not be accepted
to `refused`, with a note of why. What lies in `todo` is a copy of ours and is replaced and taken
away as the flow goes on; nothing else that lies in these folders is overwritten or removed.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from gateway.core.errors import DocumentFault, SiteFault
from gateway.core.names import is_partial
from gateway.core.system_faults import site_fault
from gateway.folders import durable
from gateway.folders.completeness import has_head_and_tail
from gateway.folders.faults import as_site_fault
from gateway.folders.filesystems import is_network, mount_of
from gateway.folders.hashing import hashed
from gateway.folders.inbox import quiet_on
from gateway.folders.leases import open_for_writing
from gateway.folders.numbering import numbered
from gateway.folders.opening import exists, names_in, open_below, open_folder, reading
from gateway.folders.owners import owner_name
from gateway.folders.papers import laid_in
from gateway.folders.reasons import is_reason, read_reason, reason_of
from gateway.folders.scan import Scan, candidate_of
from gateway.folders.settle import Patience, Settling
from gateway.folders.stored import copy_stored, holds
from gateway.ports import Brought, Candidate, Clock, Gathered, Looked, Verdict

NOTE = ".html"
"""What a cover note's name has in place of its document's ending."""
_TODO, _DONE, _REFUSED = "todo", "done", "refused"
_FOLDERS = (_TODO, *(verdict.value for verdict in Verdict), _DONE, _REFUSED)
_WHY = "-refused.txt"
_FILE_MODE = 0o660
_SCAN = "flows"
_NO_FOLDER = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR})
"""Of what is gone, a file, or a link."""
_PATIENCE = 30.0
_REASON_PATIENCE = 10.0
"""Seconds for which a rejected document waits for the text that says why."""


class FolderOfParties:
    """The ports `PartyFolders` and `PartyTrays`."""

    def __init__(
        self, root: Path, clock: Clock, *, quiet: float | None = None, largest: int | None = None
    ) -> None:
        self._root = root
        self._clock = clock
        self._quiet = quiet
        """Seconds for which a file must stay the same; None chooses by the file system."""
        self._largest = largest
        """Bytes that a file may have; None for any number."""
        self._settling = Settling(clock)
        self._waiting_since: dict[str, float] = {}

    @property
    def root(self) -> Path:
        """Return the folder of all parties."""
        return self._root

    def prepare(self, party: str) -> None:
        """Make a party's folders; raises `SiteFault`."""
        self._root.mkdir(exist_ok=True)
        for name in _FOLDERS:
            with (
                as_site_fault(self._root / party / name),
                open_folder(self._root, (party, name), create=True, as_above=True),
            ):
                pass

    def lay(self, party: str, name: str, content: Path, sha256: str, note: bytes) -> None:
        """Have a document and its cover note in todo/; raises `SiteFault`."""
        self.prepare(party)
        path = self._root / party / _TODO
        with as_site_fault(path / name), open_folder(self._root, (party, _TODO)) as todo:
            cover = cover_name(name)
            if not holds(cover, hashlib.sha256(note).hexdigest(), folder=todo):
                _lay_note(cover, note, todo)
            if holds(name, sha256, folder=todo):
                return
            # A name of ours: what has it now is an older revision, or one that was spoilt here.
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=todo)
            copy_stored(content, name, folder=todo, mode=_FILE_MODE, sha256=sha256)

    def take_back(self, party: str, name: str) -> None:
        """Have neither document nor cover note of that name in todo/; raises `SiteFault`."""
        with as_site_fault(self._root / party / _TODO / name):
            try:
                with open_folder(self._root, (party, _TODO)) as todo:
                    for one in (name, cover_name(name)):
                        if exists(one, dir_fd=todo):
                            durable.remove(one, dir_fd=todo)
            except FileNotFoundError:
                return

    def examine(self) -> Gathered:
        """Return what lies in the folders of verdicts and has settled; raises `SiteFault`."""
        found: dict[str, Brought] = {}
        faults: list[SiteFault] = []
        with as_site_fault(self._root), ExitStack() as stack:
            try:
                root = stack.enter_context(open_folder(self._root))
            except FileNotFoundError:
                return Gathered(())
            for party in sorted(names_in(root)):
                if is_partial(party):
                    continue
                try:
                    found |= {one.file.source: one for one in self._of_party(root, party)}
                except OSError as error:
                    faults.append(site_fault(error, self._root / party))
            network = is_network(mount_of(self._root).fstype)
        quiet = self._quiet if self._quiet is not None else quiet_on(network)
        settled = self._settling.settled(
            (one.file for one in found.values()),
            Patience(quiet, _PATIENCE, 3600.0),
            self._looks_complete,
            lambda one: not network and self._being_written(one),
        )
        ready = [found[one.source] for one in settled]
        return Gathered(tuple(one for one in ready if self._has_reason(one)), tuple(faults))

    def next_due(self) -> float | None:
        """Return the seconds until something could have settled; None when nothing waits."""
        due = self._settling.next_due()
        return 1.0 if due is None and self._waiting_since else due

    def look(self, brought: Brought, copy: Path | None = None) -> Looked:
        """Read what was brought, and copy it; raises as the port says."""
        with ExitStack() as stack:
            folder = self._open(stack, brought)
            file = stack.enter_context(_same(brought.file, folder))
            size = os.fstat(file).st_size
            if self._largest is not None and size > self._largest:
                raise DocumentFault("intake.too-large", f"{size} bytes")
            owner, why = _other(os.fstat(file)), ""
            if brought.reason is not None:
                reason = stack.enter_context(_same(brought.reason, folder))
                owner = owner or _other(os.fstat(reason))
                why = read_reason(reason)
            if copy is not None:
                with as_site_fault(copy):
                    return Looked(durable.copy_exclusive(file, copy).sha256, owner, why)
            return Looked(hashed(file).sha256, owner, why)

    def finish(self, brought: Brought, refused: str = "") -> None:
        """Move it to done/, or to refused/ with a note of why; raises `SiteFault`."""
        away = _REFUSED if refused else _DONE
        with as_site_fault(self._root / brought.file.source), ExitStack() as stack:
            folder = self._open(stack, brought)
            place = (brought.party, away)
            target = stack.enter_context(open_folder(self._root, place, create=True, as_above=True))
            with suppress(FileNotFoundError):
                laid = _moved(brought.name, folder, target)
                if refused:
                    note = laid.rpartition(".")[0] + _WHY
                    _lay_note(note, refused.encode(), target)
            if brought.reason is not None:
                with suppress(FileNotFoundError):
                    _moved(_base(brought.reason), folder, target)
            cover = cover_name(brought.name)
            if exists(cover, dir_fd=folder):
                durable.remove(cover, dir_fd=folder)

    def hand_out(self, party: str, name: str, content: Path, sha256: str) -> Path:
        """Have a copy in done/ under a free name, and return its path; raises `SiteFault`."""
        self.prepare(party)
        path = self._root / party / _DONE
        with as_site_fault(path / name), open_folder(self._root, (party, _DONE)) as done:
            return path / laid_in(done, name, content, sha256, _FILE_MODE)

    def _of_party(self, root: int, party: str) -> Iterator[Brought]:
        try:
            home = open_below(root, party)
        except OSError as error:
            if error.errno in _NO_FOLDER:
                return
            raise
        try:
            for verdict in Verdict:
                try:
                    folder = open_below(home, verdict.value)
                except OSError as error:
                    if error.errno in _NO_FOLDER:
                        continue
                    raise
                try:
                    yield from _paired(party, verdict, folder)
                finally:
                    os.close(folder)
        finally:
            os.close(home)

    def _has_reason(self, brought: Brought) -> bool:
        """Let a rejected document wait a while for its reason."""
        key = brought.file.source
        if brought.verdict is not Verdict.REJECT or brought.reason is not None:
            self._waiting_since.pop(key, None)
            return True
        now = self._clock.monotonic()
        since = self._waiting_since.setdefault(key, now)
        if now - since < _REASON_PATIENCE:
            return False
        del self._waiting_since[key]
        return True

    def _open(self, stack: ExitStack, brought: Brought) -> int:
        place = (brought.party, brought.verdict.value)
        return stack.enter_context(open_folder(self._root, place))

    def _looks_complete(self, candidate: Candidate) -> bool:
        *place, name = candidate.source.split("/")
        try:
            with open_folder(self._root, place) as folder, reading(name, dir_fd=folder) as file:
                return has_head_and_tail(file)
        except OSError:
            return False

    def _being_written(self, candidate: Candidate) -> bool:
        *place, name = candidate.source.split("/")
        try:
            with open_folder(self._root, place) as folder:
                return open_for_writing(name, dir_fd=folder)
        except OSError:
            return False


def cover_name(name: str) -> str:
    """Return what the cover note of a document is called."""
    return (name.rpartition(".")[0] or name) + NOTE


def _paired(party: str, verdict: Verdict, folder: int) -> Iterator[Brought]:
    """Yield what lies in an open folder of a verdict, each with its reason."""
    found: dict[str, Candidate] = {}
    for one in Scan(_SCAN, folder, recursive=False, mounted=frozenset()):
        if isinstance(one, Candidate):
            found[one.source] = replace(one, source=f"{party}/{verdict.value}/{one.source}")
    texts = [name for name in found if is_reason(name)]
    for name, file in sorted(found.items(), key=lambda item: (item[1].modified, item[0])):
        if not is_reason(name) and not name.endswith(NOTE):
            yield Brought(party, verdict, file, found.get(reason_of(name, texts)))


@contextmanager
def _same(candidate: Candidate, folder: int) -> Iterator[int]:
    """Open a file if it is still the one that was seen; raises `FileNotFoundError`."""
    with reading(_base(candidate), dir_fd=folder) as file:
        if candidate_of(candidate.inbox, candidate.source, os.fstat(file)) != candidate:
            raise FileNotFoundError(candidate.source)
        yield file


def _base(candidate: Candidate) -> str:
    return candidate.source.rsplit("/", 1)[-1]


def _lay_note(name: str, content: bytes, folder: int) -> None:
    """Lay a note in place of an older one, never under a hidden name: that could be left behind."""
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    durable.write_exclusive(name, content, mode=_FILE_MODE, dir_fd=folder)


def _other(status: os.stat_result) -> str:
    """Return whose a file is, unless it is ours: one that was only moved tells of nobody."""
    return "" if status.st_uid == os.geteuid() else owner_name(status)


def _moved(name: str, folder: int, target: int) -> str:
    """Move a file under the first free name, and return that."""
    for free in numbered(name):
        with suppress(FileExistsError):
            durable.move_exclusive(name, free, source_fd=folder, dir_fd=target)
            return free
    raise AssertionError("numbered names end")  # pragma: no cover - they are endless
