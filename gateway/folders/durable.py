"""Making files durable: the only place that writes, copies, moves or replaces one.

A file gets its name only when its content is complete and on disk. Where the file system can,
the content has no name at all until then (O_TMPFILE), so whoever lists the folder sees either
nothing or the finished file, even after the power failed. Elsewhere it waits under a dotted
name, which no inbox takes and no share shows by default. The order is always the same:
content, fsync, name, fsync of the folder.

Where several nodes share folders, the content waits in the node's own folder (`passages`).

Functions name a file as those of `os` do: by its path, or by its name in the folder `dir_fd`.
With `more`, the last fsync is left out: something else is done in the same folder at once, and
its fsync makes both durable. They raise `OSError`; their callers know what a person should be
told. Every step calls `os.…` by its full name, so that a test can stop the process at each.
"""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.folders.exclusive import rename_exclusive
from gateway.folders.hashing import LARGE, Written, hashed, hashed_beside
from gateway.folders.opening import FOLDER, reading, set_mode, sync_folder
from gateway.folders.passages import passage_to

_CHUNK = 1 << 20
_COPIED_AT_ONCE = 8 << 20
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_NAMELESS_UNSUPPORTED = frozenset(
    {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL, errno.ENOSYS, errno.EPERM}
)
_COPY_UNSUPPORTED = frozenset(
    {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.ETXTBSY}
)
_counter = itertools.count()


class Mismatch(Exception):
    """A copy does not have the SHA-256 it should have; it was not given its name."""


Fill = Callable[[int], None]
"""Writes the whole content to a new, empty file."""


def write_exclusive(
    target: str | Path,
    content: bytes,
    *,
    mode: int = 0o640,
    dir_fd: int | None = None,
    more: bool = False,
) -> None:
    """Create a complete file; raises `FileExistsError` when the name is taken."""
    with _folder_of(target, dir_fd) as (folder, name):
        _create(folder, name, mode, lambda new: _write_all(new, content), more=more)


def copy_exclusive(
    source: int,
    target: str | Path,
    *,
    mode: int = 0o640,
    dir_fd: int | None = None,
    expected: str = "",
    more: bool = False,
    like: int | None = None,
) -> Written:
    """Copy an open file to a new name; raises `FileExistsError` when the name is taken.

    What was written is read back and hashed before it gets its name. Raises `Mismatch` when
    that is not the `expected` SHA-256. With `like`, an open folder on the same mount, it has the
    group and labels of a file that was made there.
    """
    written: list[Written] = []

    def fill(new: int) -> None:
        written[:] = [_copy_hashed(source, new)]
        if expected and written[0].sha256 != expected:
            raise Mismatch(f"{target}: {written[0].sha256} instead of {expected}")

    with _folder_of(target, dir_fd) as (folder, name):
        _create(folder, name, mode, fill, more=more, like=like)
    return written[0]


def replace(
    target: str | Path,
    content: bytes | int,
    *,
    mode: int = 0o600,
    dir_fd: int | None = None,
    more: bool = False,
) -> Written:
    """Put bytes, or a copy of an open file, in the place of a file of our own."""
    written: list[Written] = []

    def fill(new: int) -> None:
        if isinstance(content, bytes):
            _write_all(new, content)
            written[:] = [hashed(new)]
        else:
            written[:] = [_copy_hashed(content, new)]

    with _folder_of(target, dir_fd) as (folder, name):
        passage = passage_to(folder)
        drafts = passage.descriptor if passage is not None else folder
        with _temporary(drafts, mode, fill) as (temporary, _):
            os.rename(temporary, name, src_dir_fd=drafts, dst_dir_fd=folder)
        if not more:
            sync_folder(folder)
    return written[0]


def move_exclusive(
    source: str | Path,
    target: str | Path,
    *,
    source_fd: int | None = None,
    dir_fd: int | None = None,
) -> None:
    """Move a plain file; raises `FileExistsError` when the new name is taken by something else.

    A move that was interrupted is finished: if the new name already has the same bytes, only
    the old name is removed. Between file systems the bytes are copied, with their permissions
    and time of modification. Raises `FileNotFoundError` when the file is gone.
    """
    with _folder_of(source, source_fd) as (leaving, old), _folder_of(target, dir_fd) as (to, new):
        try:
            rename_exclusive(old, new, source_fd=leaving, target_fd=to)
        except FileExistsError:
            _finish_move(leaving, old, to, new)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _move_across(leaving, old, to, new)
        sync_folder(to)
        sync_folder(leaving)


def give(draft: Path, name: str, *, dir_fd: int) -> None:
    """Rename a draft on the same mount, so that it is gone exactly when the name is there.

    Raises `FileExistsError` when the name is taken, `FileNotFoundError` when the draft is gone.
    """
    with _folder_of(draft, None) as (leaving, old):
        try:
            rename_exclusive(old, name, source_fd=leaving, target_fd=dir_fd)
        except FileExistsError:
            here, there = (
                os.stat(one, dir_fd=folder, follow_symlinks=False)
                for one, folder in ((old, leaving), (name, dir_fd))
            )
            if not os.path.samestat(here, there):
                raise
            os.unlink(old, dir_fd=leaving)
    sync_folder(dir_fd)


def remove(name: str | Path, *, dir_fd: int | None = None) -> None:
    """Remove a file of our own, durably; nothing happens when it is gone."""
    with _folder_of(name, dir_fd) as (folder, entry):
        with suppress(FileNotFoundError):
            os.unlink(entry, dir_fd=folder)
        sync_folder(folder)


def remove_empty(name: str, *, dir_fd: int) -> None:
    """Remove a sub-folder, durably, if it is empty; nothing happens when it is not, or gone."""
    try:
        os.rmdir(name, dir_fd=dir_fd)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    sync_folder(dir_fd)


@contextmanager
def _folder_of(target: str | Path, dir_fd: int | None) -> Iterator[tuple[int, str]]:
    """Yield the descriptor of the target's folder, and the target's name in it."""
    if dir_fd is not None:
        yield dir_fd, str(target)
        return
    path = Path(target)
    folder = os.open(path.parent, FOLDER)
    try:
        yield folder, path.name
    finally:
        os.close(folder)


def _create(
    folder: int, name: str, mode: int, fill: Fill, *, more: bool = False, like: int | None = None
) -> None:
    made_in = folder if like is None else like
    passage = passage_to(folder) if like is None else None
    try:
        if passage is not None:
            raise _NamelessUnsupported
        _create_nameless(made_in, folder, name, mode, fill)
    except _NamelessUnsupported:
        drafts = passage.descriptor if passage is not None else made_in
        with _temporary(drafts, mode, fill) as (temporary, _):
            rename_exclusive(temporary, name, source_fd=drafts, target_fd=folder)
    if not more:
        sync_folder(folder)


class _NamelessUnsupported(Exception):
    """This file system, or this process without /proc, cannot name a nameless file."""


def _create_nameless(made_in: int, folder: int, name: str, mode: int, fill: Fill) -> None:
    try:
        new = os.open(".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, mode, dir_fd=made_in)
    except OSError as error:
        raise _unsupported_or(error) from None
    try:
        _fill_and_sync(new, mode, fill)
        try:
            # Only with a folder's descriptor does Python follow the link below /proc.
            os.link(f"/proc/self/fd/{new}", name, dst_dir_fd=folder, follow_symlinks=True)
        except FileExistsError:
            raise
        except OSError as error:
            raise _unsupported_or(error) from None
    finally:
        os.close(new)


def _unsupported_or(error: OSError) -> Exception:
    return _NamelessUnsupported() if error.errno in _NAMELESS_UNSUPPORTED else error


@contextmanager
def _temporary(folder: int, mode: int, fill: Fill) -> Iterator[tuple[str, int]]:
    """Yield a filled, synced file's dotted name and descriptor; the name is gone afterwards."""
    temporary = f".sealgate-{os.getpid()}-{next(_counter)}-{os.urandom(4).hex()}.tmp"
    new = os.open(temporary, _NEW, mode, dir_fd=folder)
    try:
        _fill_and_sync(new, mode, fill)
        yield temporary, new
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
    finally:
        os.close(new)


def _fill_and_sync(new: int, mode: int, fill: Fill) -> None:
    set_mode(new, mode)
    fill(new)
    os.fsync(new)


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _copy_hashed(source: int, new: int) -> Written:
    """Copy, and hash what was written; a large file is hashed while it is copied and synced."""
    if os.fstat(source).st_size < LARGE:
        _copy_all(source, new)
        return hashed(new)
    with hashed_beside(new) as beside:
        _copy_all(source, new, beside.reaches)
        os.fsync(new)
        return beside.written()


def _copy_all(source: int, new: int, reached: Callable[[int], None] = lambda _: None) -> None:
    """Copy within the kernel where it can, which some file systems do without moving bytes."""
    position = 0
    try:
        while count := os.copy_file_range(source, new, _COPIED_AT_ONCE, position, position):
            position += count
            reached(position)
    except OSError as error:
        if error.errno not in _COPY_UNSUPPORTED:
            raise
    # Also when all seems copied: some file systems end the kernel's copy too early.
    while chunk := os.pread(source, _CHUNK, position):
        position += os.pwrite(new, chunk, position)
        reached(position)


def _move_across(leaving: int, old: str, to: int, new: str) -> None:
    with reading(old, dir_fd=leaving) as source:
        status = os.fstat(source)

        def fill(copy: int) -> None:
            _copy_all(source, copy)
            os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))

        try:
            _create(to, new, status.st_mode & 0o777, fill)
        except FileExistsError:
            _finish_move(leaving, old, to, new)
            return
    os.unlink(old, dir_fd=leaving)


def _finish_move(leaving: int, old: str, to: int, new: str) -> None:
    """Remove the old name if the new one has equal bytes; else raise `FileExistsError`."""
    taken = FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
    with reading(old, dir_fd=leaving) as source:
        try:
            with reading(new, dir_fd=to) as present:
                if os.fstat(source).st_size != os.fstat(present).st_size:
                    raise taken
                if hashed(source) != hashed(present):
                    raise taken
                os.fsync(present)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EACCES):
                raise taken from None
            raise
    os.unlink(old, dir_fd=leaving)
