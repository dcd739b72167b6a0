"""Read plain dictionaries in one piece, as pyHanko reads them token by token.

A document's structure is dictionaries, and each stage reads those of all pages. What this module
does not recognise at once (comments, strings with escapes, a key that is there twice, whatever is
no PDF) is left to pyHanko, from the beginning, so every verdict and warning stays pyHanko's own.
"""

from __future__ import annotations

import io
import re
from typing import IO, Any

from pyhanko.pdf_utils import generic

from gateway.pdf.tokens import shared_name

_READ_SLOWLY: Any = generic.DictionaryObject.read_from_stream
_NO = generic.ContentOpReading.NO

_AHEAD = 512, 1 << 14
"""Bytes that are looked at, first and then."""
_DEEPEST = 20
_LONGEST_REFERENCE = 19
"""Bytes; pyHanko takes no longer one for a reference."""
_TOKEN = re.compile(
    rb"""[\t\n\f\r ]*(?:
      /([!"$&'*-.0-;=?-Z\\^-z|~]*)(?=[\0\t\n\f\r ()<>\[\]{}/%])
    | ([1-9]\d{0,9})[\t\n\f\r ]+(\d{1,5})[\t\n\f\r ]+(R)(?=[\0\t\n\f\r ()<>\[\]{}/%])
    | ([+-]?\d{1,19})(?=[\0\t\n\f\r ()<>\[\]{}/%])
    | ([+-]?(?:\d{1,19}\.\d{0,19}|\.\d{1,19}))(?=[\0\t\n\f\r ()<>\[\]{}/%])
    | (<<) | (>>) | (\[) | (\])
    | (\([^()\\\r]*\)|<[0-9A-Fa-f]*>)
    | (true|false|null)(?=[\0\t\n\f\r ()<>\[\]{}/%])
    )""",
    re.VERBOSE,
)
_NAME, _REFERENCE, _INTEGER, _REAL = 1, 4, 5, 6
_OPEN, _CLOSE, _OPEN_LIST, _CLOSE_LIST, _STRING, _WORD = range(7, 13)


class _Failed:
    """Where reading in one piece failed last: what begins before that is not tried again."""

    stream, start, end = 0, 0, 0


def read_dictionary(
    stream: IO[bytes],
    container_ref: Any,
    as_metadata_stream: bool = False,
    in_content_stream: generic.ContentOpReading = _NO,
) -> Any:
    """Read the dictionary or stream that begins where the stream stands; raises what pyHanko does.

    The keywords are pyHanko's.
    """
    plain = not as_metadata_stream and in_content_stream is _NO
    start = stream.tell()
    nested = _Failed.stream == id(stream) and _Failed.start < start < _Failed.end
    if plain and not nested:
        for size in _AHEAD:
            ahead = stream.read(size)
            reading = _Reading(ahead, container_ref)
            data = reading.read()
            if data is not None:
                stream.seek(start + reading.at)
                handler = container_ref.get_pdf_handler()
                payload = generic._maybe_read_stream_payload(stream, data, handler)
                if payload is not None:
                    return generic.StreamObject(data, encoded_data=payload)
                return generic.DictionaryObject(data)
            stream.seek(start)
            if len(ahead) < size or size - reading.at > _LONGEST_REFERENCE * 4:
                break
        _Failed.stream, _Failed.start, _Failed.end = id(stream), start, start + reading.at
    return _READ_SLOWLY(stream, container_ref, as_metadata_stream, in_content_stream)


class _NotPlain(Exception):
    """Something is for pyHanko to judge."""


class _Reading:
    """Reads one dictionary from bytes."""

    def __init__(self, ahead: bytes, container_ref: Any) -> None:
        self._ahead = ahead
        self._container = container_ref
        self._handler = container_ref.get_pdf_handler()
        self.at = 0
        """How far it was read."""
        self._holder: Any = {}
        """The dictionary or list in which it is."""
        self._key: Any = None
        """What waits for its value."""
        self._outer: list[tuple[Any, Any]] = []
        """Dictionaries and lists around it, each with the key that waits there."""

    def read(self) -> dict[Any, Any] | None:
        """Return the entries; None where something is not plain, or does not end here."""
        if not self._ahead.startswith(b"<<"):
            return None
        self.at = 2
        try:
            while (token := _TOKEN.match(self._ahead, self.at)) is not None:
                self.at = token.end()
                if self._ends(token):
                    entries: dict[Any, Any] = self._holder
                    return entries
        except _NotPlain:
            pass
        return None

    def _ends(self, token: re.Match[bytes]) -> bool:
        """Take a token; tell whether it ends the whole."""
        kind = token.lastindex
        if kind == _NAME:
            self._take_name(shared_name(token[_NAME]))
        elif kind in (_OPEN, _OPEN_LIST):
            if len(self._outer) >= _DEEPEST:
                raise _NotPlain
            self._outer.append((self._holder, self._key))
            self._holder, self._key = ({} if kind == _OPEN else generic.ArrayObject()), None
        elif kind in (_CLOSE, _CLOSE_LIST):
            if (kind == _CLOSE) is not (type(self._holder) is dict) or self._key is not None:
                raise _NotPlain
            if not self._outer:
                return True
            inner = self._holder
            self._holder, self._key = self._outer.pop()
            self._put(generic.DictionaryObject(inner) if kind == _CLOSE else inner)
        else:
            self._put(self._value(token, kind))
        return False

    def _take_name(self, name: Any) -> None:
        """Take a name, which is a key or a value."""
        if type(self._holder) is not dict:
            self._holder.append(name)
        elif self._key is not None:
            self._holder[self._key] = name
            self._key = None
        elif name in self._holder:
            raise _NotPlain
        else:
            self._key = name

    def _put(self, value: Any) -> None:
        value.container_ref = self._container
        if type(self._holder) is not dict:
            self._holder.append(value)
        elif self._key is None:
            raise _NotPlain
        else:
            self._holder[self._key] = value
            self._key = None

    def _value(self, token: re.Match[bytes], kind: int | None) -> Any:
        """Return the value of a token that is neither name nor container."""
        if kind == _REFERENCE:
            if token.end() - token.start(2) > _LONGEST_REFERENCE:
                raise _NotPlain
            return generic.IndirectObject(int(token[2]), int(token[3]), self._handler)
        if kind == _INTEGER:
            return generic.NumberObject(token[_INTEGER].decode("ascii"))
        if kind == _REAL:
            return generic.FloatObject(token[_REAL].decode("ascii"))
        return _string(token[_STRING]) if kind == _STRING else _word(token[_WORD])


def _string(written: bytes) -> Any:
    if written.startswith(b"("):
        return generic.read_string_from_stream(io.BytesIO(written))
    return generic.read_hex_string_from_stream(io.BytesIO(written))


def _word(written: bytes) -> Any:
    return generic.NullObject() if written == b"null" else generic.BooleanObject(written == b"true")


def install() -> None:
    """Let pyHanko read dictionaries by this module, in this process."""
    generic.DictionaryObject.read_from_stream = staticmethod(  # type: ignore[method-assign]
        read_dictionary
    )
