"""A site is backed up while it works, destroyed, and brought back from that elsewhere."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.flowing import Parties, add_flow
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

_SECRET = "planted-9c41-secret"
_FLIGHTS = ("archived", "in-outbox", "taken", "unknown")
"""What is left of each document that was under way when the site was destroyed."""


@dataclass
class Story:
    """A backup with documents under way, work after it, then the end of the disk."""

    first: TestSite
    backup: Path
    whole: Path
    """A second backup, with secrets and archive."""
    said: dict[str, Any]
    charged: int
    """By the service, for all that was delivered."""


@pytest.fixture(scope="module")
def story(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Back a busy site up, let it go on, then back it up with all that it has."""
    folder = tmp_path_factory.mktemp("backups")
    shutil.copytree(template, folder / "site", symlinks=True)
    site = TestSite(folder / "site")
    add_flow(site, site.call("flows", "template", "seal-application").stdout, "seal-application")
    (site.root / "secrets").mkdir(exist_ok=True)
    (site.root / "secrets" / "mail").write_text(_SECRET)
    (site.root / "secrets" / "mail").chmod(0o600)
    with site.daemon():
        site.drop(write_pdf(folder / "before.pdf", ("before",)))
        wait_for("it is archived", lambda: len(_archived(site)) == 1)
        Parties(site).drop("seal-application", "letter.pdf", 'fields: {amount: "900"}\n')
        Parties(site).todo("department", "letter")
        site.tell(method="signatures/signHash", kind="503", times=1000)
        for name in _FLIGHTS:
            site.drop(write_pdf(folder / f"{name}.pdf", (name,)))
        wait_for("the service is held", lambda: "service.failed" in _holds(site))
        wait_for("all are claimed", lambda: sum(_jobs(site).values()) == len(_FLIGHTS))
        said = site.json("backup", str(folder / "backups"))
        # What follows is known to nobody but outbox, archive and the service.
        site.forget_faults()
        assert site.call("retry", "--all-failed").returncode == 0
        wait_for("all are archived", lambda: len(_archived(site)) == 1 + len(_FLIGHTS))
        wait_for("all has ended", lambda: not _jobs(site))
        charged = site.usage()["charged"]
        whole = site.json("backup", str(folder / "whole"), "--secrets", "--archive")
    assert isinstance(said, dict)
    assert isinstance(whole, dict)
    return Story(site, Path(said["path"]), Path(whole["path"]), said, charged)


def _archived(site: TestSite) -> list[Path]:
    return sorted(site.archive.rglob("*-sealed.pdf"))


def _status(site: TestSite) -> dict[str, Any]:
    value = site.json("status")
    assert isinstance(value, dict)
    return value


def _jobs(site: TestSite) -> dict[str, int]:
    return dict(_status(site)["jobs"])


def _holds(site: TestSite) -> set[str]:
    return {hold["code"] for hold in _status(site)["holds"]}


def _restored(story: Story, root: Path, backup: Path, *more: str) -> dict[str, Any]:
    site = TestSite(root)
    value = site.json("restore", str(backup), *more)
    assert isinstance(value, dict)
    return value


def test_backup_says_what_is_in_it_and_holds_no_secrets(story: Story) -> None:
    """Nothing that opens a door is in a backup unless it was asked for, and that is said."""
    assert story.said["secrets"] is False
    left_out = " ".join(story.said["left_out"])
    for name in ("secrets", "state/sandbox", "client-secret", "pin"):
        assert name in left_out
    planted = [(story.first.state / "sandbox" / name).read_bytes() for name in ("pin",)]
    planted += [_SECRET.encode(), b"PRIVATE KEY"]
    planted += [(story.first.state / "sandbox" / "client-secret").read_bytes()]
    for path in story.backup.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret in content for secret in planted), path
            assert path.stat().st_mode & 0o077 == 0
    assert (story.whole / "secrets" / "mail").read_text() == _SECRET
    assert story.said["paused"] < 5
    told = story.first.events("backup.made")
    assert [json.loads(json.dumps(one))["event"] for one in told] == ["backup.made"] * 2
    assert story.said["sha256"] in json.dumps(told)


def test_state_is_lost_and_the_folders_survive(story: Story, tmp_path: Path) -> None:
    """What was delivered after the backup is not bought or delivered again; the rest comes."""
    site = TestSite(tmp_path / "elsewhere")
    old = story.first
    (site.state / "sandbox").parent.mkdir(parents=True)
    shutil.copytree(old.state / "sandbox", site.state / "sandbox")
    for name in ("outbox", "archive"):
        shutil.copytree(old.root / name, site.root / name)
    (site.outbox / "documents" / "archived-sealed.pdf").unlink()
    (site.outbox / "documents" / "archived-sealed.pdf.receipt.json").unlink()
    for name in ("in-outbox", "taken", "unknown"):
        shutil.rmtree(next(site.archive.rglob(f"{name}-sealed.pdf")).parent)
    taken = site.outbox / "documents" / "taken-sealed.pdf"
    away = taken.rename(tmp_path / "taken-away.pdf")
    for path in site.outbox.rglob("unknown-sealed.pdf*"):
        path.unlink()

    value = _restored(story, site.root, story.backup)
    found = {row["source"]: row["found"] for row in value["under_way"]}
    assert found == {
        "archived.pdf": "archived",
        "in-outbox.pdf": "in the outbox",
        "taken.pdf": "its receipt; the result was taken away",
        "unknown.pdf": "nothing",
        "letter.pdf": "nothing",
    }
    assert site.call("log", "verify").returncode == 0
    swept = site.call("sweep")
    assert (swept.returncode, "site.restored" in swept.stderr) == (3, True)
    for command in (("archive", "purge"), ("sweep", "--renew")):
        refused = site.call(*command)
        assert (refused.returncode, "site.restored" in refused.stderr) == (2, True)
    assert site.call("retry", "--all-failed").returncode == 0
    assert "site.restored" in _holds(site)
    with site.daemon():
        wait_for("it waits", lambda: "waiting: site.restored" in site.daemon_says())
        assert site.readies == 0
        assert site.call("retry", "--restored").returncode == 0
        wait_for("it works", lambda: site.readies == 1)
        Parties(site).move("department", "letter")
        Parties(site).move("keeper", "letter")
        wait_for("only one waits", lambda: sum(_jobs(site).values()) == 1)
        assert _status(site)["waiting"][0]["code"] == "restored.result-taken"
        away.rename(taken)
        wait_for("all has ended", lambda: not _jobs(site), 90)
        charged = site.usage()["charged"]
    # The contract; and what nothing is left of, unless it had its digest before the backup.
    with closing(sqlite3.connect(story.backup / "ledger.sqlite")) as ledger:
        (digest,) = ledger.execute(
            "SELECT digest FROM jobs WHERE source = ?", (b"unknown.pdf",)
        ).fetchone()
    assert charged == story.charged + (1 if digest else 2)
    _all_once(site, fetched=("archived",))
    found_again = site.events("result.found")
    assert len(found_again) == 3
    for name in ("archived", "in-outbox", "taken"):
        assert f"{name}-sealed.pdf" in str(found_again)


def _all_once(site: TestSite, fetched: tuple[str, ...] = ()) -> None:
    """Each document is archived once and lies in the outbox once, unless it was fetched."""
    names = sorted(path.name for path in _archived(site))
    assert names == sorted(f"{name}-sealed.pdf" for name in ("before", *_FLIGHTS))
    out = sorted(path.name for path in site.outbox.rglob("*.pdf"))
    assert out.count("letter.pdf") == 1
    wanted = sorted(f"{name}-sealed.pdf" for name in ("before", *_FLIGHTS) if name not in fetched)
    assert [name for name in out if not name.startswith("letter")] == wanted
    assert site.call("log", "verify", "--archive").returncode == 0
    assert _holds(site) == set()


def test_everything_is_lost(story: Story, tmp_path: Path) -> None:
    """From a backup with all in it the site works on, its archive and its flow with it."""
    site = TestSite(tmp_path / "anew")
    value = _restored(story, site.root, story.whole)
    assert [row["state"] for row in value["under_way"]] == ["flowing"]
    assert site.call("log", "verify", "--archive").returncode == 0
    assert site.call("retry", "--restored").returncode == 0
    with site.daemon():
        Parties(site).move("department", "letter")
        Parties(site).move("keeper", "letter")
        wait_for("the contract is there", lambda: any(site.outbox.rglob("letter.pdf")))
        site.drop(write_pdf(tmp_path / "after.pdf", ("after",)))
        wait_for("it seals", lambda: any(site.outbox.rglob("after-sealed.pdf")))
        wait_for("all has ended", lambda: not _jobs(site))
    assert site.call("log", "verify", "--archive").returncode == 0
    (event,) = site.events("site.restored")
    assert story.whole.name in json.dumps(event)


def _copy(backup: Path, folder: Path) -> Path:
    return shutil.copytree(backup, folder / backup.name)


def test_damaged_backup_is_refused(story: Story, tmp_path: Path) -> None:
    """One byte less, or a file less, or a ledger of another day: nothing is restored."""
    site = TestSite(tmp_path / "site")
    assert site.call("restore", str(story.backup), "--check").returncode == 0
    damaged = _copy(story.backup, tmp_path)
    file = next((damaged / "state" / "vault").rglob("original.pdf"))
    content = file.read_bytes()
    for change in (content[:-1], content.replace(b"%PDF", b"%PDG"), None):
        file.unlink() if change is None else file.write_bytes(change)
        for more in ((), ("--check",)):
            done = site.call("restore", str(damaged), *more)
            assert done.returncode == 2
            assert "backup.damaged" in done.stderr
    file.write_bytes(content)
    _swap_ledger(damaged, "UPDATE head SET sequence = sequence - 1")
    done = site.call("restore", str(damaged))
    assert "backup.damaged" in done.stderr
    (damaged / "manifest.json").write_text("{")
    assert "backup.damaged" in site.call("restore", str(damaged)).stderr
    (damaged / "manifest.json").unlink()
    assert "backup.none" in site.call("restore", str(damaged)).stderr
    assert not site.root.exists()


def _swap_ledger(backup: Path, statement: str) -> None:
    """Change the ledger of a backup, and let the manifest know its new hash."""
    ledger = backup / "ledger.sqlite"
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute(statement)
        connection.commit()
    manifest = json.loads((backup / "manifest.json").read_text())
    entry = next(one for one in manifest["files"] if one["path"] == "ledger.sqlite")
    content = ledger.read_bytes()
    entry |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (backup / "manifest.json").write_text(json.dumps(manifest))


def test_backup_of_a_newer_version_is_refused(story: Story, tmp_path: Path) -> None:
    """Whether its list or its ledger is newer: the version that can read it is named."""
    site = TestSite(tmp_path / "site")
    newer = _copy(story.backup, tmp_path)
    _swap_ledger(newer, "PRAGMA user_version=999")
    done = site.call("restore", str(newer))
    assert (done.returncode, "backup.newer" in done.stderr) == (2, True)
    manifest = json.loads((newer / "manifest.json").read_text())
    (newer / "manifest.json").write_text(json.dumps(manifest | {"format": 99, "more": 1}))
    done = site.call("restore", str(newer))
    assert (done.returncode, "backup.newer" in done.stderr) == (2, True)
    assert manifest["program"] in done.stderr
    assert not site.root.exists()


def test_nothing_is_overwritten(story: Story, template: Path, tmp_path: Path) -> None:
    """A site that is there is refused; or put aside, with all that it had."""
    shutil.copytree(template, tmp_path / "site", symlinks=True)
    site = TestSite(tmp_path / "site")
    site.call("status")
    before = (site.state / "ledger.sqlite").read_bytes()
    done = site.call("restore", str(story.whole))
    assert (done.returncode, "backup.in-the-way" in done.stderr) == (2, True)
    assert (site.state / "ledger.sqlite").read_bytes() == before
    shutil.rmtree(site.state / "sandbox")
    value = _restored(story, site.root, story.whole, "--over")
    aside = [Path(path) for path in value["aside"]]
    assert {path.name.partition(".before-")[0] for path in aside} >= {
        "gateway.yaml",
        "rules",
        "ledger.sqlite",
    }
    kept = next(path for path in aside if path.name.startswith("ledger.sqlite.before"))
    assert kept.read_bytes() == before
    again = site.call("restore", str(story.whole))
    assert "backup.in-the-way" in again.stderr
