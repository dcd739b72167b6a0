"""When an inbox is attended: always, in the hours of a calendar, or when a sweep is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.core.calendars import Calendar
from gateway.core.schedules import Schedule


@dataclass(frozen=True)
class Opening:
    """The hours and the sweeps of one inbox."""

    calendar: Calendar | None = None
    """Outside of its hours nothing is taken."""
    sweeps: tuple[Schedule, ...] = ()
    """When not empty, files are taken at these times only, all that wait then."""

    @property
    def limited(self) -> bool:
        """Tell whether there is a time at which files wait."""
        return self.calendar is not None or bool(self.sweeps)

    def due(self, last: datetime, now: datetime) -> bool:
        """Tell whether a sweep is due that was not begun, the latest having been looked at `last`.

        One that comes due outside of the hours waits for them.
        """
        firing = self._firing(last)
        return firing is not None and firing <= now and self._is_open(now)

    def opens(self, last: datetime, now: datetime) -> datetime | None:
        """Return when files that wait will be taken; None when that is now, or never."""
        if self.sweeps:
            firing = self._firing(last)
            moment = None if firing is None else max(firing, now)
        else:
            moment = now
        if moment is not None and self.calendar is not None:
            moment = self.calendar.next_opening(moment)
        return moment if moment is not None and moment > now else None

    def takes(self, now: datetime) -> bool:
        """Tell whether files are taken as they come."""
        return not self.sweeps and self._is_open(now)

    def _is_open(self, now: datetime) -> bool:
        return self.calendar is None or self.calendar.is_open(now)

    def _firing(self, last: datetime) -> datetime | None:
        firings = (schedule.next_after(last) for schedule in self.sweeps)
        return min((found for found in firings if found is not None), default=None)
