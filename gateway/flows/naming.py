"""What a flow's document is called in a party's folder, so that it is known again."""

from __future__ import annotations

import re

from gateway.core.flow_definition import FlowDefinition
from gateway.core.names import certificate_name, for_windows, safe, shorten

_FLOW = re.compile(r"--(\d{8}-\d{6}-[0-9a-f]{8})(?![0-9a-f])")
_LONGEST = 200
"""Bytes: leaves room for what tools add to a name."""


def todo_name(source: str, step: str, flow: str) -> str:
    """Return a document's name in todo/: what it was dropped as, the step, the flow's id."""
    name = source.rsplit("/", 1)[-1]
    stem = name.rpartition(".")[0] or name
    return for_windows(shorten(safe(stem), f"--{step}--{flow}.pdf", _LONGEST))


def result_base(source: str) -> str:
    """Return the name of a flow's result: that with which its document was dropped."""
    return for_windows(safe(source.rsplit("/", 1)[-1]))


def evidence_base(source: str) -> str:
    """Return the name of the certificate of completion: that of the result, and what it is."""
    return certificate_name(result_base(source))


def flow_in(name: str) -> str:
    """Return the id of the flow that a file's name tells, whatever a tool has added to it."""
    found = _FLOW.findall(name)
    return str(found[-1]) if found else ""


def step_in(name: str, flow: str, definition: FlowDefinition) -> str:
    """Return the step that a file's name tells; empty when it tells none."""
    names = (step.name for step in definition.steps)
    return next((step for step in names if f"--{step}--{flow}" in name), "")
