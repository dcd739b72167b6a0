"""From `push:` to the remote folders that get results, checking what models cannot."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.remotes import PushSettings
from gateway.core.site import InboxSettings
from gateway.settings.parsing import Notes
from gateway.settings.push_models import PushPart
from gateway.settings.remote_builder import build_server
from gateway.settings.service_builder import ServiceBuilder
from gateway.settings.yaml_file import Location


def build_pushes(
    pushes: Mapping[str, PushPart],
    inboxes: tuple[InboxSettings, ...],
    services: ServiceBuilder,
    notes: Notes,
) -> tuple[PushSettings, ...]:
    """Return the pushes of a site; look at the notes before using them."""
    built = []
    filling = {one.remote.where: one.name for one in inboxes if one.remote is not None}
    for name, part in pushes.items():
        here: Location = ("push", name)
        if any(inbox.name == name for inbox in inboxes):
            # What goes wrong is told as remote:NAME, of the one as of the other.
            what = f"An inbox is called {name}, too."
            remedy = "Name it otherwise, so that troubles can be told apart."
            notes.add(here, "settings.duplicate-name", what, remedy)
        remote = build_server(here, part, services, notes)
        if remote is None:
            continue
        if remote.where in filling:
            what = f"The inbox {filling[remote.where]} is filled from this folder."
            remedy = "Name another one: else each result would be sealed again, without end."
            notes.add((*here, "url"), "settings.wrong-value", what, remedy)
        built.append(PushSettings(name, remote, part.from_ or "", part.receipts))
    return tuple(built)
