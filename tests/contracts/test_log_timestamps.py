"""The contracts of `LogTimestamps`, `LogTimestampFiles` and `TokenJudge`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault
from gateway.core.log_timestamps import Head, LogTimestamp
from gateway.folders.log_timestamps import FolderLogTimestamps
from gateway.ledger import Ledger, SqliteLedger
from gateway.pdf.timestamp_tokens import TokenReader
from gateway.ports import Clock, LogTimestampFiles, LogTimestamps, TokenJudge
from tests.fakes.authority import Authority
from tests.ledger.making import StandingClock, tamper

_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _stamp(head: Head, number: int) -> LogTimestamp:
    return LogTimestamp(head, _AT, "tsa", _AT, f"{number}.tsr", b"token %d" % number)


def test_ledger_keeps_them_with_their_entries(open_ledger: Callable[[Clock], Ledger]) -> None:
    """Each is there once, in order, with an entry that tells of it; whatever else is there."""
    ledger = open_ledger(StandingClock())
    port: LogTimestamps = ledger.log_timestamps
    assert (port.latest(), list(port.all()), port.head().sequence) == (None, [], 0)
    entry = ledger.record("test.made", {})
    assert port.head() == Head(1, entry.hash)
    first, second = (_stamp(port.head(), number) for number in (1, 2))
    assert port.add(first, "user:test")
    assert not port.add(first, "user:test")
    assert port.add(second, "sealgate")
    assert list(port.all()) == [first, second]
    assert port.latest() == second
    told = list(ledger.entries(event="log.timestamped"))
    assert [one.actor for one in told] == ["user:test", "sealgate"]
    details = dict(told[0].details)
    assert (details["entry"], details["hash"]) == ("1", entry.hash)
    assert details["token"] == hashlib.sha256(first.token).hexdigest()
    assert port.entries_with([entry.hash, "00" * 32]) == {entry.hash: 1}
    ledger.close()


def test_damaged_rows_are_read_all_the_same(tmp_path: Path) -> None:
    """What somebody wrote into the ledger is told from its token, not by a fault."""
    path = tmp_path / "state" / "ledger.sqlite"
    with closing(SqliteLedger(path, StandingClock())) as ledger:
        assert ledger.log_timestamps.add(_stamp(ledger.log_timestamps.head(), 1), "user:test")
        tamper(path, "UPDATE log_timestamps SET at = 'x', stored = 7, token = number")
        assert [one.token for one in ledger.log_timestamps.all()] == [b""]


@pytest.fixture
def files(tmp_path: Path) -> LogTimestampFiles:
    """Return a folder below an archive."""
    (tmp_path / "archive").mkdir()
    return FolderLogTimestamps(tmp_path / "archive")


def test_files_are_kept_once(files: LogTimestampFiles, tmp_path: Path) -> None:
    """They are read-only, and a name is never given to something else."""
    assert list(files.all()) == []
    for _ in range(2):
        files.keep("b.tsr", b"second")
    files.keep("a.tsr", b"first")
    assert list(files.all()) == [("a.tsr", b"first"), ("b.tsr", b"second")]
    with pytest.raises(SiteFault, match=r"site\.artifact-damaged"):
        files.keep("a.tsr", b"other")
    assert {one.stat().st_mode & 0o222 for one in tmp_path.rglob("*.tsr")} == {0}


def test_what_is_no_plain_file_has_no_content(files: LogTimestampFiles, tmp_path: Path) -> None:
    """A link or a pipe in the folder is neither followed nor waited for."""
    files.keep("a.tsr", b"first")
    folder = tmp_path / "archive" / "log-timestamps"
    (folder / "b.tsr").symlink_to("a.tsr")
    os.mkfifo(folder / "c.tsr")
    assert list(files.all()) == [("a.tsr", b"first"), ("b.tsr", b""), ("c.tsr", b"")]


def test_missing_archive_is_no_empty_one(tmp_path: Path) -> None:
    """Where the whole archive is gone, that is said."""
    gone: LogTimestampFiles = FolderLogTimestamps(tmp_path / "archive")
    with pytest.raises(SiteFault, match=r"site\.folder-missing"):
        list(gone.all())
    with pytest.raises(SiteFault, match=r"site\.folder-missing"):
        gone.keep("a.tsr", b"first")


def test_tokens_are_judged() -> None:
    """A good token says what it is over; one that is altered or of a stranger is not believed."""
    judge: TokenJudge = TokenReader()
    authority, stranger = (Authority(lambda: _AT, name) for name in ("tsa", "stranger"))
    digest = hashlib.sha256(b"head").digest()
    token = authority.timestamp(digest, "sha256")
    good = judge.judge(token, (authority.root,))
    assert (good.imprint, good.at, good.signer, good.problem) == (digest.hex(), _AT, "tsa", "")
    assert "not trusted" in judge.judge(token, (stranger.root,)).problem
    place = token.index(digest)
    altered = token[:place] + bytes(32) + token[place + 32 :]
    assert judge.judge(altered, (authority.root,)).problem == "its signature is not valid"
    assert "SHA-256" in judge.judge(authority.timestamp(bytes(64), "sha512"), ()).problem
    for rubbish in (b"", b"rubbish", token[:200]):
        found = judge.judge(rubbish, (authority.root,))
        assert (found.imprint, found.at) == ("", None)
        assert found.problem


def test_responses_hold_their_token() -> None:
    """What is written for others is read again, and rubbish holds none."""
    judge: TokenJudge = TokenReader()
    token = Authority(lambda: _AT).timestamp(bytes(32), "sha256")
    assert judge.token_in(judge.response_of(token)) == token
    for rubbish in (b"", b"rubbish", token):
        assert judge.token_in(rubbish) == b""
