"""A child starts without what it must not have."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

_LISTED = """
import sys
from gateway.pdf import unplugged
unplugged.install()
import gateway.pdf.child
files = [name for name, module in sys.modules.items() if getattr(module, "__file__", None)]
print(sorted({name.partition(".")[0] for name in files}))
"""


@cache
def _loaded() -> str:
    command = [sys.executable, "-c", _LISTED]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_no_http_client() -> None:
    """All that a child imports gets along without an HTTP client, and brings none."""
    told = _loaded()
    assert "'pyhanko'" in told
    assert not any(f"'{name}'" in told for name in ("aiohttp", "requests", "httpx", "yarl"))


def test_nothing_that_few_documents_need() -> None:
    """What only seal artwork or unusual text needs is loaded when somebody asks for it."""
    told = _loaded()
    assert not any(f"'{name}'" in told for name in ("fontTools", "svgelements", "pypdf", "pikepdf"))
