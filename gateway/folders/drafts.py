"""Results on their way into the outbox: drafted, named in the ledger, then given that name once.

Theory of operation. A result must come to the outbox once, though whoever takes results away may
do so at once, and the process or the machine may stop at any point. What lies in the outbox can
then tell nothing. So there are three steps, each durable before the next begins:

    1. a name is chosen, and the result is copied to a draft that nobody looks at;
    2. the ledger takes down the name and the draft (`result.named`);
    3. the receipt is laid under that name, and the draft is renamed to it.

A rename is one step: the draft is gone exactly when the result has, or had, its name. Whoever
goes on later finds the draft, and gives it the name; or finds none, and knows that it was given.
The same holds for two processes that both take the job for theirs: one of them renames.

The draft waits in the job's own folder of the vault, or, where outbox and vault are on different
mounts, beside the name it will have, with a dot. It is made like a file in its outbox folder, with
the group and labels that such a file gets.

A file system without an exclusive rename (NFS, some in user space) names by a second link, then
removes the first: stopped in between, and with the result carried away, the draft is still there
and the result is given once more.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.numbering import RECEIPT
from gateway.folders.opening import exists, open_folder, sync_folder
from gateway.folders.pairs import owner_of
from gateway.folders.passages import mount_of, own_number
from gateway.folders.stored import copy_stored, holds
from gateway.ports import Drafted, Parcel

_MODE = 0o640


class Waiting(Enum):
    """What is known of a draft."""

    READY = auto()
    """It is there."""
    GIVEN = auto()
    """It was given its name."""
    LOST = auto()
    """Its folder is another one: was removed, or was on a share that is gone."""


def draft(folder: int, path: Path, parcel: Parcel) -> Drafted | None:
    """Draft a parcel's result for an open folder, called `path`, under the first free name.

    None when the names end. Raises `OSError`, and as `copy_stored` does.
    """
    for name in parcel.names:
        owner, taken = owner_of(folder, name), exists(name, dir_fd=folder)
        if owner == parcel.job_id and taken:
            if holds(name, parcel.sha256, folder=folder):  # laid there by an earlier version
                sync_folder(folder)
                return Drafted(path / name, None)
            durable.remove(name + RECEIPT, dir_fd=folder)
        elif not taken and owner in (None, parcel.job_id):
            return _drafted(folder, path / name, parcel)
    return None


def look(drafted: Drafted) -> Waiting:
    """Tell whether a draft waits, or was given its name. Raises `SiteFault`."""
    if drafted.draft is None:
        return Waiting.GIVEN
    home = drafted.draft.parent
    with as_site_fault(home):
        try:
            with open_folder(home) as folder:
                if exists(drafted.draft.name, dir_fd=folder):
                    return Waiting.READY
                same = os.fstat(folder).st_ino == drafted.folder
        except FileNotFoundError:
            return Waiting.LOST
    return Waiting.GIVEN if same else Waiting.LOST


def give(folder: int, job_id: str, drafted: Drafted, receipt: bytes) -> bool:
    """Lay the receipt, then rename the draft; False, leaving neither, when the name is taken.

    Raises `OSError`.
    """
    name, waiting = drafted.path.name, drafted.draft or drafted.path
    owner, taken = owner_of(folder, name), exists(name, dir_fd=folder)
    if owner not in (None, job_id) or (taken and owner is None):
        return False
    if not _lay_receipt(folder, name, receipt, own=owner == job_id):
        return False
    try:
        durable.give(waiting, name, dir_fd=folder)
    except FileExistsError:
        durable.remove(name + RECEIPT, dir_fd=folder)
        return False
    except FileNotFoundError:
        if look(drafted) is not Waiting.GIVEN:  # somebody who was stopped had come so far
            raise
    except OSError:
        # What has its name keeps its receipt, even if that could not be made durable.
        if exists(waiting):
            durable.remove(name + RECEIPT, dir_fd=folder)
        raise
    return True


def finish(folder: int, name: str, sha256: str, receipt: bytes) -> None:
    """Do what was left to do when a name was given: nothing, as a rule. Raises `OSError`."""
    if owner_of(folder, name) is None and holds(name, sha256, folder=folder):
        _lay_receipt(folder, name, receipt, own=False)
    sync_folder(folder)


def _drafted(folder: int, path: Path, parcel: Parcel) -> Drafted:
    home = parcel.sealed.parent
    with open_folder(home) as own:
        place, where, mount = own, home / _name(parcel), mount_of(own)
        if not mount or mount != mount_of(folder):
            place = folder
            where = path.with_name(f".sealgate-{parcel.job_id}-{own_number()}.tmp")
        with suppress(FileNotFoundError):  # of a run that was stopped before the ledger knew of it
            os.unlink(where.name, dir_fd=place)
        copy_stored(
            parcel.sealed, where.name, folder=place, mode=_MODE, sha256=parcel.sha256, like=folder
        )
        return Drafted(path, where, os.fstat(place).st_ino)


def _lay_receipt(folder: int, name: str, receipt: bytes, *, own: bool) -> bool:
    """Lay a receipt, in the place of our `own` or where there is none; False when there is one.

    Durable with the next change of the folder.
    """
    if own:
        durable.replace(name + RECEIPT, receipt, mode=_MODE, dir_fd=folder, more=True)
        return True
    try:
        durable.write_exclusive(name + RECEIPT, receipt, mode=_MODE, dir_fd=folder, more=True)
    except FileExistsError:
        return False
    return True


def _name(parcel: Parcel) -> str:
    folder = parcel.folder.encode("utf-8", "surrogateescape")
    return f".delivery-{hashlib.sha256(folder).hexdigest()[:16]}-{own_number()}"
