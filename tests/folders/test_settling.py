"""When a file counts as completely written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.folders.settle import Patience, Settling, glance
from gateway.ports import Candidate
from tests.folders.site import HandClock

A = Candidate("main", "a.pdf", 1, 10, 100, 5)
B = Candidate("main", "b.pdf", 1, 11, 100, 5)


PATIENCE = Patience(quiet=2.0, incomplete_after=30.0, open_after=3600.0)


def look(
    settling: Settling, *candidates: Candidate, complete: bool = True, written: bool = False
) -> list[str]:
    """Scan with a quiet time of 2 s, incomplete files being taken after 30 s, open ones 1 h."""
    found = settling.settled(candidates, PATIENCE, lambda _: complete, lambda _: written)
    return [candidate.source for candidate in found]


def test_a_file_settles_after_its_quiet_time(clock: HandClock) -> None:
    """The first sight starts the quiet time; after it the file is taken."""
    settling = Settling(clock)
    assert look(settling, A) == []
    assert settling.next_due() == 2.0
    clock.seconds += 1.9
    assert look(settling, A) == []
    clock.seconds += 0.1
    assert settling.next_due() == 0.0
    assert look(settling, A) == ["a.pdf"]


def test_any_change_starts_the_quiet_time_anew(clock: HandClock) -> None:
    """Another size, time or inode is another file: it has just been seen for the first time."""
    for changed in (replace(A, size=101), replace(A, modified=6), replace(A, inode=12)):
        settling = Settling(clock)
        look(settling, A)
        clock.seconds += 2
        assert look(settling, changed) == []
        assert [w.why for w in settling.waiting()] == ["still changing"]
        clock.seconds += 2
        assert look(settling, changed) == ["a.pdf"]


def test_a_file_without_an_end_is_taken_late(clock: HandClock) -> None:
    """A file that does not look complete waits, with a reason, and is taken in the end."""
    settling = Settling(clock)
    look(settling, A, complete=False)
    clock.seconds += 5
    assert look(settling, A, complete=False) == []
    assert [w.why for w in settling.waiting()] == ["no end-of-file mark yet"]
    assert settling.next_due() == 25.0
    clock.seconds += 25
    assert look(settling, A, complete=False) == ["a.pdf"]
    assert settling.waiting() == ()


def test_a_file_whose_end_arrives_is_taken_at_once(clock: HandClock) -> None:
    """Content that becomes complete without a new time of modification is noticed."""
    settling = Settling(clock)
    look(settling, A, complete=False)
    clock.seconds += 5
    assert look(settling, A, complete=False) == []
    assert look(settling, A, complete=True) == ["a.pdf"]


def test_an_open_file_waits_and_wakes_nobody_at_once(clock: HandClock) -> None:
    """While a writer has it open it is not taken, and is looked at again after a pause."""
    settling = Settling(clock)
    look(settling, A)
    for seconds in (2, 5, 500):
        clock.seconds += seconds
        for complete in (True, False):
            assert look(settling, A, complete=complete, written=True) == []
            assert [w.why for w in settling.waiting()] == ["still open for writing"]
            assert settling.next_due() == 5.0
    assert look(settling, A) == ["a.pdf"]
    assert settling.next_due() is None


def test_a_file_left_without_an_end_may_still_be_continued(clock: HandClock) -> None:
    """The time for an end to come starts when the writer closes the file, not before."""
    settling = Settling(clock)
    look(settling, A)
    clock.seconds += 100
    assert look(settling, A, complete=False, written=True) == []
    clock.seconds += 10
    assert look(settling, A, complete=False) == []
    assert [w.why for w in settling.waiting()] == ["no end-of-file mark yet"]
    assert settling.next_due() == 20.0
    clock.seconds += 20
    assert look(settling, A, complete=False) == ["a.pdf"]


def test_a_file_that_stays_open_is_taken_in_the_end(clock: HandClock) -> None:
    """A program that never closes what it wrote does not keep it for ever."""
    settling = Settling(clock)
    look(settling, A)
    clock.seconds += 3598
    assert look(settling, A, written=True) == []
    assert settling.next_due() == 2.0
    clock.seconds += 2
    assert look(settling, A, written=True) == ["a.pdf"]


def test_what_vanished_is_forgotten(clock: HandClock) -> None:
    """A file that is gone for a scan starts from the beginning when it is back."""
    settling = Settling(clock)
    look(settling, A, B)
    clock.seconds += 2
    assert look(settling, B) == ["b.pdf"]
    assert look(settling, A, B) == ["b.pdf"]
    assert settling.next_due() == 2.0


def test_a_settled_file_that_nobody_takes_wakes_nobody(clock: HandClock) -> None:
    """While work is held, settled files stay settled and cause no haste."""
    settling = Settling(clock)
    look(settling, A)
    clock.seconds += 2
    assert look(settling, A) == ["a.pdf"]
    assert settling.next_due() is None
    clock.seconds += 100
    assert look(settling, A) == ["a.pdf"]
    assert settling.waiting() == ()


def test_nothing_seen_is_nothing_due(clock: HandClock) -> None:
    """Before the first scan there is nothing to wait for."""
    assert Settling(clock).next_due() is None
    assert Settling(clock).waiting() == ()


@pytest.mark.parametrize(
    ("unchanged", "complete", "written", "why"),
    [
        (0.5, True, False, "still changing"),
        (0.5, True, True, "still open for writing"),
        (9000.0, True, True, "still open for writing"),
        (5.0, False, False, "no end-of-file mark yet"),
        (5.0, True, False, ""),
    ],
)
def test_a_glance_tells_what_can_be_told_at_once(
    unchanged: float, why: str, *, complete: bool, written: bool
) -> None:
    """Who does not watch is told in the same words why a file is not taken yet."""
    told = glance(A, unchanged, 2.0, lambda _: complete, lambda _: written)
    assert told == why
