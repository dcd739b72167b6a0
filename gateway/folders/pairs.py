"""A failed original and its receipt, laid side by side under one free name.

Theory of operation. The receipt `NAME.receipt.json` goes first and reserves NAME: it holds the
job's id and is created exclusively, so exactly one job owns a name. The file follows, created
exclusively as well. Whatever stops the process, the next run finds one of these:

    receipt   file            what happened                 what is done
    -------   -------------   ---------------------------   --------------------------------
    none      none            nothing yet                   start
    none      somebody's      the name was never ours       next name
    another   any             another job's pair            next name
    ours      none            stopped in between            receipt written anew, then the file
    ours      ours            stopped before the ledger     nothing: it was done
                              heard of it
    ours      somebody's      they took the name in between receipt removed, next name

A file is only ever created whole or moved whole (`durable`), so "ours" can be told by its bytes.
What this cannot tell: a pair that was completed, and then carried away before the restarted ledger
heard of it. Results, which are there to be carried away, go another way (`drafts`).
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

from gateway.folders import durable
from gateway.folders.numbering import RECEIPT
from gateway.folders.opening import exists, reading, sync_folder
from gateway.ports import ReceiptWriter

_LARGEST_RECEIPT = 4 << 20


def lay_out(
    folder: int,
    path: Path,
    names: Iterator[str],
    *,
    job_id: str,
    receipt: ReceiptWriter,
    original: Path,
) -> str:
    """Write a receipt and move the original under the first free name; return that name.

    `folder` is the open folder, `path` what people call it; `names` do not end. Raises `OSError`,
    leaving no receipt without its file.
    """
    for name in names:
        if not _reserve(folder, path, name, job_id, receipt):
            continue
        try:
            durable.move_exclusive(original, name, dir_fd=folder)
        except FileExistsError:
            durable.remove(name + RECEIPT, dir_fd=folder)
        except OSError:
            # A file that has its name is there, even if that could not be made durable: without
            # its receipt it would be taken for somebody else's, and laid out once more.
            if not exists(name, dir_fd=folder):
                durable.remove(name + RECEIPT, dir_fd=folder)
            raise
        else:
            return name
    raise AssertionError("numbers end nowhere")


def _reserve(folder: int, path: Path, name: str, job_id: str, receipt: ReceiptWriter) -> bool:
    """Make the name's receipt ours; return False when the name is another's."""
    owner, taken = owner_of(folder, name), exists(name, dir_fd=folder)
    if owner == job_id:
        if taken:
            sync_folder(folder)  # whoever was stopped may not have come to that
            return True
        durable.remove(name + RECEIPT, dir_fd=folder)
    elif owner is not None or taken:
        return False
    try:
        durable.write_exclusive(name + RECEIPT, receipt(path / name), dir_fd=folder)
    except FileExistsError:
        return False
    return True


def owner_of(folder: int, name: str) -> str | None:
    """Return the id of the job whose receipt lies beside a name.

    None means that there is no receipt; empty that what lies there is not one of ours.
    """
    try:
        with reading(name + RECEIPT, dir_fd=folder) as receipt:
            content = json.loads(os.pread(receipt, _LARGEST_RECEIPT, 0))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        return ""
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EACCES):
            return ""
        raise
    job = content.get("job") if isinstance(content, dict) else None
    return job if isinstance(job, str) else ""
