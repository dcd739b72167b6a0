"""The log's head is stamped once a day, and nobody rewrites what was there before."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from gateway.core.errors import ServiceFault, SiteFault, UsageFault
from gateway.core.log_timestamps import SUBJECT, LogTimestampSettings
from gateway.core.retry import RetryPolicy
from gateway.core.schedules import Schedule
from gateway.core.services import TimestampSettings
from gateway.daemon.log_stamping import StampingWork
from gateway.folders.log_timestamps import FolderLogTimestamps
from gateway.ledger import SqliteLedger
from gateway.pdf.timestamp_tokens import TokenReader
from gateway.pipeline.equipment import Equipment
from gateway.pipeline.log_auditing import LogAudit, audit_log
from gateway.pipeline.log_stamping import LogStamping, StampBooks
from gateway.pipeline.timestamping import Authorities
from tests.fakes.authority import Authority
from tests.ledger.making import rehash, tamper, travelled

_DAILY = Schedule.parse("30 2 * * *", UTC)


class Clock:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time it was turned to."""
        return self.moment

    def monotonic(self) -> float:
        """Return the same as seconds."""
        return self.moment.timestamp()


class Office:
    """A ledger, an archive, two authorities, and what stamps."""

    def __init__(self, root: Path) -> None:
        self.root, self.clock = root, Clock()
        self.archive = root / "archive"
        self.archive.mkdir()
        self.path = root / "state" / "ledger.sqlite"
        self.ledger = SqliteLedger(self.path, self.clock)
        self.ahead = timedelta()
        """How far our clock runs ahead of the authorities'."""
        self.authority, self.other = (Authority(self.true, name) for name in ("tsa", "other"))
        self.anchors = [self.authority.root, self.other.root]
        peers = [(one, TimestampSettings("", one.name)) for one in (self.authority, self.other)]
        self.equipment = cast(
            "Equipment",
            SimpleNamespace(
                clock=self.clock,
                log=self.ledger,
                holds=self.ledger,
                retry=RetryPolicy(first=10, longest=60),
                anchors=lambda: tuple(self.anchors),
                authorities=Authorities(peers, self.ledger, self.clock),
            ),
        )
        files = FolderLogTimestamps(self.archive)
        self.books = StampBooks(self.ledger.log_timestamps, files, TokenReader)
        self.work = self.working(LogTimestampSettings(_DAILY))
        self.ledger.record("daemon.started", {})
        travelled(self.ledger, "one")

    def true(self) -> datetime:
        """Return what the authorities take for the time."""
        return self.clock.moment - self.ahead

    def working(self, settings: LogTimestampSettings | None) -> StampingWork:
        """Return what stamps, with other settings or as after a restart."""
        stamping = LogStamping(self.equipment, self.books, settings)
        return StampingWork(self.equipment, stamping, self.root / "state" / "log-timestamps")

    def later(self, **time: float) -> None:
        """Turn the clock on."""
        self.clock.moment += timedelta(**time)

    def audit(self, *elsewhere: Path) -> LogAudit:
        """Audit the log."""
        others = [FolderLogTimestamps(folder, "") for folder in elsewhere]
        return audit_log(self.equipment, self.books, others)

    def flaws(self, *elsewhere: Path) -> str:
        """Return what an audit finds, in one text."""
        return "\n".join(f"{flaw.sequence}: {flaw.what}" for flaw in self.audit(*elsewhere).flaws)

    def files(self) -> list[Path]:
        """Return the copies."""
        return sorted(self.archive.rglob("*.tsr"))

    def rewrite(self, *statements: str) -> None:
        """Change rows and make the whole chain anew, hashes and head: a careful administrator."""
        tamper(self.path, *statements)
        rehash(self.path)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return an office of one's own."""
    made = Office(tmp_path)
    yield made
    made.ledger.close()


_FORGED = 'UPDATE log SET details = \'{"why":"nothing"}\' WHERE sequence = 4'


def test_once_a_day_whatever_happens(office: Office) -> None:
    """Restarts stamp nothing twice, missed days are one time-stamp, and the log tells of each."""
    for pause, expected in ((0, 1), (1, 1), (20, 2), (1, 2), (24 * 9, 3), (1, 3), (24, 4)):
        office.later(hours=pause)
        office.work = office.working(LogTimestampSettings(_DAILY))
        for _ in range(3):
            office.work.look()
        assert office.authority.asked == expected
    assert len(office.files()) == 4
    told = [dict(entry.details) for entry in office.ledger.entries(event="log.timestamped")]
    assert [one["entry"] for one in told] == ["11", "12", "13", "14"]
    found = office.audit()
    assert (found.flaws, found.tokens) == ((), 4)
    assert found.latest is not None
    assert found.latest.head.sequence == 14


def test_clock_steps_lose_and_repeat_nothing(office: Office) -> None:
    """Our clock goes ahead by a month and back: one time-stamp for its day, none for the way."""
    for step, pause, expected in ((0, 0, 1), (30, 0, 2), (-30, 0, 2), (0, 1, 3)):
        office.ahead += timedelta(days=step)
        office.later(days=step + pause)
        for _ in range(3):
            office.work.look()
        assert office.authority.asked == expected
    assert office.flaws() == ""


def test_authority_that_is_down_holds_nothing_else(office: Office) -> None:
    """It is tried again after pauses, one hold tells of it, and ends by itself."""
    for one in (office.authority, office.other):
        one.fault = ServiceFault("tsa.unreachable", "no route")
    office.work.look()
    office.work.look()  # within the pause nobody is asked
    assert (office.authority.asked, office.other.asked) == (1, 1)
    (hold,) = office.ledger.all()
    assert (hold.subject, hold.code) == (SUBJECT, "tsa.unreachable")
    office.later(minutes=2)
    office.work.look()
    assert office.authority.asked == 2
    office.later(minutes=5)
    office.other.fault = None
    stamp = office.work.look()
    assert stamp is not None
    assert stamp.authority == "other"
    assert office.ledger.all() == ()
    events = [entry.event for entry in office.ledger.entries(event="hold.*")]
    assert events == ["hold.opened", "hold.closed"]


def test_hold_ends_when_nobody_wants_it(office: Office) -> None:
    """A site that takes the setting away is not held by it for ever."""
    office.authority.fault = office.other.fault = ServiceFault("tsa.refused")
    office.work.look()
    office.working(None).begin()
    assert office.ledger.all() == ()
    assert office.working(None).look() is None


def test_named_authority_alone_is_asked(office: Office) -> None:
    """Where the setting names one, no other is asked."""
    office.work = office.working(LogTimestampSettings(_DAILY, "other"))
    stamp = office.work.at_once("user:test")
    assert (stamp.authority, office.authority.asked) == ("other", 0)


def test_untrusted_authority_is_refused(office: Office) -> None:
    """A token that verification would object to is not kept."""
    office.anchors.remove(office.authority.root)
    with pytest.raises(ServiceFault, match=r"tsa\.untrusted"):
        office.work.at_once("user:test")
    assert office.files() == []
    assert office.ledger.log_timestamps.latest() is None


def test_site_without_authorities(office: Office) -> None:
    """The command says what is missing."""
    nobody = Authorities((), office.ledger, office.clock)
    office.equipment = cast(
        "Equipment", SimpleNamespace(**(vars(office.equipment) | {"authorities": nobody}))
    )
    with pytest.raises(UsageFault, match=r"usage\.no-authority"):
        office.working(None).at_once("user:test")


def test_two_at_a_time_are_one(office: Office) -> None:
    """While a command stamps, the daemon does not."""
    with office.work._alone():
        assert office.working(LogTimestampSettings(_DAILY)).look() is None
        with pytest.raises(UsageFault, match=r"usage\.already-running"):
            office.work.at_once("user:test")
    assert office.authority.asked == 0


def test_crash_before_the_ledger_knows_costs_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that was written before a crash is taken up; the authority is not asked again."""

    def die(*_: object) -> bool:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(office.ledger.log_timestamps, "add", die)
        with pytest.raises(SystemExit):
            office.work.look()
    assert office.flaws() == ""  # a file more is no flaw
    office.work = office.working(LogTimestampSettings(_DAILY))
    stamp = office.work.look()
    assert stamp is not None
    assert [stamp.file] == [file.name for file in office.files()]
    assert office.authority.asked == 1
    assert office.work.look() is None
    assert office.flaws() == ""


def test_archive_that_is_away_holds(office: Office) -> None:
    """Where the copy cannot be written nothing is kept, and it is tried again."""
    shutil.move(office.archive, office.root / "away")
    office.work.look()
    assert [hold.code for hold in office.ledger.all()] == ["site.folder-missing"]
    with pytest.raises(SiteFault):
        office.audit()
    shutil.move(office.root / "away", office.archive)
    office.later(minutes=2)
    assert office.work.look() is not None


def test_rewritten_log_is_found(office: Office) -> None:
    """Rows, all hashes and the head made anew fool the chain, and not the time-stamp."""
    office.work.look()
    office.later(days=1)
    office.ledger.record("daemon.started", {})
    office.rewrite(_FORGED)
    assert office.ledger.verify() == ()
    assert "the log was rewritten: no entry has the hash" in office.flaws()
    assert office.audit().latest is None


def test_rewritten_hash_of_the_time_stamp_is_found(office: Office) -> None:
    """Letting the ledger say that the token is over the new hash does not help."""
    office.work.look()
    office.rewrite(_FORGED)
    forge = "UPDATE log_timestamps SET hash = (SELECT hash FROM log WHERE sequence = 11)"
    tamper(office.path, forge)
    assert "over another hash" in office.flaws()


_FORGET = "DELETE FROM log_timestamps"
_UNTELL = (
    "DELETE FROM log WHERE sequence = 12",
    "UPDATE head SET sequence = 11, hash = (SELECT hash FROM log WHERE sequence = 11)",
)


def test_time_stamp_taken_out_of_the_ledger_is_missed(office: Office) -> None:
    """The log tells of it, and so does its copy; stamping again mends nothing."""
    office.work.look()
    tamper(office.path, _FORGET)
    assert "that it tells of is missing in the ledger" in office.flaws()
    office.later(days=1)
    office.work.look()
    assert "that it tells of is missing in the ledger" in office.flaws()


def test_time_stamp_taken_out_everywhere_in_the_database_is_found(office: Office) -> None:
    """Without a trace in the ledger, the copy in the archive still speaks."""
    office.work.look()
    office.rewrite(_FORGET, *_UNTELL, _FORGED)
    assert office.ledger.verify() == ()
    assert "the log was rewritten" in office.flaws()
    assert office.files()[0].name in office.flaws()


def test_copy_elsewhere_is_the_last_word(office: Office) -> None:
    """Where archive and ledger were both cleaned, a copy in another place still tells."""
    office.work.look()
    elsewhere = office.root / "elsewhere"
    shutil.copytree(office.archive / "log-timestamps", elsewhere)
    assert office.flaws(elsewhere) == ""
    office.files()[0].unlink()
    office.rewrite(_FORGET, *_UNTELL, _FORGED)
    assert office.flaws() == ""
    assert "the log was rewritten" in office.flaws(elsewhere)


def test_altered_and_missing_copies_are_told(office: Office) -> None:
    """A copy that is gone, or something else, is told; so is a token altered in the ledger."""
    office.work.look()
    (file,) = office.files()
    content = file.read_bytes()
    for spoiled in (b"rubbish", b"", content[:-40] + bytes(40)):
        file.unlink()
        assert "missing in the archive" in office.flaws()
        file.write_bytes(spoiled)
        assert file.name in office.flaws()
    file.write_bytes(content)
    assert office.flaws() == ""
    tamper(office.path, "UPDATE log_timestamps SET token = substr(token, 1, 100), at = 'never'")
    assert "no time-stamp that can be read" in office.flaws()


def test_links_and_folders_among_the_copies_are_not_followed(office: Office) -> None:
    """What lies in the folder and is no plain file is told, and not opened."""
    office.work.look()
    folder = office.archive / "log-timestamps"
    (folder / "link.tsr").symlink_to("/etc/passwd")
    (folder / "folder.tsr").mkdir()
    assert {"link.tsr", "folder.tsr"} & {line.split(": ")[1] for line in office.flaws().split("\n")}


def test_log_without_a_head_is_told_and_not_stamped(office: Office) -> None:
    """Nothing is spent on a log that has lost its head, and the audit still says what is wrong."""
    office.work.look()
    tamper(office.path, "DELETE FROM head")
    assert "where the log ends is missing" in office.flaws()
    with pytest.raises(SiteFault, match=r"ledger\.unusable"):
        office.work.at_once("user:test")
    assert office.authority.asked == 1


def test_openssl_accepts_the_copies(office: Office) -> None:
    """`openssl ts -verify` takes a copy and the hash of the entry, with the authority's root."""
    if shutil.which("openssl") is None:
        pytest.skip("not installed: openssl")
    stamp = office.work.look()
    assert stamp is not None
    root = office.root / "root.der"
    root.write_bytes(office.authority.root)
    pem = office.root / "root.pem"
    subprocess.run(("openssl", "x509", "-inform", "der", "-in", root, "-out", pem), check=True)
    for digest, verdict in ((stamp.head.hash, "Verification: OK"), ("00" * 32, "FAILED")):
        checked = ("openssl", "ts", "-verify", "-digest", digest, "-in", office.files()[0])
        done = subprocess.run(
            (*checked, "-CAfile", pem), capture_output=True, text=True, check=False
        )
        assert verdict in done.stdout + done.stderr
