"""Making the evidence of a flow: its data, and the certificate of completion as a PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.flow_certificate import Certificate
from gateway.core.flow_certificate_words import WORDS
from gateway.core.flow_evidence import FlowEvidence
from gateway.core.flow_evidence_gathering import gathered
from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.ports import About, Attached, Flow, Lettering, Printer, SigningLog

_ATTACHED = "evidence.json"


@dataclass(frozen=True)
class Certifying:
    """Tells what happened in a flow; everything is taken from the signing log."""

    site: str
    log: SigningLog
    printing: Callable[[], tuple[Printer, Lettering]]
    language: Language

    def evidence(self, flow: Flow) -> FlowEvidence:
        """Return the evidence of a flow, the same at any time.

        Raises `UsageFault` (`flow.runs`) for one that has not ended.
        """
        if not flow.status.state.ended:
            raise UsageFault("flow.runs", flow.id)
        logged = self.log.entries
        return gathered(display(self.site), flow.id, flow.definition, lambda job: logged(job=job))

    def print(self, flow: Flow, target: Path) -> None:
        """Write the certificate, with the data inside, into a new file.

        Raises `SiteFault` (`site.font-missing` and others).
        """
        evidence, words = self.evidence(flow), WORDS[self.language]
        text = evidence.to_json()
        data = hashlib.sha256(text).hexdigest()
        printer, lettering = self.printing()
        pages = Certificate(evidence, flow.definition, data, self.language, lettering.width)
        title = f"{pages.title} – {evidence.document}"
        attached = Attached(_ATTACHED, "application/json", text)
        about = About(title, evidence.site, words.tag, attached)
        printer.print(pages.pages, lettering, about, target)
