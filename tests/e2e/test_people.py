"""Who dropped a file, on a real site: seals are granted to people, whoever owns their files."""

from __future__ import annotations

import json
from getpass import getuser

import pytest

from tests.e2e.keeping import Keep, drop, facts, receipts
from tests.e2e.site import TestSite


def test_seal_is_granted_to_people(kept: TestSite, keep: Keep) -> None:
    """Users are known by home or owner, and a seal granted to a group is theirs alone."""
    assert keep("users", "groups", "add", "partners", "--role", "submitter").returncode == 0
    homes = ("--home", "documents/partners/acme", "--group", "partners", "--no-link")
    assert keep("users", "add", "acme", *homes).returncode == 0
    assert keep("seals", "grant", "registered", "--any", "--group", "partners").returncode == 0
    drop(kept, "partners/acme/a", "b")
    assert keep("sweep").returncode == 1
    assert kept.failures() == {"b.pdf": "seal.not-granted"}
    assert receipts(kept)["a.pdf"]["dropper"] == {"owner": getuser(), "user": "acme"}
    (failed,) = kept.failed.rglob("*.receipt.json")
    assert json.loads(failed.read_text())["dropper"] == {"owner": getuser()}
    (use,) = facts(keep, "seals", "show", "registered")["last_uses"]
    assert use["user"] == "acme"
    accepted = [
        dict(row["details"]) if isinstance(row["details"], dict) else row["details"]
        for row in facts(keep, "log", "search", "--event", "job.accepted")
    ]
    assert sum("acme" in str(details) for details in accepted) == 1

    owner = ("users", "add", "ruth", "--posix", getuser(), "--group", "partners", "--no-link")
    assert keep(*owner).returncode == 0
    explained = keep("explain", str(next(kept.failed.rglob("b.pdf"))), "--inbox", "documents")
    assert explained.returncode == 0, explained.stdout
    assert keep("retry", "--all-failed").returncode == 0
    assert keep("sweep").returncode == 0
    assert receipts(kept)["b.pdf"]["dropper"] == {"owner": getuser(), "user": "ruth"}

    assert keep("users", "disable", "ruth").returncode == 0
    drop(kept, "c")
    assert keep("sweep").returncode == 1
    assert kept.failures() == {"c.pdf": "seal.not-granted"}


def test_four_eyes(kept: TestSite, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    """With four eyes on it, a grant given at the machine counts when somebody else confirms it."""
    kept.edit("gateway.yaml", lambda text: text + "\npeople: {four_eyes: true}\n")
    filed = keep("seals", "grant", "registered", "--any")
    assert (filed.returncode, "access.four-eyes" in filed.stderr) == (3, False)
    assert "request 1" in filed.stdout
    (row,) = facts(keep, "seals", "requests")
    assert (row["number"], row["wants"], row["change"]) == (1, "seal.granted", "granted any *")
    assert "access.same-person" in keep("seals", "confirm", "1").stderr
    drop(kept, "a")
    assert keep("sweep").returncode == 1
    monkeypatch.setattr("getpass.getuser", lambda: "second")
    assert keep("seals", "confirm", "1").returncode == 0
    assert keep("seals", "requests").stdout == ""
    assert keep("retry", "--all-failed").returncode == 0
    assert keep("sweep").returncode == 0
    assert [path.name for path in kept.delivered()] == ["a-sealed.pdf"]
