"""How much processor time each document has used, over all that is done with it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from gateway.pdf import wire

_REMEMBERED = 4096
"""Documents; of the one that was asked about longest ago nothing is known any more."""
_NONE = Path()
_SHOWN = 3
_LEAST = 1.0
"""Seconds that anything may take."""


class Spent:
    """Counts by document and by what was asked; safe to use from several threads.

    What is asked again counts once, with its last cost; examining a document begins anew.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        """Of one document."""
        self._costs: OrderedDict[Path, dict[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def left(self, call: wire.Call) -> float:
        """Return the seconds of processor time that a call may use.

        What is only shown, and has many pages, may take longer.
        """
        if isinstance(call, wire.ShowingCall):
            return self._seconds * _SHOWN
        with self._lock:
            spent = self._costs.get(_document(call) or _NONE, {})
            others = sum(cost for verb, cost in spent.items() if verb != call.verb)
        return max(_LEAST, self._seconds - others)

    def note(self, call: wire.Call, seconds: float) -> None:
        """Remember what a call has cost."""
        document = _document(call)
        if document is None:
            return
        with self._lock:
            if isinstance(call, wire.ExamineRequest):
                self._costs.pop(document, None)
            self._costs.setdefault(document, {})[call.verb] = seconds
            self._costs.move_to_end(document)
            while len(self._costs) > _REMEMBERED:
                self._costs.popitem(last=False)


def _document(call: wire.Call) -> Path | None:
    """Return the file by which a call's document is known; None where it has none."""
    match call:
        case wire.PrepareRequest() | wire.FieldsRequest() | wire.RepairRequest():
            return call.original
        case wire.VerifyRequest() if call.original is not None:
            return call.original
        case wire.ExamineRequest() | wire.VerifyRequest():
            return call.path
    return None
