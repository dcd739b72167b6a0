"""An edge at which foreign bytes are parsed, and what must not happen there."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import InternalFault, SealgateError

CORPUS = Path(__file__).parent / "corpus"
_ROOT = Path(__file__).resolve().parents[2]
_OWN = (str(_ROOT / "gateway"), str(_ROOT / "tests"))
_SLIPS = (
    *(TypeError, AttributeError, LookupError, AssertionError),
    *(ArithmeticError, NameError, UnicodeError),
)
"""What our own code raises by mistake, and never to say that a document is wrong."""

_ASKING = ("__getitem__", "raw_get", "get_and_apply")


@dataclass(frozen=True)
class Target:
    """One edge: whatever it is given, it ends in time and raises nothing but our own faults."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], tuple[bytes, ...]]
    """Inputs that lead far into it."""
    words: tuple[bytes, ...] = ()
    """Parts of its language, with which inputs are changed."""
    part: re.Pattern[bytes] | None = None
    """What a whole value looks like, to be exchanged for another."""
    seconds: float = 5.0
    """Of processor time that no input may cost."""
    longest: int = 32 * 1024
    """Bytes of an input."""
    tries: int = 300
    """Changed inputs in each run of the tests."""
    translates_all: bool = False
    """It turns every exception into a fault, so mistakes of our own hide behind its faults."""

    def kept(self) -> tuple[tuple[str, bytes], ...]:
        """Return the kept inputs by name: those that were once wrong, and those that lead far."""
        files = sorted((CORPUS / self.name).glob("*")) if (CORPUS / self.name).is_dir() else []
        return tuple((file.name, file.read_bytes()) for file in files)


@dataclass(frozen=True)
class Finding:
    """What was wrong with how an input was taken."""

    kind: str
    """Exceptions of one kind from one line are one finding."""
    told: str


def judged(target: Target, data: bytes) -> Finding | None:
    """Give an input to a target; return what was wrong, if anything was."""
    began = time.process_time()
    found = None
    try:
        target.run(data)
    except InternalFault as fault:
        found = _finding(fault.__cause__ or fault)
    except SealgateError as fault:
        cause = fault.__cause__
        if target.translates_all and isinstance(cause, _SLIPS) and _is_ours(cause):
            found = _finding(cause)
    except Exception as error:
        found = _finding(error)
    spent = time.process_time() - began
    if found is None and spent > target.seconds:
        found = Finding("slow", f"it took {spent:.1f} s")
    return found


def _is_ours(error: BaseException) -> bool:
    """Tell whether our own code raised it, or asked a dictionary for what is not in it."""
    frames = traceback.extract_tb(error.__traceback__)
    while len(frames) > 1 and isinstance(error, KeyError) and frames[-1].name in _ASKING:
        frames.pop()
    return bool(frames) and frames[-1].filename.startswith(_OWN)


def _finding(error: BaseException) -> Finding:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(_OWN)]
    last = own[-1] if own else frames[-1]
    where = f"{Path(last.filename).name}:{last.name}:{last.lineno}"
    told = "".join(traceback.format_exception(error))
    return Finding(f"{type(error).__name__} at {where}", told)
