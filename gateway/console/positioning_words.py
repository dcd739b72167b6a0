"""The words of the positioning page that its script writes, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Translate = Callable[[str], str]
Pairs = tuple[tuple[str, str], ...]

_SCRIPT = {
    "working": "working …",
    "refused": "not possible so",
    "placed": "Seals placed: {count}",
    "page": "Page {number}",
    "of": "of {count}",
    "hit": "Occurrence {number}: {text}",
    "hits": "{count} found",
    "mark": "{seal}, page {page}: {x} mm from the left, {y} mm from the top",
    "other": "In reality the rule {rule} would seal this document.",
    "none": "In reality no rule would match this document.",
    "effect": "{changed} of {looked} would change",
    "effectUnreadable": "{changed} of {looked} would change; {unreadable} could not be read",
    "picture": "Picture",
    "pictureOf": "{name} with the changed seals",
    "saved": "The rule file is written. The daemon takes it within seconds.",
    "undone": "The former content is written back.",
    "undo": "Undo",
    "discard": "Discard what was not saved?",
    "handed": "Its ticket lies beside it.",
    "undoReason": "undone right after saving",
}
_WAYS = {
    "corner": "in a corner",
    "edge": "along an edge",
    "point": "at a point",
    "text": "at words",
    "form-field": "at a form field",
    "comment": "at a rectangle or comment",
    "field": "into a signature field",
    "straddle": "over the edges of pages",
    "table": "by type of document",
}
_CORNERS = {
    "top-left": "top left",
    "top-right": "top right",
    "bottom-left": "bottom left",
    "bottom-right": "bottom right",
    "center": "centre",
}
_EDGES = {"left": "left", "right": "right", "top": "top", "bottom": "bottom"}
_SIDES = {
    "over": "over them",
    "right": "right of them",
    "left": "left of them",
    "above": "above them",
    "below": "below them",
}
_WHENCE = {"inbox": "Waiting", "archive": "Archive", "failed": "Failed"}


@dataclass(frozen=True)
class PositioningWords:
    """Words by what they stand for; those of the script may have more words in them."""

    script: dict[str, object]
    ways: Pairs
    corners: Pairs
    edges: Pairs
    sides: Pairs


def words_of(translate: Translate) -> PositioningWords:
    """Return the words in a language."""
    script: dict[str, object] = {key: translate(words) for key, words in _SCRIPT.items()}
    script["ways"] = dict(_pairs(_WAYS, translate))
    script["whence"] = dict(_pairs(_WHENCE, translate))
    return PositioningWords(
        script=script,
        ways=_pairs(_WAYS, translate),
        corners=_pairs(_CORNERS, translate),
        edges=_pairs(_EDGES, translate),
        sides=_pairs(_SIDES, translate),
    )


def _pairs(words: dict[str, str], translate: Translate) -> Pairs:
    return tuple((value, translate(label)) for value, label in words.items())
