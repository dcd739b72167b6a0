"""What may stand in `gateway.yaml` about the signing log."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.written import Name, Part

Daily = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class LogTimestampPart(Part):
    """The time-stamp over the log's head, after which nobody can rewrite what was there before."""

    daily: Daily
    """When, in the site's time zone, such as 02:30."""
    authority: Name | None = None
    """Name of the time-stamp authority; else those of timestamp:, in their order."""


class LogPart(Part):
    """The signing log."""

    timestamp: LogTimestampPart | None = None
    """The daily time-stamp over the log's head."""
