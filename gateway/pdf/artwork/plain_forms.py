"""Change a seal's form for the document that it goes into, while it is copied.

`opaque` takes transparency out, which PDF/A-1 forbids (ISO 19005-1, 6.4). `calibrated` says what
its device colours mean (ISO 32000-2, 8.6.5.6), so that the document's output intent does not.
"""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.core.errors import DocumentFault
from gateway.pdf.artwork.stencils import without_soft_mask
from gateway.pdf.document import entry_of
from gateway.pdf.objects import dictionary, real

OPACITY = "opacity"
BLENDING = "blending"
SOFT_MASK = "soft masks"
SOFT_EDGES = "soft edges of pictures"

_WHITE = (0.9505, 1.0, 1.089)
"""D65, the white of sRGB (IEC 61966-2-1)."""
_GAMMA = 2.2
_PRIMARIES = (0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505)
_PLAIN_MODES = ("/Normal", "/Compatible")


class FormChange:
    """The change that is made to every dictionary and stream of a seal's form."""

    def __init__(self, *, opaque: bool, calibrated: bool) -> None:
        self.opaque = opaque
        self._calibrated = calibrated
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was simplified, in words."""
        return tuple(self._notes)

    def __call__(self, value: generic.DictionaryObject) -> generic.DictionaryObject:
        """Return what is copied in the place of a dictionary or stream."""
        if self.opaque:
            value = self._without_transparency(value)
        if self._calibrated and isinstance(entry_of(value, "/Resources"), generic.DictionaryObject):
            value = _changed(value)
            value[pdf_name("/Resources")] = calibrated(value["/Resources"])
        return value

    def note(self, word: str) -> None:
        """Remember that something was simplified."""
        if word not in self._notes:
            self._notes.append(word)

    def _without_transparency(self, value: generic.DictionaryObject) -> generic.DictionaryObject:
        if isinstance(value, generic.StreamObject):
            if entry_of(value, "/SMask") is not None or entry_of(value, "/SMaskInData"):
                return self._stencilled(value)
            if "/Group" in value:
                value = _changed(value)
                del value["/Group"]
            return value
        transparent = [key for key in ("/ca", "/CA", "/BM", "/SMask") if key in value]
        if not transparent:
            return value
        self._note_state(value)
        value = _changed(value)
        for key in transparent:
            del value[key]
        return value

    def _note_state(self, state: generic.DictionaryObject) -> None:
        if any(entry_of(state, key) not in (None, 1) for key in ("/ca", "/CA")):
            self.note(OPACITY)
        if entry_of(state, "/BM") is not None and str(entry_of(state, "/BM")) not in _PLAIN_MODES:
            self.note(BLENDING)
        if isinstance(entry_of(state, "/SMask"), generic.DictionaryObject):
            self.note(SOFT_MASK)

    def _stencilled(self, image: generic.StreamObject) -> generic.StreamObject:
        plain = without_soft_mask(image)
        if plain is None:
            raise DocumentFault(
                "seal.artwork-unsupported",
                "a picture in it cannot be made opaque, as this document must be: "
                "save the seal as PNG",
            )
        self.note(SOFT_EDGES)
        return plain


def calibrated(resources: generic.DictionaryObject) -> generic.DictionaryObject:
    """Return resources in which device grey and RGB stand for sRGB."""
    result = generic.DictionaryObject(dict(resources.items()))
    spaces = entry_of(resources, "/ColorSpace")
    named = dict(spaces.items()) if isinstance(spaces, generic.DictionaryObject) else {}
    named.setdefault(pdf_name("/DefaultRGB"), _rgb())
    named.setdefault(pdf_name("/DefaultGray"), _grey())
    result[pdf_name("/ColorSpace")] = generic.DictionaryObject(named)
    return result


def _rgb() -> generic.ArrayObject:
    entries = dictionary(
        WhitePoint=_reals(*_WHITE), Gamma=_reals(*[_GAMMA] * 3), Matrix=_reals(*_PRIMARIES)
    )
    return generic.ArrayObject([pdf_name("/CalRGB"), entries])


def _grey() -> generic.ArrayObject:
    entries = dictionary(WhitePoint=_reals(*_WHITE), Gamma=real(_GAMMA))
    return generic.ArrayObject([pdf_name("/CalGray"), entries])


def _reals(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject([real(value) for value in values])


def _changed(value: generic.DictionaryObject) -> generic.DictionaryObject:
    """Return a shallow copy that may be changed; a stream keeps its compressed bytes."""
    entries = dict(value.items())
    if isinstance(value, generic.StreamObject):
        return generic.StreamObject(entries, encoded_data=value.encoded_data)
    return generic.DictionaryObject(entries)
