"""The command that probes one folder: `sealgate doctor FOLDER`."""

from __future__ import annotations

import argparse

from gateway.cli.output import complain, show
from gateway.core.names import display
from gateway.folders.finding import Result
from gateway.folders.probing import probe
from gateway.wiring import SystemClock


def doctor_folder(chosen: argparse.Namespace) -> int:
    """Probe a folder; exit 1 when it could not be used as an inbox."""
    found = probe(chosen.folder.absolute(), SystemClock())
    rows = [(one.what, one.result.value, one.detail) for one in found]
    title = f"Doctor, {display(str(chosen.folder))}"
    show(title, ("what", "result", "detail"), rows, as_json=chosen.json)
    failed = sum(one.result is Result.FAIL for one in found)
    if failed and not chosen.json:
        complain(f"{failed} of {len(rows)} checks failed")
    return 1 if failed else 0
