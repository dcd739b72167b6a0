"""Changed inputs, the same ones for the same number."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from tests.fuzz.target import Target

_MOST_CHANGES = 4
_LONGEST_PART = 64
_STRANGE = (b"", b"\0", b"\xff", b"-1", b"99999999999999999999", b"1e999", b"null", b"\xed\xa0\x80")
Change = Callable[[random.Random, bytearray, Sequence[bytes]], None]


def mutations(target: Target, count: int, first: int = 0) -> Iterator[bytes]:
    """Yield inputs made of a target's seeds and kept inputs, each of several small changes."""
    seeds = [*target.seeds(), *(data for _, data in target.kept())]
    words = [*target.words, *_STRANGE]
    for number in range(first, first + count):
        chance = random.Random(f"{target.name} {number}")  # it has to be repeatable
        data = bytearray(chance.choice(seeds)[: target.longest])
        for _ in range(chance.randint(1, _MOST_CHANGES)):
            chance.choice(_CHANGES)(chance, data, [*words, chance.choice(seeds)])
        yield bytes(data[: target.longest])


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
