"""The contracts of rule files and of the book of their changes, held against what we have."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.errors import SiteFault, UsageFault
from gateway.folders.rule_files import FolderRuleFiles
from gateway.ledger import Ledger
from gateway.ports import Clock, RuleChange
from tests.contracts.test_seal_registry import StandingClock


def hash_of(content: bytes) -> str:
    """Return the SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def change(**fields: object) -> RuleChange:
    """Return a change from `old` to `new`."""
    given: dict[str, object] = {
        "file": "a.yaml",
        "rule": "all",
        "before": hash_of(b"old"),
        "after": hash_of(b"new"),
        "actor": "anna",
        "reason": "moved",
    }
    return RuleChange(**(given | fields))  # type: ignore[arg-type]


@pytest.fixture(params=[FolderRuleFiles])
def files(tmp_path: Path, request: pytest.FixtureRequest) -> FolderRuleFiles:
    """Return a folder with the rule file `a.yaml`, which says `old`."""
    (tmp_path / "a.yaml").write_bytes(b"old")
    return request.param(tmp_path)


@pytest.fixture
def ledger(open_ledger: Callable[[Clock], Ledger]) -> Iterator[Ledger]:
    """Yield a ledger."""
    opened = open_ledger(StandingClock())
    yield opened
    opened.close()


def test_a_file_is_replaced_only_as_it_was_read(files: FolderRuleFiles, tmp_path: Path) -> None:
    """Who knows what is in it may replace it; permissions stay; others are refused."""
    path = tmp_path / "a.yaml"
    path.chmod(0o640)
    assert files.names() == ("a.yaml",)
    assert files.read("a.yaml") == b"old"
    files.replace("a.yaml", b"new", hash_of(b"old"))
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(UsageFault) as refused:
        files.replace("a.yaml", b"newer", hash_of(b"old"))
    assert refused.value.code == "rules.conflict"
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.yaml"]  # noqa: PTH208


@pytest.mark.parametrize("name", ["../a.yaml", "none.yaml", "a.txt", ".a.yaml", "x/../a.yaml"])
def test_only_rule_files_are_known(files: FolderRuleFiles, name: str) -> None:
    """Names that lead elsewhere, or to no rule file, are unknown."""
    with pytest.raises(UsageFault) as refused:
        files.read(name)
    assert refused.value.code == "rules.unknown"


def test_links_are_not_followed(files: FolderRuleFiles, tmp_path: Path) -> None:
    """A link among the rules belongs to whoever laid it: it is neither read nor replaced."""
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    for call in (
        lambda: files.read("b.yaml"),
        lambda: files.replace("b.yaml", b"new", hash_of(b"old")),
    ):
        with pytest.raises(UsageFault) as refused:
            call()
        assert refused.value.code == "rules.cannot-edit"


def test_a_folder_that_is_gone_is_a_fault_of_the_site(tmp_path: Path) -> None:
    """Without its folder nothing is guessed."""
    with pytest.raises(SiteFault):
        FolderRuleFiles(tmp_path / "gone").names()


def test_a_change_is_logged_when_it_is_written(ledger: Ledger) -> None:
    """Begun it is in the book with both contents; finished it is in the log, once."""
    book = ledger.rule_changes
    begun = book.begin(change(), b"old", b"new")
    assert begun.number == 1
    assert [one.written for one in book.all()] == [False]
    assert not list(ledger.entries(event="rule.*"))
    book.finish(begun.number)
    book.finish(begun.number)
    assert [one.written for one in book.all("a.yaml")] == [True]
    (entry,) = ledger.entries(event="rule.*")
    assert (entry.event, entry.actor) == ("rule.changed", "anna")
    assert dict(entry.details) == {
        "file": "a.yaml",
        "rule": "all",
        "reason": "moved",
        "before": hash_of(b"old"),
        "after": hash_of(b"new"),
        "number": "1",
    }
    assert book.content(hash_of(b"old")) == b"old"
    assert book.all("b.yaml") == ()


def test_an_undoing_is_told_as_such(ledger: Ledger) -> None:
    """What takes a change back names it, and the newest change comes first."""
    book = ledger.rule_changes
    first = book.begin(change(), b"old", b"new")
    book.finish(first.number)
    back = change(before=first.after, after=first.before, undoes=first.number)
    book.finish(book.begin(back, b"new", b"old").number)
    assert [one.undoes for one in book.all()] == [1, 0]
    (entry,) = ledger.entries(event="rule.restored")
    assert dict(entry.details)["undoes"] == "1"
    assert ledger.verify() == ()


def test_an_abandoned_change_never_was(ledger: Ledger) -> None:
    """What was not written is gone from the book; what was written stays."""
    book = ledger.rule_changes
    book.abandon(book.begin(change(), b"old", b"new").number)
    assert book.all() == ()
    begun = book.begin(change(), b"old", b"new")
    book.finish(begun.number)
    book.abandon(begun.number)
    assert len(book.all()) == 1
    with pytest.raises(UsageFault) as unknown:
        book.content(hash_of(b"never"))
    assert unknown.value.code == "rules.unknown"
