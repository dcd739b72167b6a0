"""Faults the sandbox can be told to have, so that tests see what a bad day does."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "refuse-429",
    "503",
    "slow",
    "cut-before",
    "cut-after-charging",
    "wrong-signature",
    "wrong-count",
    "truncated-json",
    "pin-wrong",
    "202-first",
    "async",
    "out-of-quota",
    "unauthorized",
    "sad-expired",
    "reordered",
    "oversized",
    "html",
    "redirect",
]


@dataclass(frozen=True)
class Fault:
    """One kind of fault of one method, so many times."""

    method: str
    """Such as `signatures/signHash`, `oauth2/token`, `tsa`, `ocsp`, `crl`, or `*`."""
    kind: Kind
    times: int = 1
    seconds: float = 1.0
    """How long a slow answer takes, or a refused client is asked to wait."""


class Faults:
    """The faults still to come, in the order in which they were told."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: list[tuple[Fault, int]] = []

    def tell(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._told.append((fault, fault.times))

    def forget(self) -> None:
        """Have no more faults."""
        with self._lock:
            self._told.clear()

    def next(self, method: str) -> Fault | None:
        """Take the fault that this call of `method` is to have, if any."""
        with self._lock:
            for index, (fault, left) in enumerate(self._told):
                if fault.method in (method, "*"):
                    if left > 1:
                        self._told[index] = (fault, left - 1)
                    else:
                        del self._told[index]
                    return fault
        return None
