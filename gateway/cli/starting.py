"""Commands that start something new: init and demo."""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from gateway.cli.output import complain, say
from gateway.cli.running import run
from gateway.cli.site import actor, checked, opened, turn_of
from gateway.cli.working import make_engine
from gateway.core.errors import SealgateError
from gateway.core.names import display
from gateway.daemon.at_work import at_work
from gateway.daemon.sweep import Swept, Tally, sweep
from gateway.settings.starter import write_site
from gateway.wiring import Site, first_link


def init(chosen: argparse.Namespace) -> int:
    """Make a new site."""
    _make(chosen.folder.absolute(), sandbox=chosen.sandbox)
    say(f"made {chosen.folder}")
    if chosen.sandbox:
        say("drop a PDF into inbox/documents, then: sealgate sweep, or sealgate run")
    else:
        say("next: fill in gateway.yaml, put a seal's picture into seals/, sealgate check")
    try:
        link = first_link(chosen.folder.absolute(), actor())
    except SealgateError as error:
        complain(f"{error}\n    {error.remedy}")
        return 0  # the site is made; sealgate users link makes the link later
    say(f"to become the console's first administrator, once, within 24 hours: {link}")
    return 0


def _make(root: Path, *, sandbox: bool) -> None:
    write_site(root, sandbox=sandbox)
    if sandbox:
        from gateway.sandbox.artwork import draw_company_seal

        draw_company_seal(root / "seals" / "company-seal.png")


def demo(chosen: argparse.Namespace) -> int:
    """Seal sample PDFs from nothing, show where everything is, then keep serving."""
    began = time.monotonic()
    root = chosen.dir.absolute()
    if not (root / "gateway.yaml").is_file():
        _make(root, sandbox=True)
    samples = _drop_samples(root)
    say(f"site      {root}")
    say(f"dropped   {samples} sample PDFs into {root / 'inbox' / 'documents'}")
    with opened(root, serving=True) as site:
        turn, tally = turn_of(site), Tally()
        with turn.taken(), at_work(site, turn.node, complain) as crew, crew.coordinating():
            engine = make_engine(site, site.inboxes, crew.distribution, tally.ended)
            swept = sweep(site.equipment, engine, tally)
        valid = _show_results(site, swept)
    seconds = time.monotonic() - began
    say(f"done      {len(swept.delivered)} sealed and verified in {seconds:.1f} s")
    if not valid or len(swept.delivered) != samples or swept.failed:
        complain("the demonstration did not succeed: see above")
        return 1
    if chosen.no_serve:
        return 0
    say(f"serving   drop PDFs into {root / 'inbox' / 'documents'}; Ctrl-C ends")
    return run(argparse.Namespace(site=root, log="text", node=""))


def _drop_samples(root: Path) -> int:
    """Write the samples, and an empty copy's worth of folders, into the inbox; return how many."""
    from gateway.sandbox.samples import write_samples

    checked(root)
    return len(write_samples(root / "inbox" / "documents"))


def _show_results(site: Site, swept: Swept) -> bool:
    """Print each result with receipt and picture; return whether all validate."""
    pictures = site.loaded.settings.root / "pictures"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    anchors = site.equipment.anchors()
    valid = True
    for job in swept.delivered:
        result = Path(job.delivered)
        reports = site.documents.verify(result, anchors)
        good = bool(reports) and all(report.good for report in reports)
        valid = valid and good
        picture = pictures / f"{result.stem}.png"
        site.documents.draw(result, _page(result), picture)
        say(f"sealed    {display(str(result))}")
        say(f"receipt   {display(str(result))}.receipt.json")
        say(f"picture   {picture}")
        say(f"signature {'valid' if good else 'NOT VALID'}: {reports[-1].signer}")
    for job in swept.failed:
        say(f"failed    {display(job.returned)}: {job.code} {job.detail}")
    return valid


def _page(result: Path) -> int:
    """Read from the receipt on which page the seal is; index from 0."""
    from gateway.pipeline.receipt_parts import Receipt

    text = result.with_name(result.name + ".receipt.json").read_bytes()
    receipt = Receipt.model_validate_json(text)
    place = receipt.seal.place if receipt.seal is not None else None
    return place.page - 1 if place is not None else 0
