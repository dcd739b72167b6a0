"""What an inbox may say about files that steer others: tickets and triggers."""

from __future__ import annotations

import re
from typing import Annotated, Protocol

from pydantic import AfterValidator

from gateway.core.names import is_partial
from gateway.core.site import Tickets

_TRIGGER = re.compile(r"^\.[A-Za-z0-9_-]{1,20}$")
_DOCUMENTS = (".pdf", ".yaml", ".json")


def _trigger(value: str) -> str:
    if not _TRIGGER.match(value):
        raise ValueError("write an ending with its dot, such as .done")
    if value.lower() in _DOCUMENTS or is_partial("x" + value):
        raise ValueError("files with this ending are something else; write one such as .done")
    return value


Trigger = Annotated[str, AfterValidator(_trigger)]


class Steered(Protocol):
    """The part of an inbox that says which files steer others."""

    @property
    def tickets(self) -> str | None:
        """Return the word for it, or None."""

    @property
    def trigger(self) -> str | None:
        """Return the ending, or None."""


def control(part: Steered | None) -> dict[str, object]:
    """Return the settings of an inbox that are not as they are written."""
    if part is None:
        return {}
    tickets = Tickets(part.tickets) if part.tickets is not None else None
    return {"tickets": tickets, "trigger": part.trigger or ""}
