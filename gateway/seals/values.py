"""The values of a design's changing lines, in the form that the design wants."""

from __future__ import annotations

import string
from collections.abc import Mapping

from gateway.core.errors import DocumentFault
from gateway.seals import dates
from gateway.seals.design_models import SealDesign
from gateway.seals.placeholders import filled, used

_WORDS = ("signer", "reason", "receipt", "name")
_EVERYWHERE = frozenset(string.digits + string.hexdigits[:16] + " -:./,+")


class Filling:
    """Fills the texts of one design; raises `DocumentFault` (`seal.design-invalid`)."""

    def __init__(self, design: SealDesign, values: Mapping[str, str]) -> None:
        self._design, self._values = design, values

    def text(self, written: str) -> str:
        """Return a text with its placeholders replaced."""
        return filled(written, {name: self._value(name) for name in used(written)})

    def _value(self, name: str) -> str:
        source = "moment" if name in ("date", "time") else name
        if source not in self._values:
            raise DocumentFault("seal.design-invalid", f"there is no {source} for {{{name}}}")
        value = self._values[source]
        if name in _WORDS:
            return " ".join(value.split())
        if name == "serial":
            return value.zfill(self._design.serial.digits)
        if name == "hash":
            return value[: self._design.hash.digits]
        return self._written(name, value)

    def _written(self, name: str, moment: str) -> str:
        how = self._design.date
        try:
            at = dates.moment(moment)
            pattern = how.format if name == "date" else how.time
            return dates.written(at, pattern, how.locale, how.time_zone)
        except (ValueError, OverflowError) as error:
            raise DocumentFault("seal.design-invalid", f"no moment: {moment[:40]}") from error


def likely(design: SealDesign, names: frozenset[str]) -> frozenset[str]:
    """Return characters that the changing lines will need sooner or later.

    A font cut down to them serves many documents, so that it need not be cut for each.
    """
    if not names:
        return frozenset()
    wanted = _EVERYWHERE
    if names & {"date", "time"}:
        letters = frozenset(design.date.format + design.date.time)
        wanted |= letters | dates.characters(design.date.locale)
    return wanted
