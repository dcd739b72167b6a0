"""The signature field's own appearance: the seal's shared form, upright in its rectangle."""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.core.geometry import Box, UserSpacePlace
from gateway.core.plan import Mark
from gateway.pdf.artwork.forms import SealForm
from gateway.pdf.objects import dictionary, form_object, numbers, real
from gateway.pdf.writing import SealingWriter


def show(
    writer: SealingWriter,
    widget: generic.DictionaryObject,
    mark: Mark,
    place: UserSpacePlace,
    form: SealForm,
) -> None:
    """Give a widget the seal, as large as its rectangle allows, centred; nothing is stretched."""
    unit = mark.box.width / place.form_width
    seal = _inside(mark, form.width / form.height)
    # The mark's own frame has y down from its top, the form's y up from its bottom.
    across, down = seal.width / unit / form.width, seal.height / unit / form.height
    left = (seal.x - mark.box.x) / unit
    bottom = (mark.box.y + mark.box.height - seal.y - seal.height) / unit
    moved = numbers(across, 0, 0, down, left, bottom)
    shown = form_object(
        b"q %s cm /Seal Do Q" % moved,
        dictionary(XObject=dictionary(Seal=form.reference)),
        (0, 0, place.form_width, place.form_height),
    )
    shown[pdf_name("/Matrix")] = generic.ArrayObject([real(one) for one in place.matrix])
    widget[pdf_name("/AP")] = dictionary(N=writer.add_object(shown))
    writer.update_container(widget)


def _inside(mark: Mark, ratio: float) -> Box:
    """Return where the whole seal goes: around the mark for a part, else fitted into it."""
    whole = mark.whole
    width = min(whole.width, whole.height * ratio)
    height = min(whole.height, whole.width / ratio)
    return Box(
        whole.x + (whole.width - width) / 2, whole.y + (whole.height - height) / 2, width, height
    )
