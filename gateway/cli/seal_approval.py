"""`sealgate seals waiting, approve, reject`: uses that a person decides on."""

from __future__ import annotations

import argparse

from gateway.cli.output import Cell, say, show
from gateway.cli.site import actor, opened, remind_of_daemon
from gateway.core.names import display
from gateway.core.seal_use import Approval
from gateway.ports import SealUse
from gateway.wiring import Site

_COLUMNS = ("job", "source", "seal", "rule", "user", "since", "code", "decision")


def seals_waiting(chosen: argparse.Namespace) -> int:
    """List documents that wait for a seal: for an approval, or for the next day or month."""
    with opened(chosen.site, with_rules=False) as site:
        rows = [_row(site, use) for use in site.equipment.seal_uses.uses()]
    show("Waiting", _COLUMNS, rows, as_json=chosen.json)
    return 0


def seals_approve(chosen: argparse.Namespace) -> int:
    """Let a waiting document be sealed."""
    return _decide(chosen, Approval.APPROVED)


def seals_reject(chosen: argparse.Namespace) -> int:
    """Let a waiting document fail."""
    return _decide(chosen, Approval.REJECTED)


def _decide(chosen: argparse.Namespace, approval: Approval) -> int:
    with opened(chosen.site, with_rules=False) as site:
        job = site.equipment.jobs.get(chosen.job)
        if job is not None and approval is Approval.APPROVED:
            site.four_eyes.check_approval(job, actor())
        uses = site.equipment.seal_uses.decide(chosen.job, approval, chosen.why, actor())
        for use in uses:
            say(f"{use.job}: use of {use.seal} {approval}")
        remind_of_daemon(site)
    return 0


def _row(site: Site, use: SealUse) -> tuple[Cell, ...]:
    job = site.equipment.jobs.get(use.job)
    source = f"{use.inbox}/{display(job.source)}" if job is not None else use.inbox
    code = job.code if job is not None else ""
    return use.job, source, use.seal, use.rule, use.user, use.asked, code, use.approval.value
