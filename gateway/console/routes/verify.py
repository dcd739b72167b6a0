"""Any PDF: are its signatures valid, and does the log know it?"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from itertools import islice
from pathlib import Path

from starlette.responses import Response

from gateway.console.routing import Routes
from gateway.console.seeing import Sight
from gateway.console.visit import Visit
from gateway.core.chain import LogEntry
from gateway.core.errors import DocumentFault, UsageFault
from gateway.core.names import display
from gateway.core.people import Permission
from gateway.ports import SignatureReport

routes = Routes()
_ENTRIES = 50


@routes.get("/verify", Permission.VERIFY)
def ask(visit: Visit) -> Response:
    """Ask for a PDF."""
    return visit.page("log/verify.html", name="")


@routes.post("/verify", Permission.VERIFY, largest=0)
def verify(visit: Visit) -> Response:
    """Validate a PDF's signatures in a child process, and look its hash up; it is not kept."""
    files = visit.files("file")
    if not files:
        raise UsageFault("usage.no-file", "")
    file, equipment = files[0], visit.site.equipment
    digest = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]  # spooled
    file.file.seek(0)
    fault: DocumentFault | None = None
    reports: tuple[SignatureReport, ...] = ()
    with tempfile.TemporaryDirectory(prefix="sealgate-verify-") as folder:
        path = Path(folder) / "document.pdf"
        with path.open("xb") as target:
            shutil.copyfileobj(file.file, target)
        try:
            reports = visit.site.documents.verify(path, equipment.anchors())
        except DocumentFault as error:
            fault = error
    sight = Sight(visit.somebody)
    entries: tuple[LogEntry, ...] = ()
    if visit.may(Permission.SEE_LOG):
        entries = tuple(islice(equipment.log.entries(text=digest), _ENTRIES))
    told_of = {entry.job for entry in entries if entry.job}
    jobs = {job.id: job for job in equipment.jobs.of_bytes(digest)}
    jobs |= {name: job for name in told_of if (job := equipment.jobs.get(name)) is not None}
    return visit.page(
        "log/verify.html",
        name=display(file.filename or ""),
        sha256=digest,
        reports=reports,
        fault=fault,
        jobs=[job for job in jobs.values() if sight.sees(job)],
        entries=entries,
        documents={job.id: job.source for job in jobs.values()},
    )
