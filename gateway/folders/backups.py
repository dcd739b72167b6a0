"""The files of a backup: gathered in a moment, copied at leisure, held against their list.

What changes while the site works is gathered as hard links, in a folder beside it: that takes
no longer than listing it, and the house's files are replaced by rename, never written into.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from gateway.core.backups import FORMAT, MANIFEST, BackupFile, Manifest
from gateway.core.errors import UsageFault
from gateway.core.names import display
from gateway.folders import durable
from gateway.folders.faults import as_site_fault
from gateway.folders.hashing import hashed
from gateway.folders.opening import is_plain, open_folder, parts, reading, set_mode, sync_folder

_LARGEST_MANIFEST = 1 << 30
_NO_LINK = frozenset({errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.EMLINK, errno.EACCES})
_READ = TypeAdapter(Manifest)


def walked(root: Path) -> Iterator[str]:
    """Yield the plain files below a folder, `/`-separated, in order; links are passed over."""
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(root / below) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except FileNotFoundError:  # removed meanwhile
            continue
        folders = []
        for entry in entries:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path
        pending += reversed(folders)


def gather(root: Path, into: Path) -> None:
    """Link every file below a folder into another on the same file system.

    What may not be linked, such as a file that belongs to somebody else, is copied. Raises
    `SiteFault`.
    """
    with as_site_fault(root):
        for path in walked(root):
            target = into / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                try:
                    os.link(root / path, target, follow_symlinks=False)
                except OSError as error:
                    if error.errno not in _NO_LINK:
                        raise
                    shutil.copyfile(root / path, target, follow_symlinks=False)


def store(root: Path, paths: Iterable[str], backup: Path, below: str) -> Iterator[BackupFile]:
    """Copy files into a backup below a folder of it; what is gone by now is passed over.

    Raises `SiteFault`.
    """
    for path in paths:
        where = f"{below}/{path}" if below else path
        with as_site_fault(root / path), suppress(FileNotFoundError), reading(root / path) as file:
            *above, name = parts(where)
            with open_folder(backup, above, create=True, mode=0o700) as folder:
                written = durable.copy_exclusive(file, name, mode=0o600, dir_fd=folder)
            mode = os.fstat(file).st_mode & 0o777
            yield BackupFile(where, written.size, written.sha256, mode)


def listed(backup: Path, name: str) -> BackupFile:
    """Make a file durable that was written into a backup, and hash it. Raises `SiteFault`."""
    with as_site_fault(backup / name), reading(backup / name) as file:
        os.fsync(file)
        written = hashed(file)
    return BackupFile(name, written.size, written.sha256)


@contextmanager
def new_backup(target: Path, name: str) -> Iterator[Path]:
    """Yield a folder that has its name only when the block is done; else nothing is left.

    Raises `SiteFault`; `UsageFault` (`backup.in-the-way`) when there is one of that name.
    """
    partial, whole = target / f".{name}.partial", target / name
    with as_site_fault(target):
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        if whole.exists():
            raise UsageFault("backup.in-the-way", display(str(whole)))
        with suppress(FileNotFoundError):
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700)
        try:
            yield partial
            for folder in (partial, *(one for one in partial.rglob("*") if one.is_dir())):
                with open_folder(folder) as descriptor:
                    sync_folder(descriptor)
            partial.rename(whole)
            with open_folder(target) as descriptor:
                sync_folder(descriptor)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def write_manifest(backup: Path, manifest: Manifest) -> str:
    """Write the list of a backup; return its SHA-256 in hex. Raises `SiteFault`."""
    content = json.dumps(asdict(manifest), indent=1).encode()
    with as_site_fault(backup):
        durable.write_exclusive(backup / MANIFEST, content, mode=0o600)
        with reading(backup / MANIFEST) as written:
            return hashed(written).sha256


def read_manifest(backup: Path) -> Manifest:
    """Return the list of a backup; raises `UsageFault` (`backup.none`, `.newer`, `.damaged`)."""
    path = backup / MANIFEST
    if not is_plain(path):
        raise UsageFault("backup.none", display(str(backup)))
    with as_site_fault(path), reading(path) as file:
        content = os.pread(file, _LARGEST_MANIFEST, 0)
    try:
        raw = json.loads(content)
        number = raw["format"]
        if isinstance(number, int) and number > FORMAT:
            detail = f"format {number}, written by Sealgate {raw.get('program', '?')}"
            raise UsageFault("backup.newer", display(detail))
        return _READ.validate_python(raw)
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError, RecursionError):
        raise UsageFault("backup.damaged", "manifest.json cannot be read") from None


def check_files(backup: Path, manifest: Manifest) -> None:
    """Hash every file of a backup again; raises `UsageFault` (`backup.damaged`), `SiteFault`."""
    wrong = [what for file in manifest.files if (what := _objection(backup, file))]
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise UsageFault("backup.damaged", f"{wrong[0]}{more}")


def _objection(backup: Path, file: BackupFile) -> str:
    try:
        *above, name = parts(file.path)
        with open_folder(backup, above) as folder, reading(name, dir_fd=folder) as content:
            found = hashed(content)
    except FileNotFoundError:
        return f"{display(file.path)} is missing"
    except (OSError, ValueError) as error:
        return f"{display(file.path)}: {getattr(error, 'strerror', None) or error}"
    same = (found.sha256, found.size) == (file.sha256, file.size)
    return "" if same else f"{display(file.path)} is not as recorded"


def lay(backup: Path, files: Iterable[BackupFile], below: str, root: Path) -> int:
    """Lay the files of a backup below one of its folders where they belong; return how many.

    One that is there with the same bytes is left; so what was interrupted is done again. Raises
    `UsageFault` (`backup.in-the-way`, `backup.damaged`) and `SiteFault`.
    """
    count = 0
    for file in files:
        if not file.path.startswith(f"{below}/"):
            continue
        target = file.path.removeprefix(f"{below}/")
        with as_site_fault(root / target):
            _lay_one(backup, file, root, target)
        count += 1
    return count


def _lay_one(backup: Path, file: BackupFile, root: Path, target: str) -> None:
    *above, name = parts(file.path)
    *under, new = parts(target)
    mode = 0o700 if file.mode & 0o077 == 0 else 0o750
    with (
        open_folder(backup, above) as source,
        reading(name, dir_fd=source) as content,
        open_folder(root, under, create=True, mode=mode) as folder,
    ):
        try:
            durable.copy_exclusive(
                content, new, mode=file.mode, dir_fd=folder, expected=file.sha256
            )
        except durable.Mismatch:
            detail = f"{display(file.path)} is not as recorded"
            raise UsageFault("backup.damaged", detail) from None
        except FileExistsError:
            with reading(new, dir_fd=folder) as present:
                if hashed(present).sha256 != file.sha256:
                    where = display(str(root / target))
                    raise UsageFault("backup.in-the-way", where) from None
                set_mode(present, file.mode)


def put_aside(path: Path, ending: str) -> Path:
    """Give a file or folder another name beside it; return that. Raises `SiteFault`."""
    with as_site_fault(path):
        aside = path.with_name(f"{path.name}{ending}")
        if aside.exists():
            raise UsageFault("backup.in-the-way", display(str(aside)))
        path.rename(aside)
        with open_folder(path.parent) as folder:
            sync_folder(folder)
    return aside
