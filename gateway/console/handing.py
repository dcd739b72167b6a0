"""What visitors hand over: documents for inboxes, and files that come back to contract flows."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from starlette.datastructures import UploadFile

from gateway.core.flow_acts import Act
from gateway.core.site import InboxSettings
from gateway.core.visiting import Visitor
from gateway.flows.office import Office
from gateway.pipeline.dropping import Dropped, TicketAhead, drop
from gateway.ports import Flow
from gateway.wiring import Site, landing
from gateway.wiring.flows import inbox_tickets


def hand_over(
    site: Site,
    visitor: Visitor,
    inbox: InboxSettings,
    file: UploadFile,
    fields: Mapping[str, str] = MappingProxyType({}),
) -> Dropped:
    """Lay a document into an inbox as the visitor's; raises as `drop` does.

    With `fields` its ticket lies there before it.
    """

    def ticket(sha256: str) -> bytes:
        # JSON is YAML, too. Bound to these bytes: no other document of that name can get it.
        told = {"fields": dict(fields), "sha256": sha256}
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

    return drop(
        inbox,
        landing,
        site.equipment.droppers,
        site.people.keeping(visitor.actor).get(visitor.person.login),
        name=file.filename or "",
        content=file.file,
        largest=site.loaded.settings.limits.max_file_size,
        ticket=TicketAhead(inbox_tickets(site), ticket) if fields else None,
    )


def bring_in(office: Office, flow: str, act: Act, file: UploadFile) -> Flow:
    """Have a file judged that comes back to a contract flow; raises as the office does."""
    with tempfile.TemporaryDirectory(prefix="sealgate-console-") as folder:
        path = Path(folder) / "returned.pdf"
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        return office.bring_in(flow, act, path)
