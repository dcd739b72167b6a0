"""Retention, legal hold and purge, by the real program, killed in the middle."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.folders.immutable import probe
from tests.e2e.pages import write_pdf
from tests.e2e.site import SEALGATE, TestSite, wait_for

_LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
_RULES = """\
inbox: documents
rules:
  - name: all
    seal: company-seal
    place: {corner: top-right}
    duplicates: return
"""


@pytest.fixture
def archived(site: TestSite) -> tuple[TestSite, dict[str, Path]]:
    """Return a site whose retention of a year has passed, and its jobs' folders by their file."""
    site.edit("gateway.yaml", lambda text: text + "\nretention: 1y\n")
    site.edit("rules/example.yaml", lambda _: _RULES)
    for name in ("a", "b", "c"):
        write_pdf(site.inbox / f"{name}.pdf", (name,))
    done = site.call("sweep")
    assert done.returncode == 0, done.stdout + done.stderr
    early = site.call("archive", "purge")
    assert early.returncode == 0
    assert "0 purged" in early.stdout
    site.environment |= {"LD_PRELOAD": str(_LIBRARIES[0]), "FAKETIME": "+370d"}
    return site, {one.stem: one.parent for one in site.archive.glob("*/*/*/*/?.pdf")}


@pytest.mark.skipif(not _LIBRARIES, reason="needs the package faketime")
def test_purged_but_what_is_held(
    archived: tuple[TestSite, dict[str, Path]], tmp_path: Path
) -> None:
    """What is due goes, logged first and once however often it is interrupted; held files stay."""
    site, folders = archived
    held, gone = folders["a"], (folders["b"], folders["c"])
    assert site.call("archive", "hold", held.name, "--why", "case 4711").returncode == 0
    assert [one["job"] for one in rows(site, "archive", "holds")] == [held.name]
    listed = rows(site, "archive", "purge", "--dry-run")
    assert [(one["job"], one["result"]) for one in listed] == [
        (one.name, "due") for one in sorted(gone)
    ]
    purge_dying(site, tmp_path)
    assert len(list(held.iterdir())) == 3
    assert not any(one.exists() for one in gone)
    assert [one["details"].split()[-1] for one in site.events("archive.purged")] == [
        f"job={one.name}" for one in sorted(gone)
    ]
    refused = site.call("archive", "hold", gone[0].name, "--why", "too late")
    assert refused.returncode == 2
    assert "usage.purged" in refused.stderr
    audit = site.call("log", "verify", "--archive")
    assert audit.returncode == 0, audit.stdout + audit.stderr
    assert "those of 2 were purged" in audit.stdout
    assert site.call("archive", "release", held.name).returncode == 0
    assert site.call("archive", "purge").returncode == 0
    assert list(site.archive.iterdir()) == []
    # The same bytes once more: there is nothing to be returned, so they are sealed again.
    del site.environment["LD_PRELOAD"]
    write_pdf(site.inbox / "d.pdf", ("b",))
    assert site.call("sweep").returncode == 0
    assert len(site.events("sign.sent")) == 4


@pytest.mark.skipif(not _LIBRARIES, reason="needs the package faketime")
def test_the_daemon_purges_by_schedule(site: TestSite) -> None:
    """A purge that came due while no daemon ran is made up once; what is foreign is told."""
    hour = (datetime.now(UTC) + timedelta(hours=12)).hour
    retention = f'\nretention: {{keep: 1y, purge: "0 {hour} * * *"}}\n'
    site.edit("gateway.yaml", lambda text: text + retention)
    for name in ("a", "b"):
        write_pdf(site.inbox / f"{name}.pdf", (name,))
    with site.daemon():
        wait_for("both archived", lambda: len(list(site.archive.glob("*/*/*/*/?.pdf"))) == 2)
    assert "purged" not in site.daemon_says(), "nothing was to be made up"
    foreign = next(site.archive.glob("*/*/*/*/a.pdf")).parent
    (foreign / "notes").mkdir()
    site.environment |= {"LD_PRELOAD": str(_LIBRARIES[0]), "FAKETIME": "+370d"}
    with site.daemon():
        wait_for("the missed purge", lambda: "1 purged" in site.daemon_says())
    with site.daemon():
        wait_for("a second start", lambda: site.daemon_says().count("ready") == 3)
    assert list(site.archive.glob("*/*/*/*")) == [foreign]
    (purged,) = site.events("archive.purged")
    assert purged["actor"] == "sealgate"
    failed, ended = sorted(site.events("purge.*"), key=lambda one: str(one["sequence"]))
    assert ended["details"] == "failed=1 kept=0 purged=1"
    assert "archive.foreign" in failed["details"]
    assert foreign.name in failed["details"]


@pytest.mark.skipif(not _LIBRARIES, reason="needs the package faketime")
def test_immutable_files_need_the_privilege_to_be_purged(site: TestSite) -> None:
    """The real program archives immutably; without the capability doctor warns and purge stops."""
    if os.geteuid() != 0 or probe(site.archive):
        pytest.skip(f"no immutable files here: {probe(site.archive)}")
    site.edit(
        "gateway.yaml",
        lambda text: (
            re.sub("(?m)^archive: .*$", "archive: {immutable: true}", text) + "\nretention: 1y\n"
        ),
    )
    write_pdf(site.inbox / "a.pdf")
    try:
        done = site.call("sweep")
        assert done.returncode == 0, done.stdout + done.stderr
        (folder,) = site.archive.glob("*/*/*/*")
        with pytest.raises(PermissionError):
            (folder / "a.pdf").unlink()
        site.environment |= {"LD_PRELOAD": str(_LIBRARIES[0]), "FAKETIME": "+370d"}
        refused = unprivileged(site, "archive", "purge")
        assert refused.returncode == 2, refused.stdout
        assert "site.immutable" in refused.stderr
        table = json.loads(unprivileged(site, "doctor", "--json").stdout)
        assert [one["result"] for one in table if one["what"] == "immutable archive"] == ["warning"]
        assert (folder / "a.pdf").exists()
        assert site.call("archive", "purge").returncode == 0
        assert list(site.archive.iterdir()) == []
    finally:
        subprocess.run(["chattr", "-R", "-i", str(site.archive)], check=False, capture_output=True)


def unprivileged(site: TestSite, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command without the capability to set and clear the flag."""
    command = ("setpriv", "--bounding-set=-linux_immutable", *SEALGATE, *arguments)
    return subprocess.run(
        (*command, "--site", str(site.root)),
        check=False,
        capture_output=True,
        text=True,
        env=site.environment,
    )


def purge_dying(site: TestSite, folder: Path) -> None:
    """Purge, killed at a later durable step each time, then to its end."""
    (folder / "armed").touch()
    for step in (8, 11, 0):
        command = (sys.executable, "-m", "tests.e2e.dying", str(step), "after", str(folder), "--")
        purge = subprocess.run(
            (*command, "archive", "purge", "--site", str(site.root)),
            check=False,
            capture_output=True,
            env=site.environment,
        )
        told = " ".join(one["details"] for one in site.events("archive.purged"))
        for path in site.archive.glob("*/*/*/*"):
            assert len(list(path.iterdir())) == 3 or path.name in told, "the log comes first"
        assert purge.returncode == (-signal.SIGKILL if step else 0), purge.stderr


def rows(site: TestSite, *arguments: str) -> list[dict[str, str]]:
    """Return the table that a command prints as JSON."""
    found = site.json(*arguments)
    assert isinstance(found, list)
    return found
