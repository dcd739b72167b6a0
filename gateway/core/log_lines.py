"""Lines of the daemon's log as JSON objects, for programs that collect logs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.core.chain import LogEntry
from gateway.core.names import display


def line_of_entry(entry: LogEntry, job: Mapping[str, str]) -> str:
    """Return an entry of the signing log as one line; `job` names what is known of its job.

    What the entry says itself counts more than what the job says.
    """
    first = {"at": entry.at, "event": entry.event}
    if entry.job:
        first["job"] = entry.job
    own = {key: value for key, value in entry.details if key not in first}
    last = {"actor": entry.actor, "sequence": entry.sequence, "hash": entry.hash}
    return _line({**first, **job, **own, **last})


def line_of_saying(text: str, at: datetime) -> str:
    """Return what the daemon says beside the log as one line, as the event `daemon.said`."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return _line({"at": moment, "event": "daemon.said", "text": text})


def _line(content: Mapping[str, object]) -> str:
    shown = {
        key: display(value) if isinstance(value, str) else value for key, value in content.items()
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
