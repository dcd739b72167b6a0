"""Codes of errors about the signing log: its time-stamps and its reports."""

from __future__ import annotations

from gateway.core.error_code import service, usage

LOG_CODES = (
    service(
        "tsa.untrusted",
        "The time-stamp authority is not trusted by this site.",
        "Add the certificate above the authority to trust: anchors in gateway.yaml.",
    ),
    usage(
        "usage.report-under-way",
        "Another report is being made just now.",
        "Try again in a minute.",
    ),
    usage(
        "usage.no-authority",
        "The site has no time-stamp authority.",
        "Add timestamp: to gateway.yaml; docs/log.md shows how.",
    ),
)
