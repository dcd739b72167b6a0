"""What may stand below `push:` in `gateway.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.remote_models import ServerPart
from gateway.settings.written import FolderBelow


class PushPart(ServerPart):
    """A folder on another machine that gets copies of results."""

    from_: Annotated[FolderBelow | None, Field(alias="from")] = None
    """Only results in this folder below the outbox, or deeper; all when not given."""
    receipts: bool = True
    """Each result's receipt goes with it."""
