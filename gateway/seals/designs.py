"""Reading designs: from what an author wrote to canonical JSON, and from that to the models."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.core.errors import DocumentFault
from gateway.seals.design_models import AnyDesign, Design
from gateway.seals.placeholders import used

_LARGEST = 8_000_000
_TAGS = {"round", "oval", "block", "name", "handwriting", "text", "code", "star", "emblem"}


def parse_design(value: object) -> bytes:
    """Return the canonical JSON of a design, given as JSON in bytes or text, or as a mapping.

    Every key is written out, so that a stored design looks the same under later defaults. Raises
    `ValueError` with all objections, a line each.
    """
    if isinstance(value, bytes | str):
        value = _from_json(value)
    try:
        design = Design.model_validate(value)
    except ValidationError as error:
        raise ValueError("\n".join(_objections(error))) from error
    plain = design.model_dump(mode="json", exclude_none=False)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_design(design: bytes) -> AnyDesign:
    """Return the model of a stored design; raises `DocumentFault` (`seal.design-invalid`)."""
    try:
        return Design.model_validate(_from_json(design)).root
    except ValidationError as error:
        raise DocumentFault("seal.design-invalid", "; ".join(_objections(error))) from error
    except ValueError as error:
        raise DocumentFault("seal.design-invalid", str(error)) from error


def changing(design: bytes) -> frozenset[str]:
    """Return the placeholders that a design uses; empty when one drawing serves for ever.

    Raises `DocumentFault` (`seal.design-invalid`).
    """
    return placeholders_of(read_design(design))


def placeholders_of(design: AnyDesign) -> frozenset[str]:
    """Return the placeholders of a design that was read."""
    return frozenset().union(*(used(text) for text in texts(design)))


def texts(part: BaseModel) -> Iterator[str]:
    """Give every text of a design that may hold placeholders."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name in ("text", "content") and isinstance(value, str):
            yield value
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from texts(item)


def _from_json(text: bytes | str) -> object:
    if len(text) > _LARGEST:
        raise ValueError(f"the design is larger than {_LARGEST // 10**6} MB")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("this is not JSON") from error


def _objections(error: ValidationError) -> list[str]:
    return [_objection(item) for item in error.errors(include_url=False, include_context=False)]


def _objection(item: ErrorDetails) -> str:
    where = _where(item["loc"])
    return f"{where}: {_words(item)}" if where else _words(item)


def _where(location: tuple[int | str, ...]) -> str:
    """Return the keys that lead to a value, without the kinds that pydantic puts among them."""
    keys = list(location)
    if keys and keys[0] in _TAGS:
        keys = keys[1:]
    if len(keys) > 1 and keys[0] == "middle" and keys[1] in _TAGS:
        del keys[1]
    return "".join(f"[{key + 1}]" if isinstance(key, int) else f".{key}" for key in keys).strip(".")


_KINDS = "round, oval, block, name, handwriting, text, code"
_SENTENCES = {
    "extra_forbidden": "this key is not known here",
    "missing": "this key is missing",
    "union_tag_not_found": f"it must say its kind: {_KINDS}",
    "union_tag_invalid": f"this kind is not known; there are {_KINDS}",
    "string_too_short": "write something here",
    "string_pattern_mismatch": "write something here",
    "string_too_long": "the text is too long",
    "too_long": "the list is too long",
    "too_short": "the list is too short",
    "model_type": "write keys and values here",
    "model_attributes_type": "write keys and values here",
    "float_type": "write a number",
    "float_parsing": "write a number",
    "int_type": "write a whole number",
    "int_from_float": "write a whole number",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "string_type": "write a text",
    "tuple_type": "write a list",
}


def _words(item: ErrorDetails) -> str:
    if item["type"].startswith("union_tag") and "middle" in item["loc"]:
        return "it must say its shape: star, emblem, text"
    if item["type"] in _SENTENCES:
        return _SENTENCES[item["type"]]
    message = item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    changed = message != item["msg"] and not item["msg"].startswith("Value error")
    return f"it must be {message}" if changed else message
