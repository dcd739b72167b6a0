"""A child starts without what it must not have."""

from __future__ import annotations

import subprocess
import sys

_LISTED = """
import sys
from gateway.pdf import unplugged
unplugged.install()
import gateway.pdf.child
files = [name for name, module in sys.modules.items() if getattr(module, "__file__", None)]
print(sorted({name.partition(".")[0] for name in files}))
"""


def test_no_http_client() -> None:
    """All that a child imports gets along without an HTTP client, and brings none."""
    told = subprocess.run(
        [sys.executable, "-c", _LISTED], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    assert "'pyhanko'" in told
    assert not any(f"'{name}'" in told for name in ("aiohttp", "requests", "httpx", "yarl"))
