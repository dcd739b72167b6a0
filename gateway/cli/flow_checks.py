"""What `sealgate doctor` finds out about the folders of contract flows' parties."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.cli.output import Cell
from gateway.core.flow_definition import Party
from gateway.ports import Verdict
from gateway.wiring import Site

_FOLDERS = ("todo", *(verdict.value for verdict in Verdict), "done", "refused")


def party_checks(site: Site) -> Iterator[tuple[Cell, ...]]:
    """Yield what was found; nothing where there are no flows."""
    parties = {party.name: party for flow in site.rules.flows() for party in flow.parties}
    for party in parties.values():
        result, detail = party_folder(site.loaded.settings.parties / party.name, party)
        yield f"party {party.name}", result, detail


def party_folder(home: Path, party: Party) -> tuple[str, str]:
    """Return whether a party's folders can be used, and in words what was found."""
    folders = [home / name for name in _FOLDERS]
    missing = [folder.name for folder in folders if not folder.is_dir()]
    if len(missing) == len(folders):
        return "ok", "its folders are made when the daemon starts"
    if missing:
        return "fail", f"{home}: {', '.join(missing)} missing; made anew when the daemon starts"
    for folder in folders:
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return "fail", f"{folder} cannot be read and written"
        mode = folder.stat().st_mode
        if mode & stat.S_ISVTX and os.geteuid() not in (0, folder.stat().st_uid):
            return "fail", f"{folder} is sticky: only its owner may take files out of it"
    open_to_all = [one.name for one in folders if one.stat().st_mode & stat.S_IWOTH]
    if open_to_all:
        return "warning", f"everybody may write into {', '.join(open_to_all)}, and so act for it"
    told = party.mail or party.user or party.group
    return "ok", f"acts by {home}" + (f"; {told}" if told else "")
