"""Looking through files larger than the memory that this may take."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest

from gateway.pdf import mapped as room
from gateway.pdf.bodies import _TOKEN
from gateway.pdf.mapped import mapped

_WORDS = (b"12 0 obj", b"3 0 objx", b" 4 0 obj\n", b"stream\n", b"stream\r", b"\n", b" ", b"%%EOF")
_RANGE = b"/ByteRange" + 200 * b" " + b"[0 1000 2000 3000]"


def test_windows_hide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies across the border of two windows is found where it is in the whole file."""
    monkeypatch.setattr(room, "_WINDOW", 2048)
    chance = random.Random(7)
    whole = b"".join(chance.choice((*_WORDS, _RANGE, 90 * b"x")) for _ in range(4000))
    path = tmp_path / "file"
    path.write_bytes(whole)
    with mapped(path) as data:
        at, found = 0, []
        while (match := data.search(_TOKEN, at)) is not None:
            found.append(match.span())
            at = match.end()
        assert found == [match.span() for match in _TOKEN.finditer(whole)]
        for wanted in (b"%%EOF", b"objx", b"[0 1000 2000 3000]", b"nowhere"):
            assert data.find_last(wanted) == whole.rfind(wanted)
            for start in range(0, len(whole), 997):
                assert data.find(wanted, start) == whole.find(wanted, start)
                assert data.find(wanted, start, start + 500) == whole.find(
                    wanted, start, start + 500
                )


def test_looking_takes_little_memory(tmp_path: Path) -> None:
    """Searching through 64 MiB, or looking at many places of it, takes a few of them."""
    path = tmp_path / "file"
    size = 64 << 20
    path.touch()
    os.truncate(path, size)
    before, most = _mapped_pages(), 0
    with mapped(path) as data:
        assert data.find(b"endstream", 0) == -1
        assert data.find_last(b"%%EOF") == -1
        assert data.search(re.compile(b"[^\0]"), 0) is None
        most = _mapped_pages()
        for at in range(0, size, 256 << 10):
            data.part(at, at + 256)
            most = max(most, _mapped_pages())
    assert (most - before) * os.sysconf("SC_PAGE_SIZE") < 32 << 20


def _mapped_pages() -> int:
    """Return the pages of files that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[2])
