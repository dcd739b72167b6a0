"""The counter of charged signatures: what the tests of promise 2 rely on."""

from __future__ import annotations

import threading
from pathlib import Path

from gateway.sandbox.usage import Usage


def test_same_digest_at_the_same_time_is_charged_once(tmp_path: Path) -> None:
    """Two calls for one digest that overlap share one signature and one charge."""
    usage = Usage(tmp_path / "usage.sqlite", charge_repeats=False)
    barrier = threading.Barrier(8)
    answers: list[bytes] = []

    def ask(number: int) -> None:
        barrier.wait(10)
        answers.append(usage.signature("c", b"digest", lambda: bytes([number])))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert usage.all()["charged"] == 1


def test_charges_are_kept_on_disk(tmp_path: Path) -> None:
    """Another process, or the same one later, sees every charge and signature."""
    first = Usage(tmp_path / "usage.sqlite", charge_repeats=False)
    made = first.signature("c", b"digest", lambda: b"signature")
    second = Usage(tmp_path / "usage.sqlite", charge_repeats=False)
    assert second.signature("c", b"digest", lambda: b"another") == made
    assert second.signature("other", b"digest", lambda: b"another") == b"another"
    assert second.all()["charged"] == 2
