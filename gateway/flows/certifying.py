"""Making the evidence of a flow: the JSON, and the certificate of completion as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import DocumentFault, SiteFault
from gateway.core.flow_certificate import Certificate
from gateway.core.flow_certificate_words import WORDS
from gateway.core.flow_evidence import (
    EvidenceParty,
    EvidenceRevision,
    EvidenceSignature,
    FlowEvidence,
    acts_of,
    moment,
    steps_of,
)
from gateway.core.names import display
from gateway.core.notice_settings import Language
from gateway.flows.office import Office
from gateway.ports import About, Documents, Flow, Jobs, Lettering, Printer, SigningLog


@dataclass(frozen=True)
class Certifying:
    """Tells what happened in a flow; everything is taken from the signing log and the document."""

    site: str
    office: Office
    jobs: Jobs
    log: SigningLog
    documents: Documents
    anchors: Callable[[], tuple[bytes, ...]]
    printing: Callable[[], tuple[Printer, Lettering]]
    language: Language

    def evidence(self, flow: Flow) -> FlowEvidence:
        """Return the evidence of a flow; raises `SiteFault`."""
        definition, status = flow.definition, flow.status
        job = self.jobs.get(flow.id)
        services = {}
        for step in status.steps:
            made = self.jobs.get(step.job) if step.job else None
            if made is not None:
                services[step.job] = made.service
        return FlowEvidence(
            evidence=1,
            site=display(self.site),
            job=flow.id,
            name=definition.name,
            title=definition.title,
            definition=definition.sha256,
            content=definition.to_json().decode(),
            document=display(status.source),
            original=job.sha256 if job is not None else "",
            contract=status.current,
            state=status.state.value,
            why=status.why,
            begun=moment(status.begun),
            ended=moment(status.ended),
            fields=status.fields,
            parties=tuple(
                EvidenceParty(one.name, one.title, one.user, one.group, one.mail)
                for one in definition.parties
            ),
            steps=steps_of(definition, status, services),
            revisions=tuple(
                EvidenceRevision(one.sha256, one.step, moment(one.at)) for one in status.revisions
            ),
            signatures=self._signatures(flow),
            acts=acts_of(self.log.entries(job=flow.id)),
        )

    def print(self, evidence: FlowEvidence, target: Path) -> None:
        """Write the certificate of completion into a new file.

        Raises `SiteFault` (`site.font-missing` and others).
        """
        words = WORDS[self.language]
        printer, lettering = self.printing()
        about = About(f"{words.title} – {evidence.document}", evidence.site, words.tag)
        pages = Certificate(evidence, words, lettering.width).pages
        printer.print(pages, lettering, about, target)

    def _signatures(self, flow: Flow) -> tuple[EvidenceSignature, ...]:
        try:
            path = self.office.revision(flow.id, flow.status.current)
            reports = self.documents.verify(path, self.anchors())
        except (DocumentFault, SiteFault):
            return ()
        return tuple(
            EvidenceSignature(
                display(one.signer), one.fingerprint, one.signed_at, one.timestamped, one.good
            )
            for one in reports
            if not one.document_stamp
        )
