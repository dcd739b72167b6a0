"""One manifest, read so that it cannot hurt: plain, bounded, UTF-8, CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from gateway.core.batches import Listed, Manifest, is_manifest
from gateway.core.errors import SiteFault
from gateway.core.names import LONGEST, display, is_partial
from gateway.settings.ticket_file import ticket_from
from gateway.settings.ticket_models import TicketFile
from gateway.settings.written import Part
from gateway.settings.yaml_text import printable

LARGEST = 4 * 1024 * 1024
"""Bytes."""
MOST = 10_000
"""Documents of one batch."""
_MOST_TOLD = 3
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def _file(value: str) -> str:
    if "/" in value or "\\" in value or is_partial(value) or is_manifest(value):
        raise ValueError("name a document in the manifest's own folder")
    if not value.isprintable() or not 0 < len(value.encode("utf-8", "surrogatepass")) <= LONGEST:
        raise ValueError("no file can have this name")
    return value


class MemberPart(TicketFile):
    """A document of the batch, and what a ticket could ask for it."""

    file: Annotated[str, AfterValidator(_file)]
    """Name of the document, in the manifest's folder."""


class ManifestFile(Part):
    """The manifest of a batch: NAME.batch.json."""

    count: int | None = None
    """How many documents it lists; a manifest with another number of them is refused."""
    documents: Annotated[tuple[MemberPart, ...], Field(min_length=1, max_length=MOST)]
    """What belongs to the batch."""


def read_manifest(path: Path, name: str) -> Manifest:
    """Read a manifest called `name`; what is wrong with it is said in what is returned.

    Raises `SiteFault` when this machine cannot read it now.
    """
    shown = display(name)
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise SiteFault("site.input-output", f"{display(str(path))}: {error.strerror}") from error
    if len(content) > LARGEST:
        return Manifest(problem=f"{shown}: it is larger than 4 MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Manifest(problem=f"{shown}:{line}: this line is not UTF-8")
    rows = _json_rows if name.lower().endswith(".json") else _csv_rows
    try:
        listed = tuple(rows(text))
    except ValidationError as error:
        return Manifest(problem=_told(shown, error))
    except ValueError as error:
        return Manifest(problem=f"{shown}: {printable(str(error))}")
    return _checked(shown, listed)


def _json_rows(text: str) -> Iterator[Listed]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: this is not valid JSON: {error.msg}") from None
    except RecursionError:
        raise ValueError("this is nested too deeply") from None
    parsed = ManifestFile.model_validate(value)
    if parsed.count is not None and parsed.count != len(parsed.documents):
        raise ValueError(f"count is {parsed.count}, but it lists {len(parsed.documents)}")
    yield from map(_listed, parsed.documents)


def _csv_rows(text: str) -> Iterator[Listed]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",", strict=True)
    try:
        columns = [column.strip().lower() for column in next(reader, [])]
        unknown = [column for column in columns if column not in MemberPart.model_fields]
        if unknown or "file" not in columns or len(set(columns)) < len(columns):
            known = ", ".join(sorted(MemberPart.model_fields))
            wrong = f"there is no column {unknown[0]}" if unknown else "each once, file among them"
            raise ValueError(f"line 1: write the columns' names: {wrong}; there are {known}")
        for number, row in enumerate(reader):
            if not any(row):
                continue
            if number >= MOST or len(row) > len(columns):
                raise ValueError(f"line {reader.line_num}: there are too many rows or columns")
            yield _from_row(reader.line_num, dict(zip(columns, row, strict=False)))
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from None


def _from_row(line: int, row: dict[str, str]) -> Listed:
    values: dict[str, Any] = {key: text.strip() for key, text in row.items() if text.strip()}
    try:
        return _listed(MemberPart.model_validate(values))
    except ValidationError as error:
        first = error.errors()[0]
        column = ".".join(map(str, first["loc"]))
        raise ValueError(f"line {line}, {column}: {first['msg']}") from None


def _listed(part: MemberPart) -> Listed:
    return Listed(part.file, ticket_from(part))


def _checked(shown: str, listed: tuple[Listed, ...]) -> Manifest:
    """Refuse a manifest that lists nothing, or a file twice."""
    seen: set[str] = set()
    for one in listed:
        if one.file in seen:
            return Manifest(problem=f"{shown}: it lists {display(one.file)} twice")
        seen.add(one.file)
    return Manifest(listed) if listed else Manifest(problem=f"{shown}: it lists nothing")


def _told(shown: str, error: ValidationError) -> str:
    problems = error.errors()
    told = [
        f"{'/'.join(map(str, one['loc'])) or 'the whole'}: {one['msg']}"
        for one in problems[:_MOST_TOLD]
    ]
    more = f"; and {len(problems) - len(told)} more" if len(problems) > len(told) else ""
    return f"{shown}: {printable('; '.join(told))}{more}"
