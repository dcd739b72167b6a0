"""The reader processes: facts, limits, and what hostile files do to them."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.facts import NOTHING, TextQuery, Wanted
from gateway.core.site import Limits
from gateway.pdf.faults import reading
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import write_pdf


def code_of(reader: ReaderDocuments, path: Path, wanted: Wanted = NOTHING) -> str:
    """Return the code with which a document is refused."""
    with pytest.raises(DocumentFault) as refused:
        reader.examine(path, wanted)
    return refused.value.code


def test_facts(reader: ReaderDocuments, tmp_path: Path) -> None:
    """Pages, title, found patterns and places of anchors are told."""
    path = write_pdf(tmp_path / "f.pdf", ("First", "Sign here"), title="Invoice 42")
    pattern, word = TextQuery("Sign +here", expression=True), TextQuery("here")
    wanted = Wanted((pattern, word, TextQuery("absent")))
    facts = reader.examine(path, wanted)
    assert [(round(page.width), round(page.height)) for page in facts.pages] == [(595, 842)] * 2
    assert facts.metadata == (("Title", "Invoice 42"),)
    assert facts.pages_with(pattern) == (1,)
    (hit,) = (found for found in facts.hits if found.query == word)
    assert hit.page == 1
    assert 60 < hit.box.x < 160
    assert 400 < hit.box.y < 430


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "intake.empty"),
        (b"Dear reader", "intake.not-a-pdf"),
        (b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n", "pdf.truncated"),
        (b"%PDF-1.7\nstartxref\n999999\n%%EOF\n", "pdf.unreadable"),
        (b"%PDF-1.7\nstartxref\n-5\n%%EOF\n", "pdf.unreadable"),
    ],
)
def test_plain_cases_are_named(
    reader: ReaderDocuments, tmp_path: Path, content: bytes, code: str
) -> None:
    """A file that is no PDF, or not all of one, is refused with its own code."""
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    assert code_of(reader, path) == code


def test_page_tree_loop(reader: ReaderDocuments, tmp_path: Path) -> None:
    """A page tree that contains itself is refused, at once."""
    path = write_pdf(tmp_path / "loop.pdf")
    data = path.read_bytes().replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    path.write_bytes(data)
    assert code_of(reader, path) == "pdf.page-tree"


def test_endless_regular_expression(tmp_path: Path) -> None:
    """A rule's pattern that explodes on a document fails that document, not the gateway."""
    limited = ReaderDocuments(Limits(document_seconds=1, readers=1))
    path = write_pdf(tmp_path / "slow.pdf", ("a" * 60,))
    try:
        assert (
            code_of(limited, path, Wanted((TextQuery("(a+)+$b", expression=True),)))
            == "pdf.too-costly"
        )
        assert len(limited.examine(path).pages) == 1, "the next request gets a new process"
    finally:
        limited.close()


def test_killed_reader_is_replaced(tmp_path: Path) -> None:
    """A reader that somebody kills while idle costs nothing but a restart."""
    limited = ReaderDocuments(Limits(readers=1))
    path = write_pdf(tmp_path / "k.pdf")
    try:
        limited.examine(path)
        found = children()
        assert found
        for child in found:
            os.kill(child, signal.SIGKILL)
        assert len(limited.examine(path).pages) == 1
    finally:
        limited.close()


def test_reader_outlives_the_thread_that_asked_first(tmp_path: Path) -> None:
    """Threads that come and go, one after another, are served by one and the same process."""
    lasting = ReaderDocuments(Limits(readers=1))
    path = write_pdf(tmp_path / "t.pdf")
    others, seen = set(children()), []
    try:
        for _ in range(3):
            asking = threading.Thread(target=lasting.examine, args=(path,))
            asking.start()
            asking.join()
            seen.append(set(children()) - others)
    finally:
        lasting.close()
    assert len(seen[0]) == 1
    assert seen == seen[:1] * 3


def spare_is_ready(reader: ReaderDocuments) -> None:
    """Wait until a process that was started ahead may be taken."""
    spare = reader._spare
    with spare._changed:
        assert spare._changed.wait_for(lambda: spare._process, 60)


@pytest.mark.parametrize("ahead", [False, True], ids=["that-served", "started-ahead"])
def test_reader_without_memory_is_replaced(tmp_path: Path, ahead: bool) -> None:
    """What a reader has no memory left for is read by a fresh one, be it its first document."""
    limited = ReaderDocuments(Limits(readers=1))
    path, others = write_pdf(tmp_path / "m.pdf"), set(children())
    try:
        if ahead:
            limited.start_early()
            spare_is_ready(limited)
        else:
            limited.examine(path)
        for child in set(children()) - others:
            resource.prlimit(child, resource.RLIMIT_AS, (16 << 20, 16 << 20))
        assert len(limited.examine(path, Wanted((TextQuery("page"),))).pages) == 1
    finally:
        limited.close()


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory")])
def test_lack_of_memory_is_told_as_that(error: Exception) -> None:
    """Whichever way a library meets it, it is no fault of the document's structure."""
    with pytest.raises(DocumentFault) as caught, reading("pdf.unrenderable"):
        raise error
    assert (caught.value.code, caught.value.detail) == ("pdf.too-costly", "memory")


def test_worn_reader_serves_until_another_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request waits for the process that takes the place of one that has served for long."""
    monkeypatch.setattr("gateway.pdf.reader._RECYCLE_AFTER", 2)
    others, release = set(children()), threading.Event()
    reader = ReaderDocuments(Limits(readers=1))
    start = reader._started
    path = write_pdf(tmp_path / "f.pdf")
    try:
        reader.examine(path)
        (first,) = set(children()) - others
        monkeypatch.setattr(reader._spare, "_start", lambda: release.wait(60) and start())
        for _ in range(3):
            reader.examine(path)
        assert set(children()) - others == {first}
        release.set()
        spare_is_ready(reader)
        reader.examine(path)
        (second,) = set(children()) - others
        assert second != first
        reader.examine(path)
        assert set(children()) - others == {second}
    finally:
        release.set()
        reader.close()
    assert set(children()) - others == set()


def test_first_reader_is_started_early(tmp_path: Path) -> None:
    """Who asks while it is being started gets that one, and closing ends one nobody asked for."""
    path, others = write_pdf(tmp_path / "f.pdf"), set(children())
    for asks in (True, False):
        reader = ReaderDocuments(Limits(readers=1))
        reader.start_early()
        if asks:
            assert len(reader.examine(path).pages) == 1
            assert len(set(children()) - others) == 1
        reader.close()
        assert set(children()) - others == set()


def children() -> list[int]:
    """Return the reader processes that this process started."""
    listed = subprocess.run(
        ("pgrep", "-P", str(os.getpid()), "-f", "gateway.pdf.child"),
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return [int(number) for number in listed.split()]
