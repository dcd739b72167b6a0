"""Writes `docs/errors.md` from the closed list: `python -m gateway.core.error_page`."""

from __future__ import annotations

import sys

from gateway.core.error_codes import CODES, ErrorCode, Scope

_INTRODUCTION = """\
# Error codes

Every error that Sealgate tells of, in a receipt, in the signing log or on the command line, has
one of these codes. The list is closed: nothing else appears, and a code once released keeps its
name and meaning.

This page is written by `python -m gateway.core.error_page > docs/errors.md`.
"""

_SECTIONS = {
    Scope.DOCUMENT: (
        "Documents",
        "One document fails: it goes to `failed/` with a receipt. Its neighbours go on.",
    ),
    Scope.WAITING: (
        "Waiting",
        "One document waits, alone, and nothing is spent on it. Its neighbours go on.",
    ),
    Scope.SERVICE: (
        "Services",
        "The work of one remote service is held. No document fails; work resumes by itself.",
    ),
    Scope.SITE: (
        "This machine",
        "Work is held until the machine can do it again. No document fails.",
    ),
    Scope.NOTICE: (
        "Notices",
        "A notice waits or is laid aside. No document waits for it, and none fails.",
    ),
    Scope.ACCESS: (
        "People",
        "One person is not let in, or may not do this. Nothing else is touched.",
    ),
    Scope.CONFIGURATION: (
        "Configuration",
        "Nothing starts. Each problem is told with file, line and column.",
    ),
    Scope.USAGE: ("Commands", "A command asks for something that cannot be; nothing was done."),
    Scope.INTERNAL: ("Unforeseen", "A defect of ours: the document is set aside, unharmed."),
}


def page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_INTRODUCTION, *(_section(scope) for scope in _SECTIONS)])


def _section(scope: Scope) -> str:
    title, what = _SECTIONS[scope]
    rows = [_row(entry) for entry in CODES.values() if entry.scope is scope]
    return "\n".join(
        [f"## {title}\n", f"{what}\n", "| code | meaning | remedy |", "|---|---|---|", *rows, ""]
    )


def _row(entry: ErrorCode) -> str:
    meaning, remedy = (text.replace("|", r"\|") for text in (entry.meaning, entry.remedy))
    return f"| `{entry.code}` | {meaning} | {remedy} |"


if __name__ == "__main__":
    sys.stdout.write(page())
