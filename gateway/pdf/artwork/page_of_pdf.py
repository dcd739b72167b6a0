"""A PDF's only page as artwork: what it shows becomes one form, vector stays vector."""

from __future__ import annotations

import io
import math

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from gateway.core.drawing import Matrix
from gateway.core.errors import DocumentFault
from gateway.core.geometry import PageFrame
from gateway.pdf.artwork.copying import ObjectCopier, filter_names
from gateway.pdf.artwork.page_making import Finish, PageWriter, write_page
from gateway.pdf.document import Pages, entry_of
from gateway.pdf.faults import reading
from gateway.pdf.objects import dictionary, form_object, group_form, numbers

_MOST_CONTENT = 64 * 1024 * 1024
"""Bytes of the page's content, decoded."""
_MOST_LOOKED_AT = 50_000
_DEEPEST = 50
_UNPACKED = {"/FlateDecode", "/Fl", "/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx"}
_NORMAL = ("/Normal", "/Compatible", "None")


def page_of_pdf(
    content: bytes, wanted: tuple[float, float | None], finish: Finish, _: str
) -> tuple[bytes, tuple[float, float], float | None]:
    """Return the page of a PDF, its extent in points, and the dots of its coarsest picture.

    Raises `DocumentFault`, and whatever the PDF libraries raise for damaged files.
    """
    reader = PdfFileReader(io.BytesIO(content), strict=False)
    if "/Encrypt" in reader.trailer:
        raise DocumentFault("seal.artwork-unreadable", "it is encrypted")
    pages = Pages(reader)
    if len(pages.frames) != 1:
        _refuse(f"it has {len(pages.frames)} pages: save the one page that shows the seal")
    page, frame = pages.dictionaries[0], pages.frames[0]
    _refuse_hidden_layers(reader.root)
    width = wanted[0]
    height = wanted[1] if wanted[1] is not None else width * frame.height / frame.width
    matrix = _printed(frame, width, height)
    dots = _looked_through(content, frame, matrix)
    writer = PageWriter()
    form = writer.add_object(_form(writer, page, frame))
    paint = b"q %s cm /Artwork Do Q" % numbers(*matrix)
    resources = dictionary(XObject=dictionary(Artwork=form))
    data, extent = write_page(writer, paint, resources, (width, height), finish)
    return data, extent, dots


def _refuse(detail: str) -> None:
    raise DocumentFault("seal.artwork-unsupported", detail)


def _refuse_hidden_layers(root: generic.DictionaryObject) -> None:
    """Refuse a page on which layers are switched off: in the seal they would be on."""
    layers = entry_of(root, "/OCProperties")
    shown = entry_of(layers, "/D") if isinstance(layers, generic.DictionaryObject) else None
    if isinstance(shown, generic.DictionaryObject) and (
        entry_of(shown, "/OFF") or str(entry_of(shown, "/BaseState")) == "/OFF"
    ):
        _refuse("it has hidden layers: delete them, and save it again")


def _printed(frame: PageFrame, width: float, height: float) -> Matrix:
    """Return the matrix from the page's user space to the seal, upright as displayed."""
    left, bottom, right, top = frame.left, frame.bottom, frame.right, frame.top
    match frame.rotate:
        case 0:
            turned: Matrix = (1, 0, 0, 1, -left, -bottom)
        case 90:
            turned = (0, -1, 1, 0, -bottom, right)
        case 180:
            turned = (-1, 0, 0, -1, right, top)
        case _:
            turned = (0, 1, -1, 0, top, -left)
    across, down = width / frame.width * frame.user_unit, height / frame.height * frame.user_unit
    a, b, c, d, e, f = turned
    return (a * across, b * down, c * across, d * down, e * across, f * down)


def _form(
    writer: PageWriter, page: generic.DictionaryObject, frame: PageFrame
) -> generic.StreamObject:
    """Return the page as a form: in a group of its own when it blends colours with its paper."""
    blends = False

    def watch(value: generic.DictionaryObject) -> generic.DictionaryObject:
        nonlocal blends
        if isinstance(value, generic.StreamObject):
            _refuse_damage(value)
        mode = entry_of(value, "/BM")
        if isinstance(mode, generic.ArrayObject) and len(mode):
            mode = mode[0]
        blends = blends or str(mode) not in _NORMAL
        return value

    resources = ObjectCopier(writer, watch).copy(page_resources(page))
    box = (frame.left, frame.bottom, frame.right, frame.top)
    make = group_form if blends else form_object
    return make(page_content(page), resources, box)


def _refuse_damage(stream: generic.StreamObject) -> None:
    """Refuse what cannot be unpacked: it would be a blemish of every document that is sealed."""
    if "/F" not in stream and _UNPACKED.issuperset(filter_names(stream)):
        with reading("seal.artwork-unreadable"):
            _ = stream.data


def page_resources(page: generic.DictionaryObject) -> generic.DictionaryObject:
    """Return the page's resources, its own or inherited."""
    node: object = page
    for _ in range(_DEEPEST):
        if not isinstance(node, generic.DictionaryObject):
            break
        found = entry_of(node, "/Resources")
        if isinstance(found, generic.DictionaryObject):
            return found
        node = entry_of(node, "/Parent")
    return generic.DictionaryObject()


def page_content(page: generic.DictionaryObject) -> bytes:
    """Return the page's content, decoded; parts of it are divided by white space."""
    found = entry_of(page, "/Contents")
    parts = list(found.iterate()) if isinstance(found, generic.ArrayObject) else [found]
    streams = [part.get_object() for part in parts if isinstance(part, generic.PdfObject)]
    full = [one for one in streams if isinstance(one, generic.StreamObject) and one.encoded_data]
    data = [stream.data for stream in full]
    if sum(len(part) for part in data) > _MOST_CONTENT:
        _refuse("its page is too complex: simplify the drawing")
    return b"\n".join(data)


def _looked_through(content: bytes, frame: PageFrame, matrix: Matrix) -> float | None:
    """Refuse fonts that are not embedded and pages that two readers see differently.

    Returns the dots per inch of the coarsest picture as printed; None without one.
    """
    document = pdfium.PdfDocument(content)
    try:
        if len(document) != 1:
            raise DocumentFault("seal.artwork-unreadable", "its list of pages contradicts itself")
        width, height = document.get_page_size(0)
        apart = (
            abs(width - frame.width / frame.user_unit),
            abs(height - frame.height / frame.user_unit),
        )
        if max(apart) > 1.0:
            raise DocumentFault("seal.artwork-unreadable", "the size of its page is ambiguous")
        return _things(document[0], matrix)
    finally:
        document.close()


def _things(page: pdfium.PdfPage, matrix: Matrix) -> float | None:
    missing: set[str] = set()
    dots: list[float] = []
    kinds = [pdfium_raw.FPDF_PAGEOBJ_IMAGE, pdfium_raw.FPDF_PAGEOBJ_TEXT]
    for count, thing in enumerate(page.get_objects(filter=kinds)):
        if count > _MOST_LOOKED_AT:
            _refuse("its page is too complex: simplify the drawing")
        if isinstance(thing, pdfium.PdfImage):
            dots.append(_dots(thing, matrix))
        else:
            font = thing.get_font()
            if not font.is_embedded:
                missing.add(font.get_base_name())
    if missing:
        names = ", ".join(sorted(missing)[:5])
        _refuse(f"fonts that are not embedded: {names}; embed them, or convert text to paths")
    return round(min(dots), 1) if dots and min(dots) < math.inf else None


def _dots(image: pdfium.PdfImage, matrix: Matrix) -> float:
    """Return dots per inch as printed, along the coarser axis."""
    placed = image.get_matrix()
    holder = image.container
    while holder is not None:
        placed = placed.multiply(holder.get_matrix())
        holder = holder.container
    a, b, c, d = placed.a, placed.b, placed.c, placed.d
    pixels = image.get_px_size()
    sides = [
        math.hypot(x * matrix[0] + y * matrix[2], x * matrix[1] + y * matrix[3])
        for x, y in ((a, b), (c, d))
    ]
    found = [72 * pixel / side for pixel, side in zip(pixels, sides, strict=True) if side > 0]
    return min(found, default=math.inf)
