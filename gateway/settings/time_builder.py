"""From `time_zone:`, `calendars:` and an inbox's `open:` and `sweeps:` to when it is attended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from gateway.core.calendars import Calendar, Closure, Hours
from gateway.core.opening import Opening
from gateway.core.schedules import Schedule
from gateway.settings.parsing import Notes
from gateway.settings.problems import Objection, did_you_mean
from gateway.settings.time_models import CalendarPart
from gateway.settings.yaml_file import Location


class TimeBuilder:
    """Builds the calendars of a site and notes every problem on the way."""

    def __init__(self, zone: str, path: Callable[[str], Path], notes: Notes) -> None:
        self._path = path
        self._notes = notes
        self._zone = self._find(zone)
        self._calendars: dict[str, Calendar] = {}

    def add_calendars(self, parts: dict[str, CalendarPart]) -> None:
        """Build the calendars that inboxes may name."""
        for name, part in parts.items():
            self._calendars[name] = self._calendar(("calendars", name), name, part)

    def opening(self, here: Location, calendar: str | None, sweeps: tuple[str, ...]) -> Opening:
        """Return when an inbox is attended."""
        found = self._calendars.get(calendar) if calendar is not None else None
        if calendar is not None and found is None:
            remedy = f"Define it below calendars:.{did_you_mean(calendar, self._calendars)}"
            what = f"There is no calendar {calendar}."
            self._notes.add((*here, "open"), "settings.unknown-name", what, remedy)
        return Opening(found, self.schedules((*here, "sweeps"), sweeps))

    def schedules(self, here: Location, written: tuple[str, ...]) -> tuple[Schedule, ...]:
        """Return schedules in the site's time zone, as far as they are such."""
        schedules = []
        for text in written:
            try:
                schedules.append(Schedule.parse(text, self._zone))
            except ValueError as error:
                what = f"{text} is no schedule: {error}."
                remedy = 'Write it as cron does: "0 18 * * mon-fri".'
                self._notes.add(here, "settings.wrong-value", what, remedy)
        return tuple(schedules)

    def _find(self, zone: str) -> ZoneInfo:
        try:
            return ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            known = available_timezones()
            what = f"There is no time zone {zone}."
            remedy = f"Write a name such as Europe/Berlin.{did_you_mean(zone, known)}"
            self._notes.add(("time_zone",), "settings.unknown-name", what, remedy)
            return ZoneInfo("UTC")

    def _calendar(self, here: Location, name: str, part: CalendarPart) -> Calendar:
        hours: list[Hours] = []
        for text in part.hours:
            try:
                hours.append(Hours.parse(text))
            except ValueError as error:
                what, remedy = f"{text} are no hours: {error}.", "Write Mon-Fri 08:00-18:00."
                self._notes.add((*here, "hours"), "settings.wrong-value", what, remedy)
        closures: tuple[Closure, ...] = ()
        if part.except_ is not None:
            from gateway.settings.holiday_file import closures_of  # noqa: PLC0415  # loads slowly

            try:
                closures = closures_of(self._path(part.except_))
            except Objection as found:
                self._notes.add((*here, "except"), found.code, found.what, found.remedy)
        return Calendar(name, self._zone, tuple(hours), closures)
