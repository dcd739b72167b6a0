"""What may stand in `gateway.yaml` about the archive and how long it keeps its files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.core.retention import Retention
from gateway.settings.written import Names, Part, PathText


def _retention(value: object) -> Retention:
    if isinstance(value, Retention):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a text")
    return Retention.parse(value)


RetentionText = Annotated[
    Retention, BeforeValidator(_retention), WithJsonSchema({"type": "string"})
]


def _keeping(value: object) -> object:
    return {"keep": value} if isinstance(value, str) else value


class RetentionPart(Part):
    """How long archived files are kept, and when they are removed."""

    keep: RetentionText
    """How long, such as 90d, 18mo or 10y."""
    purge: Names = ()
    """When the daemon removes what may go, in cron's five fields; else only the command does."""


ChosenRetention = Annotated[
    RetentionPart, BeforeValidator(_keeping, json_schema_input_type=str | RetentionPart)
]


def _archive(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


class ArchivePart(Part):
    """The archive."""

    path: PathText = "archive"
    """Its folder."""
    immutable: Annotated[
        Literal["false", "true", "require"], WithJsonSchema({"enum": [False, True, "require"]})
    ] = "false"
    """Archived files get the flag of chattr +i where that is possible; require: or work is held."""


ChosenArchive = Annotated[
    ArchivePart, BeforeValidator(_archive, json_schema_input_type=str | ArchivePart)
]
