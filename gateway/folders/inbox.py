"""One watched folder: examining it, claiming from it, giving back what changed meanwhile."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

from gateway.core.companions import left_name, spooled_names
from gateway.core.site import InboxSettings, Tickets, Watching
from gateway.folders import durable
from gateway.folders.claiming import claiming, open_spool, split
from gateway.folders.companions import Pairing, remove_triggers
from gateway.folders.completeness import has_head_and_tail
from gateway.folders.faults import as_site_fault
from gateway.folders.filesystems import is_network, mount_of, mounted_below, mounts
from gateway.folders.hashing import hashed
from gateway.folders.known_files import KnownFiles
from gateway.folders.leases import open_for_writing
from gateway.folders.mounting import MountMemory
from gateway.folders.numbering import numbered
from gateway.folders.opening import exists, is_plain, open_folder, reading
from gateway.folders.owners import owner_name
from gateway.folders.scan import HOLD, Scan
from gateway.ports import Bystander, Candidate, Memory

_OWN_SPOOL = ".sealgate"
_QUIET_LOCAL, _QUIET_NETWORK = 2.0, 10.0


class FolderInbox:
    """A folder on a local or network file system.

    Files are claimed by rename, so the spool must be on the inbox's own mount: the site's when
    that is, else a hidden folder in the inbox.
    """

    def __init__(
        self,
        settings: InboxSettings,
        spool: Path,
        memory: Memory,
        tickets: Callable[[], Tickets] = lambda: Tickets.NONE,
        known: KnownFiles | None = None,
    ) -> None:
        self.name = settings.name
        self._tickets = tickets
        """What files that look like tickets are; that may change with the rules."""
        self._known = known or KnownFiles()
        """What the vault has read of claimed files."""
        self._settings = settings
        self._root = settings.path
        self._spool = spool
        self._mount = MountMemory(settings, spool, memory)
        self._local = False  # nothing is known before the first scan

    @property
    def quiet(self) -> float:
        """Return the seconds for which a file must stay the same before it is taken."""
        if self._settings.settle is not None:
            return self._settings.settle
        return quiet_on(self._mount.on_network())

    @property
    def uses_events(self) -> bool:
        """Tell whether events of the kernel announce changes here."""
        if self._settings.watching is Watching.AUTO:
            return not self._mount.on_network()
        return self._settings.watching is Watching.EVENTS

    @property
    def with_tickets(self) -> bool:
        """Tell whether files may have tickets now."""
        return self._tickets() is not Tickets.NONE

    def examine(self) -> tuple[tuple[Candidate, ...], tuple[Bystander, ...]]:
        """Scan the whole folder; the candidates come oldest first.

        Raises `SiteFault`: `site.folder-missing`, `site.mount-missing`, `site.denied`,
        `site.input-output`.
        """
        candidates: list[Candidate] = []
        bystanders: list[Bystander] = []
        with as_site_fault(self._root), open_folder(self._root) as root:
            # Opened first: that is what makes an automounter mount.
            self._local = not is_network(self._mount.check().fstype)
            mounted = mounted_below(self._root)
            recursive = self._settings.recursive
            for found in Scan(self.name, root, recursive=recursive, mounted=mounted):
                if isinstance(found, Candidate):
                    candidates.append(found)
                else:
                    bystanders.append(found)
        pairing = Pairing(self._settings, self._tickets(), candidates, bystanders)
        paired = sorted(pairing.candidates(), key=lambda one: (one.modified, one.source))
        return tuple(paired), (*bystanders, *pairing.bystanders)

    def looks_complete(self, candidate: Candidate) -> bool:
        """Tell whether the file opens as a PDF with a tail; anything that is no PDF is complete.

        An empty file, or one that cannot be opened now, is not.
        """
        below, name = split(candidate.source)
        try:
            with open_folder(self._root, below) as parent, reading(name, dir_fd=parent) as file:
                return has_head_and_tail(file)
        except OSError:
            return False

    def being_written(self, candidate: Candidate) -> bool:
        """Tell whether some process has the file open for writing; False when nobody can tell.

        Always False on network file systems, where the kernel knows only of its own processes.
        """
        if not self._local:
            return False
        below, name = split(candidate.source)
        try:
            with open_folder(self._root, below) as parent:
                return open_for_writing(name, dir_fd=parent)
        except OSError:
            return False

    def spool_path(self, candidate: Candidate, job_id: str) -> Path:
        """Return where a claim would put the file: on the inbox's own file system.

        Raises `SiteFault`. Nothing is made in the inbox yet.
        """
        name = f"{job_id}.pdf"
        with as_site_fault(self._spool):
            with open_spool(self._spool) as spool:
                same_device = os.fstat(spool).st_dev == self._root.stat().st_dev
            table = mounts()
            # One file system can be mounted twice, as service managers do to confine a service;
            # a rename from one to the other is refused although the device is the same.
            one_mount = mount_of(self._spool, table).number == mount_of(self._root, table).number
        return (self._spool if same_device and one_mount else self._root / _OWN_SPOOL) / name

    def claim(self, candidate: Candidate, spooled: Path) -> bool:
        """Move the file there by rename, durably; return False when it is gone or not the same.

        Its companions go first and, when the claim comes to nothing, back. Raises `SiteFault`.
        """
        return self.claim_all(((candidate, spooled),))[0]

    def claim_all(self, wanted: Iterable[tuple[Candidate, Path]]) -> tuple[bool, ...]:
        """Claim several files as `claim` does, durably when this returns; raises `SiteFault`."""
        wanted = tuple(wanted)
        with claiming(self._root) as claims:
            taken = tuple(claims.claim(candidate, spooled) for candidate, spooled in wanted)
        for candidate, spooled in wanted:
            if candidate.companions:
                self.conclude(spooled, candidate.source)
        return taken

    def paused(self, candidate: Candidate) -> bool:
        """Tell whether somebody has paused the file's folder, or one above it, since the scan."""
        below, _ = split(candidate.source)
        folders = (self._root.joinpath(*below[:depth]) for depth in range(len(below) + 1))
        return any(exists(folder / HOLD) for folder in folders)

    def conclude(self, spooled: Path, source: str) -> None:
        """Finish a claim that may have been interrupted; doing it again changes nothing.

        With the document there, its trigger is removed; without it, its companions go back.
        Raises `SiteFault`.
        """
        with as_site_fault(spooled):
            if not spooled.parent.is_dir():
                return
            if exists(spooled):
                remove_triggers(spooled)
                return
        for ending in spooled_names():
            companion = spooled.with_suffix(ending)
            name = left_name(source, ending, self._settings.trigger)
            if exists(companion):
                self._give_back(companion, name)

    def post(self, name: str, content: bytes) -> None:
        """Put a page of our own up, in the place of an older one; raises `SiteFault`."""
        with as_site_fault(self._root / name), open_folder(self._root) as root:
            self._mount.check()
            durable.replace(name, content, mode=0o644, dir_fd=root)

    def shows(self, name: str) -> bool:
        """Tell whether a page hangs there; also when it cannot be told."""
        try:
            return is_plain(self._root / name)
        except OSError:
            return True

    def owner(self, spooled: Path) -> str:
        """Return the name of the user who owns a claimed file; `uid:NUMBER` without a name.

        Empty when the file is gone. Raises `SiteFault`. On a share that maps everybody to one
        user, and on file systems without owners, that is who it is.
        """
        with as_site_fault(spooled):
            try:
                return owner_name(spooled.lstat())
            except FileNotFoundError:
                return ""

    def give_back_changed(self, spooled: Path, source: str, accepted: str) -> str:
        """Move a claimed file back into the inbox if its bytes are no longer those accepted.

        `accepted` is the SHA-256 in hex of the version that was accepted. Returns the path
        below the inbox at which the new version now waits, its own or a numbered one; empty
        when nothing had changed or the file is gone. Raises `SiteFault`.
        """
        with as_site_fault(spooled):
            try:
                with reading(spooled) as claimed:
                    if self._known.unchanged(spooled, claimed, accepted):
                        return ""
                    if hashed(claimed).sha256 == accepted:
                        return ""
            except FileNotFoundError:
                return ""
        return self._give_back(spooled, source)

    def _give_back(self, spooled: Path, source: str) -> str:
        below, name = split(source)
        with as_site_fault(self._root / source), ExitStack() as stack:
            stack.enter_context(open_folder(self._root))
            self._mount.check()
            try:
                made = open_folder(self._root, below, create=True, as_above=True)
                parent = stack.enter_context(made)
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
                # Something else has the name of its folder now: the top has to do.
                below, parent = (), stack.enter_context(open_folder(self._root))
            for free in numbered(name):
                with suppress(FileExistsError):
                    durable.move_exclusive(spooled, free, dir_fd=parent)
                    return "/".join((*below, free))
        raise AssertionError("numbered names end")  # pragma: no cover - they are endless


def quiet_on(network: bool) -> float:
    """Return the usual quiet time on a network file system, or a local one; seconds."""
    return _QUIET_NETWORK if network else _QUIET_LOCAL
