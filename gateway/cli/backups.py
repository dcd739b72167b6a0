"""`sealgate backup` and `sealgate restore`."""

from __future__ import annotations

import argparse
from contextlib import closing

from gateway.cli.output import complain, say, show, show_value
from gateway.cli.site import actor, checked
from gateway.core.backups import Manifest
from gateway.core.chain import Flaw
from gateway.core.errors import UsageFault
from gateway.core.job import Job
from gateway.core.names import display
from gateway.core.states import ACTIVE, State
from gateway.daemon.lock import SiteLock
from gateway.wiring import Site, SystemClock, open_site
from gateway.wiring.backups import GATHERED, back_up
from gateway.wiring.restores import check_backup, lay_configuration, restore_state

_MEGABYTE = 1_000_000


def backup(chosen: argparse.Namespace) -> int:
    """Back a site up into a new folder; work on it goes on meanwhile."""
    loaded = checked(chosen.site, with_rules=False)
    with closing(open_site(loaded.settings.root, loaded)) as site:
        folder = loaded.settings.state / GATHERED
        folder.mkdir(mode=0o700, exist_ok=True)
        with SiteLock(folder):
            made = back_up(
                site,
                chosen.target.absolute(),
                actor(),
                secrets=chosen.secrets,
                archive=chosen.archive,
            )
    if chosen.json:
        facts = {"path": str(made.path), "sha256": made.sha256, "paused": round(made.paused, 3)}
        show_value(facts | _facts(made.manifest))
        return 0
    say(str(made.path))
    _tell(made.manifest)
    for path in made.manifest.left_out:
        say(f"left out   {display(path)}")
    if not chosen.secrets:
        say("no secrets are in it: keep those of the site elsewhere, or use --secrets")
    if not chosen.archive:
        say("the archive is not in it: back it up by itself, or use --archive")
    return 0


def restore(chosen: argparse.Namespace) -> int:
    """Check a backup, lay it out as a site, and hold that until a person lets it work.

    Exit 1 when the signing log in it is not whole.
    """
    manifest, flaws = check_backup(chosen.source)
    if flaws and not chosen.flawed and not chosen.check:
        raise UsageFault("backup.damaged", f"{_flaw(flaws)}; --flawed restores it all the same")
    if chosen.check:
        if chosen.json:
            show_value({"flaws": [_flaw((one,)) for one in flaws]} | _facts(manifest))
        else:
            _tell(manifest)
            say(f"the log is {'not ' if flaws else ''}whole")
        return 1 if flaws else 0
    return _restore(chosen, manifest, flaws)


def _restore(chosen: argparse.Namespace, manifest: Manifest, flaws: tuple[Flaw, ...]) -> int:
    source, root, clock = chosen.source.absolute(), chosen.site.absolute(), SystemClock()
    over = f".before-restore-{clock.now():%Y%m%dT%H%M%SZ}" if chosen.over else ""
    aside = lay_configuration(source, manifest, root, over)
    settings = checked(root, with_rules=False).settings
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with SiteLock(settings.state):
        restored = restore_state(source, manifest, settings, clock, actor(), over=over)
    loaded = checked(root, with_rules=False)
    with closing(open_site(root, loaded)) as site:
        rows = [_row(site, job) for job in site.equipment.jobs.find((*ACTIVE, State.FLOWING))]
    put_aside = (*aside, *restored.aside)
    columns = ("job", "inbox", "source", "state", "found")
    if chosen.json:
        value = {"files": restored.files, "aside": [str(path) for path in put_aside]}
        value["flaws"] = [_flaw((one,)) for one in flaws]
        value["under_way"] = [dict(zip(columns, row, strict=True)) for row in rows]
        show_value(value | _facts(manifest))
        return 1 if flaws else 0
    for path in put_aside:
        say(f"put aside  {display(str(path))}")
    _tell(manifest)
    if rows:
        show("Under way when it was taken", columns, rows, as_json=False)
    say(f"held: {len(rows)} documents under way; then: sealgate retry --restored")
    if flaws:
        complain(_flaw(flaws))
    return 1 if flaws else 0


def _row(site: Site, job: Job) -> tuple[str, str, str, str, str]:
    """Tell what lies about of a document that was under way."""
    traces = site.equipment.traces
    trace = traces.of(job) if traces is not None else None
    if trace is None:
        found = "nothing"
    elif trace.taken:
        found = "its receipt; the result was taken away"
    else:
        found = "archived" if trace.archived else "in the outbox"
    return job.id, job.inbox, display(job.source), job.state.value, found


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "site": manifest.site,
        "taken": manifest.taken,
        "program": manifest.program,
        "entries": manifest.entries,
        "head": manifest.head,
        "engine": manifest.engine,
        "stored": len(manifest.files),
        "bytes": manifest.size,
        "secrets": manifest.secrets,
        "archive": manifest.archive,
        "left_out": list(manifest.left_out),
    }


def _tell(manifest: Manifest) -> None:
    say(f"site       {display(manifest.site)}, taken {manifest.taken}")
    say(f"log        {manifest.entries} entries, the last {manifest.head[:16]}")
    say(f"files      {len(manifest.files)}, {manifest.size / _MEGABYTE:.1f} MB")


def _flaw(flaws: tuple[Flaw, ...]) -> str:
    first = flaws[0]
    more = f", and {len(flaws) - 1} more" if len(flaws) > 1 else ""
    return f"the signing log: entry {first.sequence}: {first.what}{more}"
