"""What commands say and do about inboxes that wait for their hours or for a sweep."""

from __future__ import annotations

from datetime import datetime

from gateway.cli.output import complain, say
from gateway.core.errors import SiteFault
from gateway.core.site import InboxSettings
from gateway.daemon.gate import ask_for_sweep, waits_until
from gateway.folders.inbox import FolderInbox
from gateway.pipeline.batches import look_into
from gateway.wiring import Site

Inboxes = tuple[tuple[InboxSettings, FolderInbox], ...]


def ask(site: Site, inboxes: Inboxes) -> None:
    """Let what waits be taken whatever the hour, by us or by the running daemon."""
    for settings, _ in inboxes:
        if settings.opening.limited:
            ask_for_sweep(site.equipment.memory, settings.name, site.equipment.clock.now())


def following(site: Site, names: frozenset[str]) -> frozenset[str]:
    """Return the inboxes whose files are taken as they come, so that they can be waited for."""
    now = site.equipment.clock.now()
    taking = (one.name for one, _ in site.inboxes if one.opening.takes(now))
    return names & frozenset(taking)


def until(site: Site, name: str) -> str:
    """Return when the files that wait in an inbox will be taken; empty when that is now."""
    (settings,) = (one for one, _ in site.inboxes if one.name == name)
    equipment = site.equipment
    moment = waits_until(equipment.memory, settings, equipment.clock.now())
    return _written(moment) if moment is not None else ""


def tell_waiting(site: Site, inboxes: Inboxes) -> None:
    """Say of each inbox with files that were not taken when they will be."""
    for settings, inbox in inboxes:
        moment = until(site, settings.name) if settings.opening.limited else ""
        if not moment:
            continue
        try:
            count = len(look_into(site.equipment, inbox).candidates)
        except SiteFault:
            continue  # it is held, which is told besides
        if count:
            files = "file waits" if count == 1 else "files wait"
            complain(f"inbox {settings.name}: {count} {files} until {moment}")


def tell_until(rows: list[tuple[str, int, int, str]], times: dict[str, str]) -> None:
    """Say of each inbox with waiting files when they will be taken, if that is not now."""
    for name, waiting, *_ in rows:
        if waiting and times[name]:
            say(f"waits    inbox {name}: waits until {times[name]}")


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
