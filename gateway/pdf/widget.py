"""The signature field's own appearance: the seal's shared form, upright in its rectangle.

A form can ask viewers to draw its fields by themselves (/NeedAppearances). Some then show nothing
in a signature field, so there the page draws the seal, and the field's appearance is empty.
"""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name

from gateway.core.geometry import UserSpacePlace
from gateway.core.plan import Mark, SealingPlan, seal_box
from gateway.pdf.artwork.forms import SealForm, turned
from gateway.pdf.document import entry_of
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
    moved, resources = _fitting(mark, place, form), dictionary(Seal=form.reference)
    _dress(writer, widget, place, b"q %s cm /Seal Do Q" % moved, dictionary(XObject=resources))


def show_nothing(
    writer: SealingWriter, widget: generic.DictionaryObject, place: UserSpacePlace
) -> None:
    """Give a widget an appearance in which nothing is drawn: its page shows the seal."""
    _dress(writer, widget, place, b"", dictionary())


def shows_nothing(widget: generic.DictionaryObject) -> bool:
    """Tell whether a widget's seal must be among the stamps of its page."""
    appearances = entry_of(widget, "/AP")
    if not isinstance(appearances, generic.DictionaryObject):
        return False
    shown = entry_of(appearances, "/N")
    return isinstance(shown, generic.StreamObject) and not shown.data.strip()


def drawn_marks(widget: generic.DictionaryObject | None, plan: SealingPlan) -> tuple[Mark, ...]:
    """Return the marks that are page content, in the order in which they are drawn."""
    own = widget is not None and plan.mark.visible and shows_nothing(widget)
    return (*plan.stamps, plan.mark) if own else plan.stamps


def _dress(
    writer: SealingWriter,
    widget: generic.DictionaryObject,
    place: UserSpacePlace,
    content: bytes,
    resources: generic.DictionaryObject,
) -> None:
    box = (0, 0, place.form_width, place.form_height)
    shown = form_object(content, resources, box)
    shown[pdf_name("/Matrix")] = generic.ArrayObject([real(one) for one in place.matrix])
    widget[pdf_name("/AP")] = dictionary(N=writer.add_object(shown))
    writer.update_container(widget)


def _fitting(mark: Mark, place: UserSpacePlace, form: SealForm) -> bytes:
    """Return the matrix, as operands, that carries the seal's form into the widget's."""
    unit = mark.box.width / place.form_width
    seal = seal_box(mark, form.width / form.height)
    # The mark's own frame has y down from its top, the form's y up from its bottom.
    across, down = seal.width / unit / form.width, seal.height / unit / form.height
    left = (seal.x - mark.box.x) / unit
    bottom = (mark.box.y + mark.box.height - seal.y - seal.height) / unit
    return numbers(*turned((across, 0, 0, down, left, bottom), form, mark.rotation))
