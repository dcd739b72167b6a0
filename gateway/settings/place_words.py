"""A place that was changed, in the words in which its author wrote it."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.places import AtCorner, AtEdge, AtPoint, Place, Straddle
from gateway.settings.yaml_nodes import Value

Words = dict[str, Value]
"""A place as it stands in a rule file."""


def in_words(written: Words, place: Place) -> Words:
    """Return the written place with what the changed one says, but for its pages.

    A key that says what holds without it is left out, unless its author wrote it.
    """
    words = dict(written)
    match place.spot:
        case AtCorner(corner, margin):
            _say(words, "corner", str(corner))
            _say(words, "margin", str(margin), without="0mm")
        case AtEdge(edge, along, margin):
            _say(words, "edge", str(edge))
            _say(words, "along", str(along), without="50%")
            _say(words, "margin", str(margin), without="0mm")
        case AtPoint(x, y, _):
            words |= {"x": str(x), "y": str(y)}
        case Straddle():
            straddle = words.get("straddle")
            inner = dict(straddle) if isinstance(straddle, dict) else {}
            _say(inner, "along", str(place.spot.along), without="50%")
            return _sized(words | {"straddle": inner}, place)
    return _sized(_shifted(words, place), place)


def _sized(words: Words, place: Place) -> Words:
    """Say how large the seal is, and how far it is turned; nothing where it is as it is."""
    kept = {key: value for key, value in words.items() if key not in ("width", "rotation")}
    if place.width is not None:
        kept["width"] = str(place.width)
    if place.rotation:
        kept["rotation"] = f"{place.rotation:g}"
    return kept


def _shifted(words: Words, place: Place) -> Words:
    x, y = str(place.offset_x), str(place.offset_y)
    if "offset" in words or (x, y) != ("0mm", "0mm"):
        words["offset"] = {"x": x, "y": y}
    if (x, y) == ("0mm", "0mm"):
        words.pop("offset", None)
    return words


def _say(words: Words, key: str, value: str, *, without: str = "") -> None:
    if key in words or value != without:
        words[key] = value


def at_path(places: Sequence[Words], path: str) -> Words:
    """Return the words of a place: `1` is the second one, `1.0` the first of its fallbacks.

    Raises `KeyError` when there is none.
    """
    first, *rest = path.split(".")
    found = _item(places, first)
    for step in rest:
        fallback = found.get("fallback")
        found = _item(fallback if isinstance(fallback, list) else [fallback], step)
    return found


def with_path(places: Sequence[Words], path: str, words: Words) -> tuple[Words, ...]:
    """Return places with the words of one of them replaced; raises like `at_path`."""
    first, _, rest = path.partition(".")
    place = _item(places, first)
    if rest:
        fallback = place.get("fallback")
        inner = fallback if isinstance(fallback, list) else [fallback]
        changed = with_path([one for one in inner if isinstance(one, dict)], rest, words)
        again: Value = list(changed) if isinstance(fallback, list) else changed[0]
        place = place | {"fallback": again}
    else:
        place = words
    index = int(first)
    return (*places[:index], place, *places[index + 1 :])


def _item(places: Sequence[object], step: str) -> Words:
    index = int(step) if step.isdecimal() else len(places)
    found = places[index] if index < len(places) else None
    if not isinstance(found, dict):
        raise KeyError(step)
    return found
