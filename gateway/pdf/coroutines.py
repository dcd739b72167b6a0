"""Run pyHanko's coroutines, which here wait for nothing: there is no network in this room."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_HERE = threading.local()


def result_of(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine to its end on this thread's loop, which is made once and kept."""
    loop: asyncio.AbstractEventLoop | None = getattr(_HERE, "loop", None)
    if loop is None or loop.is_closed():
        loop = _HERE.loop = asyncio.new_event_loop()
    return loop.run_until_complete(coroutine)
