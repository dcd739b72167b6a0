"""What may stand in `gateway.yaml` about time: calendars."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.written import Names, Part, PathText


class CalendarPart(Part):
    """Hours in which inboxes are attended."""

    hours: Annotated[Names, Field(min_length=1)]
    """Days and hours in the site's time zone, such as Mon-Fri 08:00-18:00; a list for several."""
    except_: Annotated[PathText | None, Field(alias="except")] = None
    """An iCalendar file: on the days of its all-day events it is closed."""
