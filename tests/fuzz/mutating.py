"""Changed inputs, the same ones for the same number."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from tests.fuzz.target import Target

_MOST_CHANGES = 4
_EXCHANGES = 0.7
"""Of the changes of what has values."""
_LONGEST_PART = 64
_STRANGE = (b"", b"\0", b"\xff", b"-1", b"99999999999999999999", b"1e999", b"null", b"\xed\xa0\x80")
Change = Callable[[random.Random, bytearray, Sequence[bytes]], None]
JSON_VALUE = re.compile(rb'"(?:[^"\\\\]|\\\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|\[[^\[\]{}]*\]')
PDF_VALUE = re.compile(
    rb"[0-9]+ 0 R|/[A-Za-z]+|\([^()]*\)|-?[0-9]+(?:\.[0-9]*)?|true|false|null"
    rb"|\[[^\[\]]*\]|<<[^<>]*>>"
)
SVG_VALUE = re.compile(rb'"[^"<>]*"|-?[0-9.]+(?:e-?[0-9]+)?%?')
_PDF_VALUES = (
    *(b"null", b"[]", b"<< >>", b"(x)", b"<FEFFD800>", b"/X", b"true", b"-1", b"0", b"99999999999"),
    *(b"0.1", b"1 0 R", b"2 0 R", b"3 0 R", b"7 0 R", b"99 0 R", b"[3 0 R 3 0 R]", b"[null]"),
    *(
        b"<< /Kids [3 0 R] >>",
        b"<< /S /JavaScript >>",
        b"4 0 R",
        b"[0 0 1 1]",
        b"(\\377\\376\\000)",
    ),
)
_JSON_VALUES = (
    *(
        b"null",
        b"[]",
        b"{}",
        b'""',
        b'"\\ud800"',
        b"true",
        b"-1",
        b"0",
        b"1e400",
        b"0.5",
        b"[null]",
    ),
    *(b"9" * 400, b'[[""]]', b'{"a": "b"}', b'"\\u0000"', b"99999999999999999999"),
)
_SVG_VALUES = (
    *(b'""', b'"-1"', b'"1e400"', b'"nan"', b'"50%"', b'"none"', b'"#p"', b'"url(#p)"', b"0"),
    *(b"-1", b"1e308", b"99999999999", b"0.0000001", b'"M0 0z"', b'"M1e200 1L9 9A1 1 0 0 0 5 5"'),
)
_VALUES = {PDF_VALUE: _PDF_VALUES, JSON_VALUE: _JSON_VALUES, SVG_VALUE: _SVG_VALUES}


def mutations(target: Target, count: int, first: int = 0) -> Iterator[bytes]:
    """Yield inputs made of a target's seeds and kept inputs, each of several small changes."""
    seeds = inputs(target)
    for number in range(first, first + count):
        chance = random.Random(f"{target.name} {number}")  # it has to be repeatable
        yield changed(target, chance, chance.choice(seeds))


def changed(target: Target, chance: random.Random, given: bytes) -> bytes:
    """Return an input with a few changes."""
    data = bytearray(given[: target.longest])
    words = [*target.words, *_STRANGE, chance.choice(inputs(target))]
    for _ in range(chance.randint(1, _MOST_CHANGES)):
        if target.part is not None and chance.random() < _EXCHANGES:
            data = _exchanged(target, chance, data)
        else:
            chance.choice(_CHANGES)(chance, data, words)
    return bytes(data[: target.longest])


@cache
def inputs(target: Target) -> tuple[bytes, ...]:
    """Return what changed inputs are made of."""
    return (*target.seeds(), *(data for _, data in target.kept()))


def _exchanged(target: Target, chance: random.Random, data: bytearray) -> bytearray:
    """Return an input with one of its values exchanged for another, perhaps from elsewhere."""
    if target.part is None or not (found := list(target.part.finditer(data))):
        return data
    chosen, other = chance.choice(found), chance.choice(found)
    value = chance.choice((other[0], *_VALUES.get(target.part, _JSON_VALUES)))
    return data[: chosen.start()] + value + data[chosen.end() :]


def _flip(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _set(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.choice((0, 1, 0x30, 0x7F, 0x80, 0xFF))


def _remove(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    start, end = _part(chance, data)
    del data[start:end]


def _repeat(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    start, end = _part(chance, data)
    data[end:end] = data[start:end] * chance.choice((1, 1, 2, 50))


def _move(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    start, end = _part(chance, data)
    place = chance.randrange(len(data) + 1)
    data[place:place] = data[start:end]


def _insert(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    place = chance.randrange(len(data) + 1)
    data[place:place] = _word(chance, words)


def _replace(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    start, end = _part(chance, data)
    data[start:end] = _word(chance, words)


def _end(chance: random.Random, data: bytearray, words: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _word(chance: random.Random, words: Sequence[bytes]) -> bytes:
    word = chance.choice(words)
    if len(word) <= _LONGEST_PART:
        return word
    start = chance.randrange(len(word))
    return word[start : start + chance.randint(1, _LONGEST_PART)]


def _part(chance: random.Random, data: bytearray) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.randint(1, _LONGEST_PART))


_CHANGES: tuple[Change, ...] = (
    *(_flip, _set, _remove, _repeat, _move),
    *(_insert, _insert, _replace, _replace, _end),
)
