"""Puts together what places seals by hand."""

from __future__ import annotations

from functools import partial

from gateway.folders.rule_files import FolderRuleFiles
from gateway.folders.samples import FolderSamples
from gateway.folders.ticket_writing import InboxTickets
from gateway.pipeline.hand_placing import HandPlacing
from gateway.pipeline.positioning import Positioning
from gateway.pipeline.rule_keeping import RuleKeeping
from gateway.wiring.site import Site, load_site


def positioning(site: Site) -> Positioning:
    """Return what tries and changes where an open site's rules put their seals."""
    settings = site.loaded.settings
    changes, load_drafts = site.ledger.rule_changes, partial(load_site, settings.root)
    inboxes = {inbox.name: inbox.path for inbox in settings.inboxes}
    largest = settings.limits.max_file_size
    samples = FolderSamples(settings.state / "samples", inboxes, settings.failed, largest)
    files = FolderRuleFiles(settings.rules)
    keeping = RuleKeeping(
        files, changes, load_drafts, site.equipment.clock, four_eyes=site.four_eyes
    )
    return Positioning(keeping, site.equipment, site.documents, samples)


def hand_placing(site: Site, tried: Positioning) -> HandPlacing:
    """Return what places seals on documents that wait in an open site's inboxes."""
    inboxes = {inbox.name: inbox.path for inbox in site.loaded.settings.inboxes}
    return HandPlacing(tried, InboxTickets(inboxes))
