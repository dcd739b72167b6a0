"""Take a backup of a site that may be at work.

Theory of operation. Artifacts reach the disk before the ledger speaks of them, and leave it after
the ledger has stopped. So state files that were gathered while nobody could commit fit the ledger
of that moment as after a crash in it: what is there too much is made again or removed, and nothing
is missing. What is copied later may only be newer in ways that the ledger can live with: rule
files and configuration are read anew at each start, the archive is only added to (a folder of a
job that is not archived yet is completed), and what a purge removed meanwhile is passed over.
The outbox is never in a backup: what was fetched since would be delivered once more.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway import __version__
from gateway.core.backups import FORMAT, LEDGER, BackupFile, Manifest
from gateway.core.site import SiteSettings
from gateway.folders.backups import gather, listed, new_backup, store, walked, write_manifest
from gateway.folders.faults import as_site_fault
from gateway.ledger.rows import written_time
from gateway.settings.loader import SITE_FILE
from gateway.settings.named_files import named_files
from gateway.wiring.site import Site

STATE = ("vault", "spool", "flows", "artwork", "log-timestamps", "samples", "reports")
"""What of the state folder belongs to the ledger's own state."""
SECRET_STATE = ("people.key", "sandbox")
SECRETS = "secrets"
GATHERED = "backup"
"""A folder of the state, for one backup at a time."""


@dataclass(frozen=True)
class Made:
    """A finished backup."""

    path: Path
    manifest: Manifest
    sha256: str
    """Of its manifest."""
    paused: float
    """Seconds for which nobody could commit."""


def back_up(
    site: Site, target: Path, actor: str, *, secrets: bool = False, archive: bool = False
) -> Made:
    """Write a backup into a new folder below `target`, and tell the signing log.

    To be called by one process at a time. Raises `UsageFault` (`backup.in-the-way`) and
    `SiteFault`; then nothing is left of it.
    """
    settings, now = site.loaded.settings, site.equipment.clock.now()
    with (
        new_backup(target, f"sealgate-{now:%Y%m%dT%H%M%SZ}") as backup,
        _gathering(settings.state) as gathered,
    ):
        paused = [0.0]

        def meanwhile() -> None:
            began = time.monotonic()
            for name in STATE:
                gather(_state_folder(settings, name), gathered / name)
            paused[0] = time.monotonic() - began

        copied = site.ledger.copy_to(backup / LEDGER, meanwhile)
        files = [listed(backup, LEDGER)]
        files += store(gathered, walked(gathered), backup, "state")
        left_out = list(_store_site(settings, backup, files, secrets=secrets))
        if archive:
            files += store(settings.archive, walked(settings.archive), backup, "archive")
            files += store(settings.failed, walked(settings.failed), backup, "failed")
        manifest = Manifest(
            format=FORMAT,
            site=settings.name,
            taken=written_time(now),
            program=__version__,
            schema=copied.schema,
            entries=copied.entries,
            head=copied.head,
            engine="sqlite" if settings.ledger is None else "postgresql",
            folders=folders_of(settings),
            secrets=secrets,
            archive=archive,
            left_out=tuple(left_out),
            files=tuple(files),
        )
        sha256 = write_manifest(backup, manifest)
        path = target / backup.name.removeprefix(".").removesuffix(".partial")
    details = {"backup": path.name, "entries": str(copied.entries), "manifest": sha256}
    site.ledger.record("backup.made", details, actor=actor)
    return Made(path, manifest, sha256, paused[0])


def folders_of(settings: SiteSettings) -> dict[str, str]:
    """Return where the folders are to which paths in the ledger lead."""
    folders = {"root": settings.root, "state": settings.state, "outbox": settings.outbox}
    folders |= {"archive": settings.archive, "failed": settings.failed}
    folders |= {"rules": settings.rules}
    return {name: str(path) for name, path in folders.items()}


def _state_folder(settings: SiteSettings, name: str) -> Path:
    """Return a folder of the state; artwork is always below the root's own."""
    return (settings.root / "state" if name == "artwork" else settings.state) / name


@contextmanager
def _gathering(state: Path) -> Iterator[Path]:
    """Yield an empty folder on the file system of the state; it is gone afterwards."""
    folder = state / GATHERED / "gathered"
    with as_site_fault(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _store_site(
    settings: SiteSettings, backup: Path, files: list[BackupFile], *, secrets: bool
) -> Iterator[str]:
    """Copy configuration, rules and the files they name; yield what is left out."""
    root, named = settings.root, named_files(settings.root)
    inside = [one for one in named.inside if not (root / one).is_relative_to(settings.state)]
    files += store(root, dict.fromkeys((SITE_FILE, *inside)), backup, "site")
    files += store(settings.rules, walked(settings.rules), backup, "rules")
    yield from named.outside
    if not secrets:
        yield from named.secrets
        yield from _present(root, (SECRETS,))
        yield from _present(settings.state, SECRET_STATE)
        return
    below = (_of_root(root, settings.state), named.secrets)
    files += store(root, filter(*below), backup, "site")
    yield from (one for one in named.secrets if not below[0](one))
    files += store(root / SECRETS, walked(root / SECRETS), backup, SECRETS)
    for name in SECRET_STATE:
        path = settings.state / name
        if path.is_dir():
            files += store(path, walked(path), backup, f"secret-state/{name}")
        elif path.is_file():
            files += store(settings.state, (name,), backup, "secret-state")


def _of_root(root: Path, state: Path) -> Callable[[str], bool]:
    """Return what tells files of the site itself from those that lie elsewhere."""

    def ours(written: str) -> bool:
        path = (root / written).resolve()
        inside = path.is_relative_to(root.resolve()) and not Path(written).is_absolute()
        stored = (state, root / SECRETS)
        return inside and not any(path.is_relative_to(one.resolve()) for one in stored)

    return ours


def _present(folder: Path, names: Iterable[str]) -> Iterator[str]:
    return (str(folder / name) for name in names if (folder / name).exists())
