"""From `log:` to its settings."""

from __future__ import annotations

from gateway.core.log_timestamps import LogTimestampSettings
from gateway.core.services import TimestampSettings
from gateway.settings.log_models import LogPart
from gateway.settings.parsing import Notes
from gateway.settings.problems import did_you_mean
from gateway.settings.time_builder import TimeBuilder
from gateway.settings.yaml_file import Location

_HERE: Location = ("log", "timestamp")


def build_log_timestamp(
    part: LogPart, authorities: tuple[TimestampSettings, ...], times: TimeBuilder, notes: Notes
) -> LogTimestampSettings | None:
    """Return when the log's head is stamped; None when never, or with the problem noted."""
    if part.timestamp is None:
        return None
    names = [one.name for one in authorities]
    name = part.timestamp.authority
    if not names:
        what, remedy = "There is no time-stamp authority.", "Name one below timestamp: {url: …}."
        notes.add(_HERE, "settings.missing-key", what, remedy)
    elif name is not None and name not in names:
        remedy = f"Name one of timestamp:.{did_you_mean(name, names)}"
        what = f"There is no time-stamp authority {name}."
        notes.add((*_HERE, "authority"), "settings.unknown-name", what, remedy)
    hour, minute = part.timestamp.daily.split(":")
    found = times.schedules((*_HERE, "daily"), (f"{int(minute)} {int(hour)} * * *",))
    return LogTimestampSettings(found[0], name or "") if found else None
