"""Seals of the registry, as their keeper works with them on a real site."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from getpass import getuser
from pathlib import Path

from tests.e2e.keeping import Keep, drop, facts, picture, receipts
from tests.e2e.site import TestSite, wait_for


def versions(site: TestSite) -> dict[str, int]:
    """Return the version of the seal in each receipt in the outbox, by the document's name."""
    return {name: receipt["seal"]["version"] for name, receipt in receipts(site).items()}


def charged(site: TestSite) -> int:
    """Return how many signatures the service was asked for."""
    return site.usage()["charged"]


def test_from_registration_to_revocation(kept: TestSite, keep: Keep) -> None:
    """A seal is used by whom its keeper allows, looks as its newest version, and ends for ever."""
    warned = keep("check")
    assert (warned.returncode, "seal.not-granted" in warned.stderr) == (0, True)
    assert keep("seals", "grant", "registered", "--rule", "documents/let*").returncode == 0
    drop(kept, "a", "letters/b")
    assert keep("sweep").returncode == 1
    assert kept.failures() == {"a.pdf": "seal.not-granted"}
    again = ("add", "registered", str(picture(kept)), "--width", "30mm", "--new-version")
    assert keep("seals", *again).returncode == 0
    assert keep("retry", "--all-failed").returncode == 0
    assert keep("seals", "grant", "registered", "--any").returncode == 0
    assert keep("sweep").returncode == 0
    assert versions(kept) == {"a.pdf": 2, "b.pdf": 1}

    assert keep("seals", "revoke", "registered", "--why", "lost").returncode == 0
    for verb in ("restore", "retire"):
        assert "usage.seal-revoked" in keep("seals", verb, "registered").stderr
    warned = keep("check")
    assert (warned.returncode, "seal.revoked" in warned.stderr) == (0, True)
    drop(kept, "c")
    explained = keep("explain", str(kept.inbox / "c.pdf"))
    assert (explained.returncode, "seal.revoked" in explained.stdout) == (1, True)
    assert keep("sweep").returncode == 1
    assert kept.failures() == {"c.pdf": "seal.revoked"}
    assert charged(kept) == 2
    history = [entry["event"] for entry in facts(keep, "seals", "show", "registered")["history"]]
    assert history == [
        "seal.added",
        "seal.granted",
        "seal.version-added",
        "seal.granted",
        "seal.revoked",
    ]
    assert keep("log", "verify").returncode == 0


def test_approval(kept: TestSite, keep: Keep) -> None:
    """Documents wait, alone and unpaid, until a person has approved or rejected each."""
    assert keep("seals", "grant", "registered", "--inbox", "documents").returncode == 0
    assert keep("seals", "change", "registered", "--approval", "--keeper", "Anna").returncode == 0
    drop(kept, "a", "b")
    swept = keep("sweep")
    assert swept.returncode == 3, swept.stderr
    assert "seal.awaiting-approval" in swept.stderr
    waiting = {row["source"]: row["job"] for row in facts(keep, "seals", "waiting")}
    assert set(waiting) == {"documents/a.pdf", "documents/b.pdf"}
    status = facts(keep, "status")
    assert [item["code"] for item in status["waiting"]] == ["seal.awaiting-approval"] * 2
    assert "Anna" in status["waiting"][0]["detail"]

    assert keep("seals", "approve", waiting["documents/a.pdf"]).returncode == 0
    rejected = keep("seals", "reject", waiting["documents/b.pdf"], "--why", "wrong contract")
    assert rejected.returncode == 0, rejected.stderr
    assert keep("sweep").returncode == 1
    assert [path.name for path in kept.delivered()] == ["a-sealed.pdf"]
    assert kept.failures() == {"b.pdf": "seal.use-rejected"}
    (receipt,) = kept.failed.rglob("*.receipt.json")
    assert "wrong contract" in receipt.read_text()
    assert keep("seals", "approve", waiting["documents/a.pdf"]).returncode == 2, "it waits no more"
    assert charged(kept) == 1
    (use,) = facts(keep, "seals", "show", "registered")["last_uses"]
    assert (use["approved_by"], use["user"]) == (f"user:{getuser()}", getuser())
    assert keep("log", "verify").returncode == 0


def test_limits(kept: TestSite, keep: Keep) -> None:
    """No more is sealed a day than allowed, by two sweeps at once, too; a raised limit or the next
    day lets the rest go on."""
    assert keep("seals", "grant", "registered", "--any").returncode == 0
    assert keep("seals", "change", "registered", "--per-day", "2").returncode == 0
    drop(kept, "a", "b", "c", "d")
    with ThreadPoolExecutor(2) as both:
        for swept in both.map(lambda _: kept.call("sweep"), range(2)):
            assert (swept.returncode, "seal.limit-reached" in swept.stderr) == (3, True)
    assert len(kept.delivered()) == charged(kept) == 2
    shown = facts(keep, "seals", "show", "registered")
    assert (shown["used_today"], shown["used_this_month"]) == (2, 2)

    other = '  - {name: other, match: {path: "other*"}, seal: company-seal, place: {}}\n'
    kept.edit(
        "rules/example.yaml",
        lambda text: text.replace("  - {name: rest", f"{other}  - {{name: rest"),
    )
    drop(kept, "other")
    assert keep("seals", "change", "registered", "--per-day", "3").returncode == 0
    assert keep("sweep").returncode == 3
    assert len(kept.delivered()) == 4, "another seal's document does not wait behind them"
    turn_back(kept, days=1)
    assert keep("sweep").returncode == 0
    assert len(kept.delivered()) == charged(kept) == 5
    assert keep("log", "verify").returncode == 0


def turn_back(site: TestSite, days: int) -> None:
    """Let the uses so far have been made some days ago, which have passed for waiting jobs."""
    with closing(sqlite3.connect(site.state / "ledger.sqlite")) as connection, connection:
        connection.execute(
            "UPDATE seal_uses SET day = date(day, ?) WHERE day <> ''", (f"-{days} days",)
        )
        connection.execute("UPDATE jobs SET not_before = not_before - ?", (days * 86400,))


def test_daemon_takes_up_what_keepers_do(kept: TestSite, keep: Keep) -> None:
    """While the daemon runs, a new version is used, an approved document goes on by itself, and a
    rejected one fails."""
    assert keep("seals", "grant", "registered", "--any").returncode == 0
    with kept.daemon():
        drop(kept, "a")
        wait_for("the first is sealed", lambda: len(kept.delivered()) == 1)
        keep("seals", "add", "registered", str(picture(kept)), "--width", "30mm", "--new-version")
        wait_for("the change is noticed", lambda: bool(kept.events("rules.reloaded")))
        assert keep("seals", "change", "registered", "--approval").returncode == 0
        drop(kept, "b", "c")
        wait_for("they wait", lambda: len(facts(keep, "seals", "waiting")) == 2)
        assert kept.call("sweep").returncode == 3, "following the daemon ends, too"
        jobs = {row["source"]: row["job"] for row in facts(keep, "seals", "waiting")}
        assert keep("seals", "approve", jobs["documents/b.pdf"]).returncode == 0
        assert keep("seals", "reject", jobs["documents/c.pdf"], "--why", "no").returncode == 0
        wait_for("the second is sealed", lambda: len(kept.delivered()) == 2, 20)
        wait_for("the third failed", lambda: bool(kept.failures()), 20)
    assert kept.failures() == {"c.pdf": "seal.use-rejected"}
    assert versions(kept) == {"a.pdf": 1, "b.pdf": 2}


def test_revoked_on_the_way(kept: TestSite, keep: Keep) -> None:
    """A seal that is revoked while its document waits for the service is not paid for."""
    assert keep("seals", "grant", "registered", "--any").returncode == 0
    kept.tell(method="credentials/authorize", kind="pin-wrong", times=1)
    drop(kept, "a")
    assert keep("sweep").returncode == 3
    assert keep("seals", "revoke", "registered", "--why", "lost").returncode == 0
    assert keep("retry", "--all-failed").returncode == 0
    assert keep("sweep").returncode == 1
    assert kept.failures() == {"a.pdf": "seal.revoked"}
    events = [entry["event"] for entry in facts(keep, "log", "search")]
    assert ("job.prepared" in events, "sign.sent" in events) == (True, False)
    assert charged(kept) == 0


def test_only_droppers_that_are_granted(kept: TestSite, keep: Keep) -> None:
    """A grant to a user narrows the others; the log names who dropped a file."""
    assert keep("seals", "grant", "registered", "--any", "--user", "somebody-else").returncode == 0
    drop(kept, "a")
    assert keep("sweep").returncode == 1
    assert kept.failures() == {"a.pdf": "seal.not-granted"}
    (accepted,) = kept.events("job.accepted")
    assert f"dropper={getuser()}" in str(accepted["details"])
    assert keep("seals", "grant", "registered", "--user", getuser()).returncode == 0
    assert keep("retry", "--all-failed").returncode == 0
    assert keep("sweep").returncode == 0


def test_export_and_listing(kept: TestSite, keep: Keep, tmp_path: Path) -> None:
    """What is kept of a seal can be taken out as it was laid in."""
    draw = ("draw", "drawn", "--template", "qr", "--word", "content={receipt}")
    assert keep("seals", *draw, "--service", "sandbox").returncode == 0
    keep("seals", "add", "registered", str(picture(kept)), "--width", "30mm", "--new-version")
    (drawn, registered) = facts(keep, "seals", "list")
    assert (drawn["name"], registered["version"]) == ("drawn", 2)
    for name in ("one.pdf", "facts.json", "all.zip"):
        done = keep("seals", "export", "registered", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "facts.json").read_text())
    stored = hashlib.sha256((tmp_path / "one.pdf").read_bytes()).hexdigest()
    assert stored == told["versions"][1]["artwork"]
    assert [version["number"] for version in told["versions"]] == [1, 2]
    assert [entry["event"] for entry in told["history"]] == ["seal.added", "seal.version-added"]
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert sorted(archive.namelist()) == [
            "registered-1.pdf",
            "registered-2.pdf",
            "registered.json",
        ]
    assert keep("seals", "export", "registered", str(tmp_path / "one.pdf")).returncode == 2, (
        "never over it"
    )
    assert keep("seals", "export", "drawn", str(tmp_path / "drawn.zip")).returncode == 0
    with zipfile.ZipFile(tmp_path / "drawn.zip") as archive:
        assert set(archive.namelist()) == {"drawn.json", "drawn-1.json"}


_WRONG: tuple[tuple[tuple[str, ...], str], ...] = (
    (("show", "nobody"), "usage.unknown-seal"),
    (("grant", "registered"), "usage.seal-option"),
    (("grant", "registered", "--rule", "no-slash"), "usage.seal-option"),
    (("grant", "registered", "--any", "--remove"), "usage.seal-option"),
    (("change", "registered"), "usage.seal-option"),
    (("change", "registered", "--per-day", "0"), "usage.seal-option"),
    (("change", "registered", "--per-month", "many"), "usage.wrong-number"),
    (("change", "registered", "--until", "tomorrow"), "usage.wrong-time"),
    (("change", "registered", "--service", "nobody"), "usage.unknown-service"),
    (("restore", "registered"), "usage.seal-standing"),
    (("approve", "no-such-job"), "usage.not-waiting"),
    (("export", "registered", "out.png"), "usage.seal-option"),
    (("add", "Bad Name", "PNG", "--service", "sandbox", "--width", "4cm"), "usage.seal-option"),
    (("add", "x", "PNG", "--service", "sandbox", "--width", "400mm"), "usage.seal-option"),
    (("add", "x", "PNG", "--service", "nobody", "--width", "40mm"), "usage.unknown-service"),
    (("add", "x", "PNG", "--width", "40mm"), "usage.seal-option"),
    (("add", "x", "nothing.png", "--service", "sandbox"), "usage.no-file"),
    (("add", "registered", "PNG", "--service", "sandbox", "--width", "9mm"), "seal-exists"),
    (("add", "company-seal", "PNG", "--service", "sandbox", "--width", "9mm"), "seal-exists"),
    (("add", "x", "PNG", "--service", "sandbox", "--width", "290mm"), "usage.seal-too-coarse"),
    (("draw", "x", "--template", "unknown", "--service", "sandbox"), "usage.seal-option"),
)


def test_wrong_use(kept: TestSite, keep: Keep) -> None:
    """What cannot be is told with its code, and nothing changes."""
    before = keep("log", "search").stdout
    for arguments, code in _WRONG:
        words = (str(picture(kept)) if word == "PNG" else word for word in arguments)
        done = keep("seals", *words)
        assert (done.returncode, code in done.stderr) == (2, True), (arguments, done)
    assert keep("log", "search").stdout == before
