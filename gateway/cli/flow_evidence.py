"""`sealgate flows evidence, verify`: certificates of flows, and what they are worth."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.cli.flow_running import named
from gateway.cli.output import complain, say, show
from gateway.cli.site import opened
from gateway.core.errors import SiteFault, UsageFault
from gateway.core.flow_evidence import FlowEvidence
from gateway.core.names import certificate_name, data_name, display
from gateway.flows.judging import judged
from gateway.flows.naming import result_base
from gateway.ports import Flow
from gateway.wiring import Site
from gateway.wiring.flows import flow_certifying, flow_office

_COLUMNS = ("looked at", "result")
_LARGEST = 64 * 1024 * 1024


def flows_evidence(chosen: argparse.Namespace) -> int:
    """Write a flow's certificate and its data into a folder; nothing there is overwritten.

    The certificate is the one that was recorded; when there is none, one without a seal.
    """
    with opened(chosen.site) as site:
        flow = named(flow_office(site), chosen.flow)
        certifying = flow_certifying(site)
        text = certifying.evidence(flow).to_json()
        page = chosen.output / certificate_name(result_base(flow.status.source))
        data = page.with_name(data_name(page.name))
        with _writing(chosen.output):
            chosen.output.mkdir(parents=True, exist_ok=True)
            with data.open("xb") as file:
                file.write(text)
            kept = _kept(site, flow)
            if kept is None:
                certifying.print(flow, page)
            else:
                with page.open("xb") as file:
                    file.write(kept.read_bytes())
    say(f"{display(str(page))}\n{display(str(data))}")
    return 0


def _kept(site: Site, flow: Flow) -> Path | None:
    """Return the recorded certificate; None when there was none, or it was purged since."""
    if not flow.status.evidence:
        return None
    try:
        return site.equipment.revisions.path(flow.id, flow.status.evidence)
    except SiteFault as fault:
        complain(f"{fault}; the certificate is written anew, without a seal")
        return None


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        detail = f"{display(str(folder))}: {error.strerror}"
        raise UsageFault("usage.no-output", detail) from error


def flows_verify(chosen: argparse.Namespace) -> int:
    """Hold evidence against the signing log, and against the contract."""
    evidence = FlowEvidence.from_json(_read(chosen.evidence))
    contract = _hash(chosen.contract) if chosen.contract is not None else ""
    with opened(chosen.site, with_rules=False) as site:
        findings = tuple(judged(evidence, site.equipment.log, contract))
    rows = [(one.what, one.flaw or "good") for one in findings]
    title = f"Evidence of {evidence.job}: {evidence.state}"
    show(display(title), _COLUMNS, rows, as_json=chosen.json)
    return 1 if any(one.flaw for one in findings) else 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageFault("usage.no-file", f"{display(str(path))}: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise UsageFault("flow.no-evidence", f"{display(str(path))} is too large")
    return content


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageFault("usage.no-file", f"{display(str(path))}: {error.strerror}") from error
