"""Read names and references as pyHanko does, but not letter by letter.

Most of a document's structure is names and references; reading them was most of the time that
reading a document took. What this module does not recognise at once is left to pyHanko, so every
verdict stays pyHanko's own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import IO, Any

from pyhanko.pdf_utils import generic

_DECODE: Any = generic._decode_name
_NAME_SLOWLY: Any = generic.NameObject.read_from_stream
_REFERENCE_SLOWLY = generic.IndirectObject.read_from_stream

_AHEAD = 48
"""Bytes that are looked at; what is longer is read slowly."""
_NAME = re.compile(rb"/([!-$&'*-.0-;=?-Z\\^-z|~]*)(?=[\0\t\n\f\r ()<>\[\]{}/%])")
"""A name of regular printable characters (ISO 32000-2, 7.3.5) and the delimiter behind it."""
_REFERENCE = re.compile(rb"([1-9]\d{0,9})[\t\n\f\r ]+(\d{1,5})[\t\n\f\r ]+R")


_NOWHERE = generic.Reference(0, 0)


class SharedName(generic.NameObject):
    """A name that any number of dictionaries share: half of what a document takes in memory.

    Where it was read is not noted; pyHanko looks at that of containers and strings only.
    """

    @property
    def container_ref(self) -> Any:
        """Return a place that is none."""
        return _NOWHERE

    @container_ref.setter
    def container_ref(self, place: Any) -> None:
        pass


@lru_cache(maxsize=4096)
def shared_name(name: bytes) -> SharedName:
    """Return the name that is written so, of regular printable characters."""
    return SharedName(_DECODE(name))


def read_name(stream: IO[bytes]) -> generic.NameObject:
    """Read the name that begins where the stream stands; raises what pyHanko raises."""
    ahead = stream.read(_AHEAD)
    found = _NAME.match(ahead)
    if found is None:
        stream.seek(-len(ahead), 1)
        name: generic.NameObject = _NAME_SLOWLY(stream)
        return name
    stream.seek(found.end() - len(ahead), 1)
    return shared_name(found[1])


def read_reference(stream: IO[bytes], container_ref: Any) -> generic.IndirectObject:
    """Read the reference that begins where the stream stands; raises what pyHanko raises."""
    ahead = stream.read(_AHEAD)
    found = _REFERENCE.match(ahead)
    if found is None:
        stream.seek(-len(ahead), 1)
        reference: generic.IndirectObject = _REFERENCE_SLOWLY(stream, container_ref)
        return reference
    stream.seek(found.end() - len(ahead), 1)
    return generic.IndirectObject(int(found[1]), int(found[2]), container_ref.get_pdf_handler())


def install() -> None:
    """Let pyHanko read names and references by this module, in this process."""
    generic.NameObject.read_from_stream = staticmethod(read_name)  # type: ignore[method-assign]
    generic.IndirectObject.read_from_stream = staticmethod(  # type: ignore[method-assign]
        read_reference
    )
