"""Work of a seal's keeper on a site under test."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.cli import main
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite

RULES = """\
inbox: documents
rules:
  - {name: letters, match: {path: "letters/**"}, seal: registered, place: {margin: 15mm}}
  - {name: rest, seal: registered, place: {margin: 15mm}}
"""


@dataclass(frozen=True)
class Done:
    """What a command returned and printed."""

    returncode: int
    stdout: str
    stderr: str


Keep = Callable[..., Done]


def keeper(site: TestSite) -> Keep:
    """Return a function that runs a command on the site in this process, for speed."""

    def run(*arguments: str) -> Done:
        out, complaints = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(complaints):
            code = main([*arguments, "--site", str(site.root)])
        return Done(code, out.getvalue(), complaints.getvalue())

    return run


def facts(keep: Keep, *arguments: str) -> Any:
    """Return what a command prints as JSON."""
    return json.loads(keep(*arguments, "--json").stdout)


def picture(site: TestSite) -> Path:
    """Return a seal's picture."""
    return site.root / "seals" / "company-seal.png"


def drop(site: TestSite, *names: str) -> None:
    """Drop documents."""
    for name in names:
        write_pdf(site.inbox / f"{name}.pdf", (name,))


def receipts(site: TestSite) -> dict[str, Any]:
    """Return the receipts in the outbox, by the document's name."""
    found = (json.loads(path.read_text()) for path in site.outbox.rglob("*.receipt.json"))
    return {receipt["original"]["name"]: receipt for receipt in found}
