"""Bring a site back from a backup: verified first, the ledger last, then held for a person.

The ledger's name comes last, so a restore that was interrupted is no site yet and is done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gateway.core.backup_codes import RESTORED
from gateway.core.backups import LEDGER, Manifest
from gateway.core.chain import Flaw
from gateway.core.errors import UsageFault
from gateway.core.flow_events import FlowState
from gateway.core.names import display
from gateway.core.site import SiteSettings
from gateway.folders import durable
from gateway.folders.backups import check_files, lay, put_aside, read_manifest
from gateway.folders.faults import as_site_fault
from gateway.folders.opening import reading
from gateway.ledger import SqliteLedger
from gateway.ledger.copying import examine, relocate
from gateway.ledger.rows import written_time
from gateway.pipeline.waiting import NEVER
from gateway.ports import Clock
from gateway.wiring.backups import SECRETS, STATE, folders_of
from gateway.wiring.ledgers import FILE, move_ledger

HOLD = "restored"
"""What is held until a person has looked at what was restored; also the fact of when that was."""
_CONFIGURATION = ("gateway.yaml", "rules")
_DRAFT = "restoring.sqlite"


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    files: int
    aside: tuple[Path, ...]
    """What was there before, under its new names."""


def check_backup(backup: Path) -> tuple[Manifest, tuple[Flaw, ...]]:
    """Return the list of a backup after holding everything in it against that, and its log's flaws.

    Raises `UsageFault` (`backup.none`,
    `backup.damaged`, `backup.newer`) and `SiteFault`.
    """
    manifest = read_manifest(backup)
    check_files(backup, manifest)
    try:
        shown, flaws = examine(backup / LEDGER)
    except UsageFault as fault:
        detail = f"{fault.detail}; written by Sealgate {display(manifest.program)}"
        raise UsageFault("backup.newer", detail) from None
    if (shown.entries, shown.head) != (manifest.entries, manifest.head):
        raise UsageFault("backup.damaged", "the ledger is of another moment than the manifest")
    return manifest, flaws


def lay_configuration(backup: Path, manifest: Manifest, root: Path, over: str) -> list[Path]:
    """Lay configuration, rules and secrets; what is there gets names that end in `over`.

    Without `over`, raises `UsageFault` (`backup.in-the-way`) when something else is there.
    """
    aside = []
    with as_site_fault(root):
        root.mkdir(mode=0o750, parents=True, exist_ok=True)
    if over:
        aside = [put_aside(root / one, over) for one in _CONFIGURATION if (root / one).exists()]
    lay(backup, manifest.files, "site", root)
    rules, state = (_moved(manifest.folders[name], manifest, root) for name in ("rules", "state"))
    lay(backup, manifest.files, "rules", _made(rules, 0o750))
    if manifest.secrets:
        lay(backup, manifest.files, SECRETS, _made(root / SECRETS, 0o700))
        lay(backup, manifest.files, "secret-state", _made(state, 0o700))
    return aside


def restore_state(
    backup: Path,
    manifest: Manifest,
    settings: SiteSettings,
    clock: Clock,
    actor: str,
    *,
    over: str = "",
) -> Restored:
    """Lay state and ledger of a verified backup out as a site on which nobody works.

    What is there is left when it is the same; with `over`, it gets other names that end so.
    Raises `UsageFault` (`backup.in-the-way`, and those of `ledger move`) and `SiteFault`.
    """
    aside = _clear(settings, over)
    count = 0
    for name in STATE:
        mine = [one for one in manifest.files if one.path.startswith(f"state/{name}/")]
        where = settings.state if name != "artwork" else settings.root / "state"
        count += lay(backup, mine, "state", _made(where, 0o700))
    if manifest.archive:
        count += lay(backup, manifest.files, "archive", _made(settings.archive, 0o750))
        count += lay(backup, manifest.files, "failed", _made(settings.failed, 0o750))
    for inbox in settings.inboxes:
        # Never a bare mount point: that would be there. Folders elsewhere are the operator's.
        if inbox.path.is_relative_to(settings.root) and not inbox.must_be_mount:
            _made(inbox.path, 0o750)
    _lay_ledger(backup, manifest, settings, clock, actor)
    return Restored(count, tuple(aside))


def _moved(path: str, manifest: Manifest, root: Path) -> Path:
    """Return where a path below the former root is now."""
    former = Path(manifest.folders["root"])
    found = Path(path)
    return root / found.relative_to(former) if found.is_relative_to(former) else found


def _made(folder: Path, mode: int) -> Path:
    with as_site_fault(folder):
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    return folder


def _clear(settings: SiteSettings, over: str) -> list[Path]:
    """Put a ledger and what belongs to it aside, if that was asked for."""
    names = (FILE, f"{FILE}-wal", f"{FILE}-shm", *STATE)
    there = [one for name in names if _is_there(one := settings.state / name)]
    if there and over:
        return [put_aside(one, over) for one in there]
    if (settings.state / FILE).exists():
        raise UsageFault("backup.in-the-way", display(str(settings.state / FILE)))
    return []


def _is_there(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _lay_ledger(
    backup: Path, manifest: Manifest, settings: SiteSettings, clock: Clock, actor: str
) -> None:
    """Let the ledger say that it was restored and hold the work; then give it its name."""
    draft, target = settings.state / _DRAFT, settings.state / FILE
    with as_site_fault(draft):
        for old in settings.state.glob(f"{_DRAFT}*"):
            old.unlink()
        with reading(backup / LEDGER) as copy:
            durable.copy_exclusive(copy, draft, mode=0o600)
    with closing(SqliteLedger(draft, clock)) as ledger:
        relocate(draft, _folders(manifest, settings))
        _tell(ledger, backup, manifest, clock, actor)
    with as_site_fault(target):
        durable.move_exclusive(draft, target)
        for old in settings.state.glob(f"{_DRAFT}*"):
            old.unlink()
    if settings.ledger is not None:
        _into_database(settings, clock, actor)


def _into_database(settings: SiteSettings, clock: Clock, actor: str) -> None:
    """Move the ledger where the site has it; what could not be moved is restored once more."""
    left = settings.state / FILE
    try:
        left = move_ledger(settings, clock, actor).kept
    finally:
        with as_site_fault(left):
            durable.remove(left)


def _tell(ledger: SqliteLedger, backup: Path, manifest: Manifest, clock: Clock, actor: str) -> None:
    now = written_time(clock.now())
    details = {"backup": backup.name, "taken": manifest.taken, "entries": str(manifest.entries)}
    details |= {"head": manifest.head, "program": manifest.program}
    ledger.record(RESTORED, details, actor=actor)
    ledger.remember(HOLD, now)
    for flow in ledger.flows.find((FlowState.RUNNING,)):
        ledger.flows.recall(flow.id)  # whose parties' folders may be empty
    told = f"from {backup.name}, taken {manifest.taken}, entry {manifest.entries} of the log"
    ledger.hold(HOLD, RESTORED, told, NEVER)


def _folders(manifest: Manifest, settings: SiteSettings) -> Mapping[Path, Path]:
    """Return former folders and those that are in their places."""
    now = folders_of(settings)
    return {Path(old): Path(now[name]) for name, old in manifest.folders.items() if name in now}
