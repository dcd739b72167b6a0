"""The hash chain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.chain import GENESIS, LogEntry, digest_of, flaws


def _chain(count: int = 5) -> list[LogEntry]:
    entries: list[LogEntry] = []
    previous = GENESIS
    for sequence in range(1, count + 1):
        blank = LogEntry(
            sequence,
            "2026-11-23T23:07:14.000000Z",
            "a.thing",
            "job",
            "sealgate",
            (("key", f"盖 {sequence}"),),
            previous,
            "",
        )
        entries.append(replace(blank, hash=digest_of(blank)))
        previous = entries[-1].hash
    return entries


def _found(entries: list[LogEntry], of: list[LogEntry]) -> list[int]:
    return [flaw.sequence for flaw in flaws(entries, of[-1].sequence, of[-1].hash)]


def test_whole_chain_has_no_flaws() -> None:
    """A chain from its first to its last entry is whole; so is the empty one."""
    assert _found(_chain(), _chain()) == []
    assert flaws([], 0, GENESIS) == ()


def test_digest_is_stable() -> None:
    """The way entries are hashed is part of the stored format and never changes."""
    assert _chain(1)[0].hash == "4b3f02a63c2257192e608d2bb64815b06d1431ec6792f021ab92433484e83368"


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-11-23T23:07:15.000000Z"},
        {"event": "another.thing"},
        {"job": ""},
        {"actor": "root"},
        {"details": ()},
        {"details": (("key", "x"),)},
        {"details": (("kez", "盖 3"),)},
        {"hash": GENESIS},
        {"previous": GENESIS},
        {"sequence": 9},
    ],
    ids=str,
)
def test_any_change_is_found(change: dict[str, object]) -> None:
    """Every field of an entry is covered."""
    entries = _chain()
    entries[2] = replace(entries[2], **change)  # type: ignore[arg-type]
    assert entries[2].sequence in _found(entries, _chain())


@pytest.mark.parametrize("missing", range(5))
def test_any_missing_entry_is_found(missing: int) -> None:
    """Also the first and the last cannot be left out."""
    entries = _chain()
    del entries[missing]
    assert _found(entries, _chain())


def test_reordered_entries_are_found() -> None:
    """Two whole entries that changed places break the chain at both."""
    entries = _chain()
    entries[1], entries[2] = entries[2], entries[1]
    assert {2, 3} <= set(_found(entries, _chain()))


def test_repeated_entry_is_found() -> None:
    """An entry that stands there twice is found."""
    entries = _chain()
    entries.insert(2, entries[1])
    assert _found(entries, _chain())


def test_chain_that_goes_on_behind_its_head_is_found() -> None:
    """Entries that the head does not know are flaws too."""
    assert _found(_chain(6), _chain(5))


def test_empty_log_with_a_head_is_found() -> None:
    """All entries gone is not the same as none ever written."""
    assert flaws([], 5, "ab")


def test_every_flaw_is_told() -> None:
    """The check goes on behind the first flaw."""
    entries = _chain()
    entries[0] = replace(entries[0], actor="x")
    entries[4] = replace(entries[4], actor="y")
    assert _found(entries, _chain()) == [1, 5]
