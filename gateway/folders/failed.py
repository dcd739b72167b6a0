"""The folder `failed/`: originals that could not be sealed, each with a receipt that says why."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.core.companions import tickets_of
from gateway.core.job import Job
from gateway.folders import durable
from gateway.folders.companions import remove_triggers
from gateway.folders.faults import as_site_fault
from gateway.folders.numbering import RECEIPT, ROOM, numbered
from gateway.folders.opening import exists, is_plain, names_in, open_folder, parts
from gateway.folders.pairs import lay_out, owner_of
from gateway.folders.stored import missing
from gateway.ports import ReceiptWriter


class FailedFolder:
    """Files below `INBOX/` under the path they were dropped with."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, job: Job, original: Path, receipt: ReceiptWriter) -> Path:
        """Move the original there beside its receipt; return its path. Raises `SiteFault`."""
        with as_site_fault(self._root / job.inbox), self._place(job) as (folder, path):
            if exists(original):
                laid = lay_out(
                    folder,
                    path,
                    numbered(job.source.rsplit("/", 1)[-1], ROOM),
                    job_id=job.id,
                    receipt=receipt,
                    original=original,
                )
            else:
                laid = _found_again(job, original, folder)
            _add_ticket(job, laid, folder)
            remove_triggers(Path(job.spooled))
            return path / laid

    def withdraw(self, job: Job, spooled: Path) -> bool:
        """Move the original back into the spool, then remove its receipt; False when it is gone.

        A ticket that lies beside it goes first: the document is never there without it.
        Raises `SiteFault`.
        """
        returned = Path(job.returned)
        inside = returned.is_relative_to(self._root)  # unless failed/ was moved since
        root = self._root if inside else returned.parent
        below = returned.parent.relative_to(root).parts
        with as_site_fault(returned):
            # When the folder was cleared away, the file went with it.
            with suppress(FileNotFoundError), open_folder(root, below) as folder:
                if is_plain(returned.name, dir_fd=folder):
                    _withdraw_ticket(returned.name, folder, spooled)
                    _move_back(returned.name, folder, spooled)
                if exists(spooled) and owner_of(folder, returned.name) == job.id:
                    durable.remove(returned.name + RECEIPT, dir_fd=folder)
            return exists(spooled)

    @contextmanager
    def _place(self, job: Job) -> Iterator[tuple[int, Path]]:
        """Open the folder that mirrors the source's own, with what people call it.

        Where a failed file, or a link, has the name of one of those folders, it is the inbox's.
        """
        home = parts(job.inbox)
        below = home + parts(job.source)[:-1]
        try:
            with open_folder(self._root, below, create=True):
                pass
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            below = home
        with open_folder(self._root, below, create=True) as folder:
            yield folder, self._root.joinpath(*below)


def _add_ticket(job: Job, laid: str, folder: int) -> None:
    """Lay the claimed ticket, if there is one, beside the original under the original's name."""
    for ending, written in tickets_of(Path(job.spooled)):
        if not exists(written):
            continue
        for name in numbered(laid + ending):
            with suppress(FileExistsError):
                durable.move_exclusive(written, name, dir_fd=folder)
                break


def _withdraw_ticket(name: str, folder: int, spooled: Path) -> None:
    """Take the ticket beside a failed original back, but no document that failed by itself."""
    for ending, written in tickets_of(spooled):
        ticket = name + ending
        if is_plain(ticket, dir_fd=folder) and not exists(ticket + RECEIPT, dir_fd=folder):
            _move_back(ticket, folder, written)


def _found_again(job: Job, original: Path, folder: int) -> str:
    """Return the name under which an earlier, interrupted run laid the original."""
    receipts = (name for name in names_in(folder) if name.endswith(RECEIPT))
    for name in (receipt.removesuffix(RECEIPT) for receipt in receipts):
        if owner_of(folder, name) == job.id and exists(name, dir_fd=folder):
            return name
    raise missing(original)


def _move_back(name: str, folder: int, spooled: Path) -> None:
    spool_name = (spooled.parent.name,)
    with (
        open_folder(spooled.parent.parent, spool_name, create=True, mode=0o700) as spool,
        # A spool name belongs to one job: what is there already came from an earlier run.
        suppress(FileExistsError),
    ):
        durable.move_exclusive(name, spooled.name, source_fd=folder, dir_fd=spool)
