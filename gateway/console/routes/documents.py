"""One document: its whole story, its pages as pictures, its files."""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.page_pictures import page_asked, page_picture, pages_shown
from gateway.console.routing import Routes
from gateway.console.seeing import visible_job
from gateway.console.visit import Visit
from gateway.core.errors import DocumentFault, SiteFault, UsageFault
from gateway.core.people import Permission
from gateway.core.states import State
from gateway.pipeline.stories import Story, kept_file, name_of, read_kept, story_of
from gateway.ports import Kept, SignatureReport

routes = Routes()
_SEEN = (Permission.SEE_DOCUMENTS, Permission.SUBMIT)


@routes.get("/work/jobs/{job}", *_SEEN)
def story(visit: Visit) -> Response:
    """Tell the whole story of a document."""
    told = story_of(visit.site.equipment, visible_job(visit))
    pages, fault = _pages(visit, told)
    reports = _reports(visit, told)
    return visit.page(
        "work/story.html",
        story=told,
        job=told.job,
        State=State,
        pages=pages,
        page_fault=fault,
        reports=reports,
        shown=pages_shown(visit, pages),
    )


@routes.get("/work/jobs/{job}/pages/{what}/{number}.png", *_SEEN)
def picture(visit: Visit) -> Response:
    """Return one page of a document as a picture; it is drawn in a child process."""
    equipment, job = visit.site.equipment, visible_job(visit)
    number = page_asked(visit)
    with kept_file(equipment, job, _kept(visit)) as path:
        return page_picture(visit, path, number, seconds=300)


@routes.get("/work/jobs/{job}/files/{what}", *_SEEN)
def file(visit: Visit) -> Response:
    """Return a file of a document, checked, to be kept."""
    job, what = visible_job(visit), _kept(visit)
    kind = "application/json" if what is Kept.RECEIPT else "application/octet-stream"
    return visit.download(read_kept(visit.site.equipment, job, what), name_of(job, what), kind)


def _kept(visit: Visit) -> Kept:
    try:
        return Kept(visit.path("what"))
    except ValueError:
        raise UsageFault("usage.no-file", visit.path("what")[:40]) from None


def _pages(visit: Visit, told: Story) -> tuple[int, str]:
    """Return how many pages can be shown, or the code of why none can."""
    if Kept.ORIGINAL not in told.kept:
        return 0, ""
    try:
        with kept_file(visit.site.equipment, told.job, Kept.ORIGINAL) as path:
            return len(visit.site.documents.examine(path).pages), ""
    except (DocumentFault, SiteFault, UsageFault) as fault:
        return 0, fault.code


def _reports(visit: Visit, told: Story) -> tuple[SignatureReport, ...]:
    what = Kept.RESULT if Kept.RESULT in told.kept else Kept.ORIGINAL
    if what not in told.kept or not told.job.delivered.endswith(".pdf"):
        return ()
    try:
        with kept_file(visit.site.equipment, told.job, what) as path:
            return visit.site.documents.verify(path, visit.site.equipment.anchors())
    except (DocumentFault, SiteFault, UsageFault):
        return ()
