"""Files that are made to cost: each ends within its bounds, alone, and delays nobody."""

from __future__ import annotations

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
