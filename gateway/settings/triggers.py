"""The ending of the files that say a document is complete, as an inbox may name it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from gateway.core.names import is_partial

_TRIGGER = re.compile(r"^\.[A-Za-z0-9_-]{1,20}$")
_DOCUMENTS = (".pdf", ".yaml", ".json")


def _trigger(value: str) -> str:
    if not _TRIGGER.match(value):
        raise ValueError("write an ending with its dot, such as .done")
    if value.lower() in _DOCUMENTS or is_partial("x" + value):
        raise ValueError("files with this ending are something else; write one such as .done")
    return value


Trigger = Annotated[str, AfterValidator(_trigger)]
