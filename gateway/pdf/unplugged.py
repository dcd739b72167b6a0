"""Do without the HTTP client that pyHanko imports: nothing in this process may use the network.

It is a fifth of a child's memory, and of the time that it takes to start.
"""

from __future__ import annotations

import sys
from types import ModuleType

_CLIENT = "aiohttp"


class _Absent(ModuleType):
    """Stands for a library of which only names are needed, as in annotations."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        absent = type(name, (Exception,), {"__doc__": "Something that is not there."})
        setattr(self, name, absent)
        return absent


def install() -> None:
    """Keep the client out of this process; to be called before pyHanko is imported."""
    sys.modules.setdefault(_CLIENT, _Absent(_CLIENT))
