"""What the doctor says of parties' folders."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.flow_checks import party_folder
from gateway.core.flow_definition import Party
from gateway.folders.party_folders import FolderOfParties
from tests.standing_clock import StandingClock

ACME = Party("acme", mail="contracts@acme.example")


def test_folders_of_a_party(tmp_path: Path) -> None:
    """Those that are not there yet are fine; a missing one, or one open to all, is told."""
    home = tmp_path / "acme"
    assert party_folder(home, ACME)[0] == "ok"
    FolderOfParties(tmp_path, StandingClock()).prepare("acme")
    assert party_folder(home, ACME) == ("ok", f"acts by {home}; contracts@acme.example")
    (home / "approve").chmod(0o777)
    result, detail = party_folder(home, ACME)
    assert result == "warning"
    assert "everybody may write into approve" in detail
    (home / "reject").rmdir()
    result, detail = party_folder(home, ACME)
    assert result == "fail"
    assert "reject missing" in detail
