"""Whose a file is, by the name of the machine's user."""

from __future__ import annotations

import os
import pwd


def owner_name(status: os.stat_result) -> str:
    """Return the name of the user who owns a file; `uid:NUMBER` without a name."""
    try:
        return pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        return f"uid:{status.st_uid}"
