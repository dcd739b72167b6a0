"""Files that are made to cost: each ends within its bounds, alone, and delays nobody."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.core.errors import DocumentFault
from gateway.core.site import Limits
from gateway.pdf.reader import ReaderDocuments
from tests.e2e.pages import write_pdf
from tests.pdf import hostile
from tests.pdf.conftest import Bench, Key
from tests.pdf.test_reader import children

ENDS = {
    "sealed",
    "pdf.page-tree",
    "pdf.too-costly",
    "pdf.truncated",
    "pdf.unreadable",
    "pdf.unrenderable",
    "pdf.unsupported",
}


@pytest.fixture(scope="module")
def tight() -> Iterator[ReaderDocuments]:
    """Return one reader that lets a document have a second and 512 MiB."""
    limits = Limits(document_seconds=1, document_memory=512 * 1024 * 1024, readers=1)
    documents = ReaderDocuments(limits)
    yield documents
    documents.close()


@pytest.mark.parametrize("make", hostile.ALL, ids=lambda make: make.__name__)
def test_costly_file(
    tight: ReaderDocuments, artwork: Path, key: Key, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    """A file that would cost much is sealed, or fails with its code; the next one is sealed."""
    bench = Bench(tight, artwork, tmp_path)
    costly = tmp_path / "costly.pdf"
    costly.write_bytes(make())
    try:
        bench.seal(costly, key)
        end = "sealed"
    except DocumentFault as fault:
        end = fault.code
    costly.unlink()
    assert end in ENDS
    assert len(tight.examine(write_pdf(tmp_path / "plain.pdf")).pages) == 1


def test_table_that_ends_with_its_file(tmp_path: Path) -> None:
    """It is refused for what it is, and not for the time that reading it would take."""
    documents = ReaderDocuments(Limits(readers=1))
    endless = tmp_path / "endless.pdf"
    endless.write_bytes(hostile.endless_table())
    try:
        with pytest.raises(DocumentFault) as refused:
            documents.examine(endless)
    finally:
        documents.close()
    assert refused.value.code == "pdf.unreadable"
    assert refused.value.detail.endswith("its table ends with the file")


def test_neighbours_go_on(tmp_path: Path) -> None:
    """While one reader has a costly file, a plain one is not kept waiting until it has ended."""
    documents = ReaderDocuments(Limits(document_seconds=6, readers=1))
    costly = tmp_path / "costly.pdf"
    costly.write_bytes(hostile.many_annotations())
    plain = write_pdf(tmp_path / "plain.pdf")
    documents.examine(plain)
    ended: list[str] = []

    def examine() -> None:
        try:
            documents.examine(costly)
            ended.append("examined")
        except DocumentFault as fault:
            ended.append(fault.code)

    slow = threading.Thread(target=examine)
    slow.start()
    try:
        assert len(documents.examine(plain).pages) == 1
        assert not ended, "the plain one was read meanwhile"
    finally:
        slow.join()
        documents.close()
    assert ended == ["pdf.too-costly"]


def test_readers_are_confined(tmp_path: Path) -> None:
    """The kernel holds a filter over each reader."""
    documents = ReaderDocuments(Limits(readers=1))
    try:
        documents.examine(write_pdf(tmp_path / "plain.pdf"))
        for child in children():
            status = Path(f"/proc/{child}/status").read_text()
            assert "\nSeccomp:\t2\n" in status
            assert "\nNoNewPrivs:\t1\n" in status
    finally:
        documents.close()


ATTEMPTS = """
import asyncio, ctypes, os, socket, subprocess, sys, threading
from gateway.pdf.confinement import confine
assert confine()
library = ctypes.CDLL(None, use_errno=True)
for attempt in (
    lambda: socket.socket(),
    lambda: socket.socket(socket.AF_UNIX),
    lambda: subprocess.run(["true"]),
    lambda: os.fork(),
    lambda: os.kill(os.getppid(), 0),
):
    try:
        attempt()
    except OSError as error:
        assert error.errno == 1, error
    else:
        sys.exit("it was possible")
threads = [threading.Thread(target=print) for _ in range(3)]
for thread in threads:
    thread.start()
asyncio.run(asyncio.sleep(0))
"""


def test_what_is_forbidden() -> None:
    """A confined process has no sockets, programs and processes, but threads and event loops."""
    done = subprocess.run(
        (sys.executable, "-c", ATTEMPTS), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
