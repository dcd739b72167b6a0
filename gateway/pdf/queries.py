"""Queries made ready to be searched in folded text."""

from __future__ import annotations

import re

from gateway.core.facts import TextQuery
from gateway.pdf.letters import Letters, fold, is_square


def pattern_of(query: TextQuery) -> re.Pattern[str] | None:
    """Return what finds a query's words in folded text; None when they fold to nothing.

    Words are found whatever space stands, or does not, between Chinese and other writing. In an
    expression a plain space stands for any one space or line's end, characters are folded each by
    itself, and `.` ends at the line's end.
    """
    if query.expression:
        return _expression(query.words)
    letters = fold(query.words, hyphens=False)
    return re.compile(_literal(letters)) if letters.text else None


def _literal(letters: Letters) -> str:
    parts: list[str] = []
    for index, letter in enumerate(letters.text):
        if letter.isspace():
            loose = letters.square[index - 1] or letters.square[index + 1]
            parts.append(r"\s?" if loose else r"\s")
            continue
        if index and not letters.text[index - 1].isspace():
            loose = letters.square[index] or letters.square[index - 1]
            parts.append(r"\s?" if loose else "")
        parts.append(re.escape(letter))
    return "".join(parts)


def _expression(words: str) -> re.Pattern[str] | None:
    """Fold an expression's own characters; as it was written where that breaks it."""
    try:
        written = re.compile(words)
        if written.flags & re.VERBOSE:
            return written
        return re.compile(_folded(words))
    except (re.error, RecursionError, OverflowError):
        try:
            return re.compile(words)
        except (re.error, RecursionError, OverflowError):
            return None


def _folded(words: str) -> str:
    parts: list[str] = []
    escaped = bracketed = False
    for index, character in enumerate(words):
        if escaped:
            parts.append(_escaped(character))
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == " " and not bracketed:
            parts.append(_space(words, index))
        elif ord(character) > 127:
            parts.append(_plain(character, bracketed=bracketed))
        else:
            bracketed = character == "[" or (bracketed and character != "]")
            parts.append(character)
    return "".join(parts)


def _escaped(character: str) -> str:
    if character == " ":
        return r"\s"
    return "\\" + character if ord(character) <= 127 else _plain(character, bracketed=False)


def _space(words: str, index: int) -> str:
    """Return what a space in an expression stands for: nothing between two square characters."""
    before, after = words[:index].rstrip(" "), words[index + 1 :].lstrip(" ")
    if before and after and is_square(before[-1]) and is_square(after[0]):
        return ""
    return r"\s"


def _plain(character: str, *, bracketed: bool) -> str:
    """Fold one character of an expression, so that it never becomes an operator."""
    folded = fold(character).text
    if folded == character or not folded:
        return character
    safe = re.escape(folded)
    return safe if bracketed or len(folded) == 1 else f"(?:{safe})"
