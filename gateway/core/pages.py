"""Which pages of a document: `first`, `last`, `all`, `odd`, `even`, `1,3-5,-2`, or by text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.core.errors import DocumentFault
from gateway.core.facts import DocumentFacts, TextQuery

_WORDS = ("first", "last", "all", "odd", "even")
_RANGE = re.compile(r"(-?[1-9]\d{0,8})(?:\s*-\s*(-?[1-9]\d{0,8}))?")


@dataclass(frozen=True)
class Pages:
    """Chosen pages, in the order of the document."""

    written: str = "last"
    text: TextQuery | None = None
    """Of those, only pages on which these words are."""

    @classmethod
    def parse(cls, written: str) -> Pages:
        """Read a choice of pages.

        Raises `ValueError` with a sentence for the author when it is not one.
        """
        parts = [part.strip() for part in written.split(",")]
        if all(part in _WORDS or _RANGE.fullmatch(part) for part in parts):
            return cls(",".join(parts))
        raise ValueError(
            f"{written!r} chooses no pages: write first, last, all, odd, even, or numbers from 1 "
            "and from the end (-1, -2, …), such as 1,3-5,-2"
        )

    def choose(self, facts: DocumentFacts) -> tuple[int, ...]:
        """Return the chosen pages as indexes from 0.

        Raises `DocumentFault` (`plan.page-missing`) when one is not there, or none has the text.
        """
        count = len(facts.pages)
        chosen = sorted({index for part in self.written.split(",") for index in _of(part, count)})
        if self.text is not None:
            having = set(facts.pages_with(self.text))
            chosen = [index for index in chosen if index in having]
        if not chosen:
            wanted = self.written if self.text is None else f"text {self.text.words}"
            raise DocumentFault("plan.page-missing", f"page {wanted} of {count}")
        return tuple(chosen)


ANYWHERE = Pages("all")


def asked_for(written: str, count: int) -> frozenset[int]:
    """Return those of the written pages, indexes from 0, that a document of `count` pages has."""
    found: set[int] = set()
    for part in written.split(","):
        try:
            found.update(_of(part, count))
        except DocumentFault:
            continue
    return frozenset(found)


def _of(part: str, count: int) -> range:
    """Return the indexes that one part of a choice names."""
    named = {
        "first": range(1),
        "last": range(count - 1, count),
        "all": range(count),
        "odd": range(0, count, 2),
        "even": range(1, count, 2),
    }
    if part in named:
        return named[part]
    match = _RANGE.fullmatch(part)
    if match is None:
        raise ValueError(part)
    first = _index(match.group(1), count)
    last = first if match.group(2) is None else _index(match.group(2), count)
    return range(min(first, last), max(first, last) + 1)


def _index(written: str, count: int) -> int:
    number = int(written)
    index = number - 1 if number > 0 else count + number
    if not 0 <= index < count:
        raise DocumentFault("plan.page-missing", f"page {number} of {count}")
    return index
