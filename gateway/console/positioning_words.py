"""The words of the positioning page that its script writes, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.console.words import noted

Translate = Callable[[str], str]
Pairs = tuple[tuple[str, str], ...]

_SCRIPT = {
    "working": noted("working …"),
    "refused": noted("not possible so"),
    "placed": noted("Seals placed: {count}"),
    "page": noted("Page {number}"),
    "of": noted("of {count}"),
    "hit": noted("Occurrence {number}: {text}"),
    "hits": noted("{count} found"),
    "mark": noted("{seal}, page {page}: {x} mm from the left, {y} mm from the top"),
    "other": noted("In reality the rule {rule} would seal this document."),
    "none": noted("In reality no rule would match this document."),
    "effect": noted("{changed} of {looked} would change"),
    "effectUnreadable": noted("{changed} of {looked} would change; {unreadable} could not be read"),
    "picture": noted("Picture"),
    "pictureOf": noted("{name} with the changed seals"),
    "saved": noted("The rule file is written. The daemon takes it within seconds."),
    "filed": noted("It is asked for: another keeper has to confirm it."),
    "sizeHandle": noted("Size of the seal"),
    "turnHandle": noted("Turn of the seal"),
    "undone": noted("The former content is written back."),
    "undo": noted("Undo"),
    "discard": noted("Discard what was not saved?"),
    "handed": noted("Its ticket lies beside it."),
    "undoReason": noted("undone right after saving"),
}
_WAYS = {
    "corner": noted("in a corner"),
    "edge": noted("along an edge"),
    "point": noted("at a point"),
    "text": noted("at words"),
    "form-field": noted("at a form field"),
    "comment": noted("at a rectangle or comment"),
    "field": noted("into a signature field"),
    "straddle": noted("over the edges of pages"),
    "table": noted("by type of document"),
}
_CORNERS = {
    "top-left": noted("top left"),
    "top-right": noted("top right"),
    "bottom-left": noted("bottom left"),
    "bottom-right": noted("bottom right"),
    "center": noted("centre"),
}
_EDGES = {
    "left": noted("left"),
    "right": noted("right"),
    "top": noted("top"),
    "bottom": noted("bottom"),
}
_SIDES = {
    "over": noted("over them"),
    "right": noted("right of them"),
    "left": noted("left of them"),
    "above": noted("above them"),
    "below": noted("below them"),
}
_WHENCE = {"inbox": noted("Waiting"), "archive": noted("Archive"), "failed": noted("Failed")}


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
