"""Translate whatever a PDF library raises on a real file into the house's one tree of errors.

pyHanko raises its own errors but also ValueError, KeyError, TypeError, AttributeError,
AssertionError, IndexError, zlib.error and RecursionError on damaged files; asn1crypto and
pdfium add theirs. All of them say the same about a *document*: it cannot be read that way.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.core.errors import DocumentFault, SealgateError, SiteFault

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_MACHINE = {errno.EIO, errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ESTALE}
"""Others, such as EINVAL from seeking to a nonsensical offset, are the document's doing."""


@contextmanager
def reading(code: str = "pdf.unreadable") -> Iterator[None]:
    """Turn any exception of the block into a `DocumentFault` with `code`, or a `SiteFault`.

    Operating system errors are this machine's; memory and recursion limits say that the
    document is too costly; the rest says that the document is not what `code` denies.
    """
    try:
        yield
    except SealgateError:
        raise
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise DocumentFault("pdf.too-costly", "it would grow too large") from error
        if error.errno == errno.ENOMEM:
            raise DocumentFault("pdf.too-costly", "memory") from error
        if error.errno not in _DISK_FULL | _MACHINE:
            raise DocumentFault(code, _words(error)) from error
        site = "site.disk-full" if error.errno in _DISK_FULL else "site.input-output"
        raise SiteFault(site, error.strerror or "") from error
    except MemoryError as error:
        raise DocumentFault("pdf.too-costly", "memory") from error
    except RecursionError as error:
        raise DocumentFault(code, "its objects are nested without end") from error
    except Exception as error:
        raise DocumentFault(code, _words(error)) from error


def _words(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    kind = type(error).__name__
    return f"{kind}: {text[0][:200]}" if text else kind
