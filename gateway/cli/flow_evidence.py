"""`sealgate flows evidence, verify`: what can be told of a flow, and whether that is true."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from gateway.cli.flow_running import named
from gateway.cli.output import complain, say, show_value
from gateway.cli.site import opened
from gateway.core.errors import UsageFault
from gateway.core.flow_evidence import FlowEvidence, flaws
from gateway.core.names import certificate_name
from gateway.flows.naming import result_base
from gateway.wiring.flows import flow_certifying, flow_office

_LARGEST = 64 * 1024 * 1024
"""Bytes of evidence that are read."""


def flows_evidence(chosen: argparse.Namespace) -> int:
    """Write the evidence of a flow: JSON and a certificate, which has no seal this time."""
    with opened(chosen.site) as site:
        office = flow_office(site)
        certifying = flow_certifying(site, office)
        flow = named(office, chosen.flow)
        evidence = certifying.evidence(flow)
        pdf = chosen.output / certificate_name(result_base(flow.status.source))
        try:
            chosen.output.mkdir(parents=True, exist_ok=True)
            with pdf.with_suffix(".json").open("xb") as file:
                file.write(evidence.to_json())
        except OSError as error:
            raise UsageFault("usage.no-output", f"{chosen.output}: {error.strerror}") from error
        certifying.print(evidence, pdf)
    say(f"{pdf.with_suffix('.json')}\n{pdf}")
    return 0


def flows_verify(chosen: argparse.Namespace) -> int:
    """Compare evidence with the signing log, and a document with the evidence."""
    evidence = FlowEvidence.from_json(_read(chosen.evidence))
    contract = hashlib.sha256(_read(chosen.contract)).hexdigest() if chosen.contract else ""
    with opened(chosen.site, with_rules=False) as site:
        found = flaws(evidence, site.equipment.log.entries(job=evidence.job), contract)
    if chosen.json:
        show_value({"flow": evidence.job, "state": evidence.state, "problems": found})
    elif not found:
        entries = f"{evidence.acts[0].sequence} to {evidence.acts[-1].sequence}"
        say(f"the evidence is as the signing log has it: entries {entries}, {evidence.state}")
    for flaw in () if chosen.json else found:
        complain(flaw)
    return 1 if found else 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageFault("usage.no-file", f"{path}: {error.strerror}") from error
    if len(content) > _LARGEST:
        raise UsageFault("usage.no-file", f"{path}: larger than {_LARGEST} bytes")
    return content
