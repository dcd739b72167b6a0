"""Write real numbers as they were read.

pyHanko writes 90.0 as 90, and 0.0000001 as 1E-7, which is no number in a PDF (ISO 32000-2, 7.3.3).
A page that gets a seal is written anew with all that is directly in it, and must say what it said:
viewers differ about a /Rotate that is a real.
"""

from __future__ import annotations

from pyhanko.pdf_utils import generic


def _written(number: generic.FloatObject) -> str:
    return format(number, "f")


def install() -> None:
    """Let pyHanko write reals by this module, in this process."""
    generic.FloatObject.__repr__ = _written  # type: ignore[method-assign]
