"""From `ledger:` to its settings."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from pydantic import ValidationError

from gateway.core.ledger_settings import PostgresqlSettings
from gateway.core.secret import Secret
from gateway.settings.addresses import is_loopback
from gateway.settings.ledger_models import LedgerPart, PostgresqlPart
from gateway.settings.parsing import Notes
from gateway.settings.problems import Objection
from gateway.settings.secrets import resolve_secret
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.yaml_file import Location

_HERE: Location = ("ledger", "postgresql")


def build_ledger(
    part: LedgerPart, services: ServiceBuilder, notes: Notes
) -> PostgresqlSettings | None:
    """Return the database; None when the ledger is a file. Look at the notes before using it."""
    written = part.postgresql
    if written is None:
        return None
    if find_spec("psycopg") is None:
        what = "PostgreSQL needs a library that is not installed."
        notes.add(_HERE, "settings.wrong-value", what, "pip install 'sealgate[postgresql]'")
    password = services.secret((*_HERE, "password"), written.password)
    return _settings(written, password, services.file((*_HERE, "ca_file"), written.ca_file))


def ledger_of(
    root: Path, value: object, environment: Mapping[str, str]
) -> PostgresqlSettings | None:
    """Return the database that `gateway.yaml` names, be the rest of the file faulty.

    None as well when this part of it is faulty: that is told when the whole is built.
    """
    written = value.get("ledger") if isinstance(value, dict) else None
    try:
        part = LedgerPart.model_validate(written or {}).postgresql
        if part is None:
            return None
        known = part.password
        password = resolve_secret(known, root, environment) if known is not None else None
    except (ValidationError, Objection):
        return None
    return _settings(part, password, root / part.ca_file if part.ca_file is not None else None)


def _settings(
    part: PostgresqlPart, password: Secret | None, ca_file: Path | None
) -> PostgresqlSettings:
    here = part.host.startswith("/") or is_loopback(part.host)
    return PostgresqlSettings(
        host=part.host,
        port=part.port,
        database=part.database,
        user=part.user,
        password=password,
        encrypted=part.encryption == "tls" or (part.encryption is None and not here),
        ca_file=ca_file,
        takeover=part.takeover,
    )
