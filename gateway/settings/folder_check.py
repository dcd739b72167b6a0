"""Folders of a site: none may lie in another, or results would be taken for new documents."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.core.site import SiteSettings
from gateway.settings.parsing import Notes
from gateway.settings.yaml_file import Location


def check_folders(settings: SiteSettings, notes: Notes) -> None:
    """Note every folder that is one with another, lies in another, or is no folder."""
    named = _named(settings)
    for index, (location, name, path) in enumerate(named):
        if path.exists() and not path.is_dir():
            what = f"{path} is no folder."
            notes.add(location, "settings.wrong-value", what, "Name a folder.")
        for _, other_name, other in named[:index]:
            if path.is_relative_to(other) or other.is_relative_to(path):
                what = f"{name} and {other_name} are one folder, or one lies in the other."
                remedy = "Give each a folder of its own."
                notes.add(location, "settings.wrong-value", what, remedy)


def _named(settings: SiteSettings) -> list[tuple[Location, str, Path]]:
    """Return location, name and real path of every folder; links must not hide a loop."""
    named: list[tuple[Location, str, Path]] = [
        ((key,), key, getattr(settings, key))
        for key in ("outbox", "archive", "failed", "state", "rules")
    ]
    named += [
        (("inboxes", inbox.name, "path"), f"inbox {inbox.name}", inbox.path)
        for inbox in settings.inboxes
    ]
    return [(location, name, Path(os.path.realpath(path))) for location, name, path in named]
