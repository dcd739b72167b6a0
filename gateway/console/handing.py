"""What visitors hand over: documents for inboxes, and files that come back to contract flows."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from starlette.datastructures import UploadFile

from gateway.core.flow_acts import Act
from gateway.core.site import InboxSettings
from gateway.core.visiting import Visitor
from gateway.flows.office import Office
from gateway.pipeline.dropping import Dropped, drop
from gateway.ports import Flow
from gateway.wiring import Site, landing


def hand_over(site: Site, visitor: Visitor, inbox: InboxSettings, file: UploadFile) -> Dropped:
    """Lay a document into an inbox as the visitor's; raises as `drop` does."""
    return drop(
        inbox,
        landing,
        site.equipment.droppers,
        site.people.keeping(visitor.actor).get(visitor.person.login),
        name=file.filename or "",
        content=file.file,
        largest=site.loaded.settings.limits.max_file_size,
    )


def bring_in(office: Office, flow: str, act: Act, file: UploadFile) -> Flow:
    """Have a file judged that comes back to a contract flow; raises as the office does."""
    with tempfile.TemporaryDirectory(prefix="sealgate-console-") as folder:
        path = Path(folder) / "returned.pdf"
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        return office.bring_in(flow, act, path)
