"""The command that says beforehand what would become of a document, and changes nothing."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

from gateway.cli.fields import (
    describe_field,
    describe_finding,
    describe_mark,
    describe_seal,
    document_value,
    mark_value,
    seal_value,
)
from gateway.cli.flow_explaining import explain_flow
from gateway.cli.foreseen import foreseen_result, listed
from gateway.cli.output import say, show_value
from gateway.cli.site import opened
from gateway.cli.tickets import (
    describe_ticket,
    ticket_beside,
    ticket_value,
)
from gateway.core.droppers import Dropper
from gateway.core.errors import UsageFault
from gateway.core.names import display
from gateway.core.plan import SealingPlan
from gateway.core.tickets import ReceivedTicket
from gateway.pipeline.explaining import Explained, sha256_of
from gateway.pipeline.explaining import explain as explained
from gateway.pipeline.picturing import sampled
from gateway.wiring import Site


def explain(chosen: argparse.Namespace) -> int:
    """Show the plan for a file; exit 0 when it would be sealed, 1 when it would fail."""
    if not chosen.file.is_file():
        raise UsageFault("usage.no-file", str(chosen.file))
    with (
        opened(chosen.site) as site,
        tempfile.TemporaryDirectory(prefix="sealgate-explain-") as folder,
    ):
        inbox, source = _as_dropped(site, chosen.file, chosen.inbox)
        listing = listed(site.equipment, inbox, source, chosen.file)
        ticket = ticket_beside(site, inbox, chosen.file, chosen.ticket) or listing.ticket
        sha256 = sha256_of(chosen.file)
        flow = site.rules.flow_of(inbox)
        if flow is not None:
            who = _dropper(site, chosen.file, inbox, source, sha256)
            return explain_flow(
                site.equipment,
                flow,
                chosen.file,
                source,
                dropper=who,
                ticket=ticket,
                sha256=sha256,
                as_json=chosen.json,
                draw=partial(_preview, site, chosen),
            )
        draft = Path(folder) / "repaired.pdf"
        found = _explain(
            site, chosen.file, inbox, source, ticket=ticket, sha256=sha256, draft=draft
        )
        found = replace(found, waits=listing.waits)
        if found.plan is not None:
            result = foreseen_result(site.equipment, found.plan, inbox, source, sha256)
            found = replace(found, result=result)
        mended = found.plan is not None and found.plan.repaired is not None
        pictures = _preview(site, chosen, found.plan, draft if mended else None)
    if chosen.json:
        show_value(_as_value(found, inbox, source))
    else:
        _tell(found, inbox, source)
        for picture in pictures:
            say(f"picture   {picture}")
    return 0 if found.plan is not None else 1


def _preview(
    site: Site, chosen: argparse.Namespace, decided: SealingPlan | None, mended: Path | None = None
) -> tuple[Path, ...]:
    """Draw what a plan would do, where that is wished, and return the pictures.

    `mended` is the file that would be sealed when it is not the chosen one.
    They are moved to where they were asked when ready. Raises `UsageFault` (`usage.no-output`).
    """
    asked = tuple(made for made in (chosen.png, chosen.pdf) if made is not None)
    if decided is None or not asked:
        return ()
    with (
        tempfile.TemporaryDirectory(prefix="sealgate-explain-") as folder,
        sampled(site.equipment, decided) as artwork,
    ):
        png = Path(folder) / "sheet.png" if chosen.png else None
        pdf = Path(folder) / "pages.pdf" if chosen.pdf else None
        site.documents.preview(mended or chosen.file, decided, artwork, png=png, pdf=pdf)
        for made, target in ((png, chosen.png), (pdf, chosen.pdf)):
            if made is not None:
                _write(made, target, chosen.file)
    return asked


def _write(made: Path, target: Path, document: Path) -> None:
    """Put a picture where it was asked, over what is there, but never over the document."""
    try:
        if target.exists() and target.samefile(document):
            raise UsageFault("usage.no-output", f"{target} is the document itself")
        shutil.copyfile(made, target)
    except OSError as error:
        raise UsageFault("usage.no-output", f"{target}: {error.strerror or error}") from error


def _as_dropped(site: Site, file: Path, inbox: str | None) -> tuple[str, str]:
    """Return the inbox and the path below it that the file has, or would have."""
    resolved = file.absolute()
    names = [settings.name for settings, _ in site.inboxes]
    if inbox is not None:
        if inbox not in names:
            raise UsageFault("usage.unknown-inbox", inbox)
        names = [inbox]
    for settings, _ in site.inboxes:
        if settings.name in names and resolved.is_relative_to(settings.path):
            return settings.name, resolved.relative_to(settings.path).as_posix()
    # Without being asked, nobody means a flow's inbox by a file that lies elsewhere.
    names = [name for name in names if inbox or site.rules.flow_of(name) is None] or names
    if len(names) != 1:
        raise UsageFault("usage.unknown-inbox", f"say which with --inbox: {', '.join(names)}")
    return names[0], resolved.name


def _explain(
    site: Site,
    file: Path,
    inbox: str,
    source: str,
    *,
    ticket: ReceivedTicket | None,
    sha256: str,
    draft: Path,
) -> Explained:
    return explained(
        site.equipment,
        site.equipment.rulebook(),
        file,
        inbox,
        source,
        dropper=_dropper(site, file, inbox, source, sha256),
        ticket=ticket,
        sha256=sha256,
        draft=draft,
    )


def _dropper(site: Site, file: Path, inbox: str, source: str, sha256: str) -> Dropper:
    owner = site.equipment.inboxes[inbox].owner(file)
    return site.equipment.droppers.who(inbox, source, owner, sha256)


def _tell(found: Explained, inbox: str, source: str) -> None:
    say(f"file      {inbox}/{display(source)}")
    for look in found.decision.trace if found.decision else ():
        say(f"rule      {'yes' if look.matched else 'no '} {look.rule}: {look.because}")
    for field in found.facts.empty_signature_fields if found.facts is not None else ():
        say(f"field     {describe_field(field)}")
    for finding in found.facts.findings if found.facts is not None else ():
        say(f"found     {describe_finding(finding)}")
    if found.fault is not None:
        say(f"fails     {found.fault.code}: {found.fault.sentence}")
        say(f"remedy    {found.fault.remedy}")
    if found.plan is not None:
        _tell_plan(found.plan, found.result)
    if found.waits:
        say(f"waits     {found.waits}")


def _tell_plan(plan: SealingPlan, result: str) -> None:
    if plan.repaired is not None:
        say(f"mended    {display(plan.repaired.because)}")
        for change in plan.repaired.changes:
            say(f"          {display(change)}")
    if plan.ticket is not None:
        say(f"ticket    {describe_ticket(plan.ticket)}")
    for seal in plan.seals:
        say(f"seal      {describe_seal(seal)}")
    for mark in plan.marks:
        for line in describe_mark(plan, mark):
            say(line)
    say(f"service   {plan.seal.service}")
    say(f"profile   PAdES {plan.profile.level.value}")
    say(f"result    {result}")


def _as_value(found: Explained, inbox: str, source: str) -> dict[str, object]:
    value: dict[str, object] = {
        "inbox": inbox,
        "source": display(source),
        "trace": [
            {"rule": look.rule, "matched": look.matched, "because": look.because}
            for look in (found.decision.trace if found.decision else ())
        ],
    }
    value |= document_value(found.facts) if found.facts is not None else {"empty_fields": []}
    if found.fault is not None:
        fault = found.fault
        value["error"] = {
            "code": fault.code,
            "sentence": fault.sentence,
            "remedy": fault.remedy,
        }
    if found.plan is not None:
        value |= {
            "rule": found.plan.rule,
            "seal": found.plan.seal.name,
            "service": found.plan.seal.service,
            "level": found.plan.profile.level.value,
            "field": found.plan.field,
            "new_field": not found.plan.fills,
            "seals": [seal_value(seal) for seal in found.plan.seals],
            "places": [mark_value(found.plan, mark) for mark in found.plan.marks],
            **mark_value(found.plan, found.plan.mark),
            "result": found.result,
        }
        if found.plan.repaired is not None:
            repaired = found.plan.repaired
            value["repaired"] = {
                "because": display(repaired.because),
                "changes": [display(change) for change in repaired.changes],
            }
        if found.plan.ticket is not None:
            value["ticket"] = ticket_value(found.plan.ticket)
    return value | ({"waits": found.waits} if found.waits else {})
