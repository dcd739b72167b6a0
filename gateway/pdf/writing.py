"""Write an incremental update that changes what it must, and nothing else."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import IO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.pdf.document import Pages, entry_of, highest_object_number
from gateway.pdf.given import open_given

_PIECE = 1 << 20
_COPIED_AT_ONCE = 1 << 30
_COPIES_ONLY_BY_READING = {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}


class SealingWriter(IncrementalPdfFileWriter):
    """An incremental update that changes what the seal needs and nothing else.

    pyHanko's writer also rewrites dates in the information dictionary and the XMP packet, and
    numbers new objects from the trailer's /Size. We leave metadata as they are, and number
    from the highest object that is really there.
    """

    def __init__(self, stream: IO[bytes], reader: PdfFileReader) -> None:
        super().__init__(stream, prev=reader)
        self._lastobj_id = max(self._lastobj_id, highest_object_number(reader))

    def find_page_for_modification(
        self, page_ix: int
    ) -> tuple[generic.IndirectObject, generic.DictionaryObject]:
        """Find a page, also where the tree does not say how many it has, or nodes have no /Type.

        Then without its resources, the second part, which nobody here asks for.
        """
        try:
            found: tuple[generic.IndirectObject, generic.DictionaryObject] = (
                super().find_page_for_modification(page_ix)  # type: ignore[no-untyped-call]
            )
        except (PdfError, LookupError, TypeError, AssertionError):
            pages = Pages(self.prev)
            if not pages.flat:
                raise  # viewers that believe inner nodes see other pages
            page = pages.references[page_ix]
            place = generic.IndirectObject(page.idnum, page.generation, self)
            return place, generic.DictionaryObject()
        return found

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        """Give a document with a useless /ID a new one."""
        try:
            return super()._handle_id(prev)  # type: ignore[no-untyped-call, no-any-return]
        except (TypeError, ValueError, AttributeError):
            return generic.ArrayObject([generic.ByteStringObject(os.urandom(16)) for _ in "12"])

    def register_annotation(
        self, page_ref: generic.Reference, annot_ref: generic.IndirectObject
    ) -> None:
        """Put an annotation on a page, whose list of them may be null or something else."""
        page = page_ref.get_object()
        assert isinstance(page, generic.DictionaryObject)  # noqa: S101  # its widget is on it
        if "/Annots" in page and not isinstance(entry_of(page, "/Annots"), generic.ArrayObject):
            del page["/Annots"]
        super().register_annotation(page_ref, annot_ref)  # type: ignore[no-untyped-call]

    def _update_meta(self) -> None:
        """Leave dates and XMP of the document as they are."""


def copied(source: Path, target: Path) -> None:
    """Copy a file within the kernel; file systems that can let both share their blocks."""
    with open_given(source) as old, open_given(target, "wb") as new:
        position = 0
        try:
            while count := os.copy_file_range(
                old.fileno(), new.fileno(), _COPIED_AT_ONCE, position, position
            ):
                position += count
        except OSError as error:
            if error.errno not in _COPIES_ONLY_BY_READING:
                raise
        # Also when all seems copied: some file systems end the kernel's copy too early.
        old.seek(position)
        new.seek(position)
        shutil.copyfileobj(old, new, _PIECE)


def end_with_newline(stream: IO[bytes]) -> None:
    """Start the update on a line of its own, as readers expect after `%%EOF`."""
    stream.seek(-1, 2)
    if stream.read(1) not in b"\r\n":
        stream.write(b"\n")
