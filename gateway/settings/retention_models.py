"""What may stand in `gateway.yaml` about how long the archive keeps its files."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.core.retention import Retention


def _retention(value: object) -> Retention:
    if isinstance(value, Retention):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a text")
    return Retention.parse(value)


RetentionText = Annotated[
    Retention, BeforeValidator(_retention), WithJsonSchema({"type": "string"})
]
