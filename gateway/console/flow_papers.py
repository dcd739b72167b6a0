"""What a contract flow leaves when it has ended: its certificate of completion, and its data."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from gateway.core.errors import SiteFault, UsageFault
from gateway.core.names import certificate_name, data_name, display
from gateway.flows.naming import result_base
from gateway.ports import Flow
from gateway.wiring import Site
from gateway.wiring.flows import flow_certifying


class Paper(StrEnum):
    """One of them; the value is its name in paths."""

    CERTIFICATE = "certificate"
    """A PDF, sealed if the definition says so."""
    DATA = "data"
    """JSON: every act, version, seal and entry of the log."""

    @property
    def media_type(self) -> str:
        """Return its type by which programs know it."""
        return "application/pdf" if self is Paper.CERTIFICATE else "application/json"

    def name_for(self, flow: Flow) -> str:
        """Return what the file is called."""
        certificate = certificate_name(result_base(flow.status.source))
        return certificate if self is Paper.CERTIFICATE else data_name(certificate)


def paper_named(name: str) -> Paper:
    """Return the paper of that name; raises `UsageFault` (`usage.no-file`)."""
    try:
        return Paper(name)
    except ValueError:
        raise UsageFault("usage.no-file", display(name)[:40]) from None


def are_there(flow: Flow) -> bool:
    """Tell whether nothing is made of them any more: no job is about to seal the certificate."""
    return flow.status.closed or bool(flow.status.evidence)


def paper_of(site: Site, flow: Flow, paper: Paper) -> bytes:
    """Return a paper of a flow that has ended.

    The certificate is the one that was recorded; where there is none, or it is gone, it is
    written anew, without a seal. Raises `UsageFault` (`flow.runs`) and `SiteFault`.
    """
    certifying = flow_certifying(site)
    if paper is Paper.DATA:
        return certifying.evidence(flow).to_json()
    if flow.status.state.ended and not are_there(flow):
        raise UsageFault("flow.runs", flow.id)
    if flow.status.evidence:
        with suppress(SiteFault):
            return site.equipment.revisions.path(flow.id, flow.status.evidence).read_bytes()
    with tempfile.TemporaryDirectory(prefix="sealgate-console-") as folder:
        page = Path(folder) / "certificate.pdf"
        certifying.print(flow, page)
        return page.read_bytes()
