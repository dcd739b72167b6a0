"""`sealgate log timestamp`, and what is told of the log's time-stamps elsewhere."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from gateway.cli.output import say, show
from gateway.cli.site import actor, opened
from gateway.core.log_timestamps import LogTimestamp
from gateway.daemon.log_stamping import StampingWork
from gateway.folders.log_timestamps import FOLDER
from gateway.pipeline.log_auditing import LogAudit
from gateway.wiring import Site, log_stamping


def log_timestamp(chosen: argparse.Namespace) -> int:
    """Have the log's head time-stamped now, whatever the schedule."""
    with opened(chosen.site, serving=True, with_rules=False) as site:
        stamp = stamping_work(site).at_once(actor())
        file = site.loaded.settings.archive / FOLDER / stamp.file
    columns = ("entry", "hash", "time", "authority", "file")
    row = (stamp.head.sequence, stamp.head.hash, _moment(stamp), stamp.authority, str(file))
    show("Time-stamp", columns, [row], as_json=chosen.json)
    return 0


def stamping_work(site: Site) -> StampingWork:
    """Return what has the signing log of an open site time-stamped."""
    folder = site.loaded.settings.state / "log-timestamps"
    return StampingWork(site.equipment, log_stamping(site), folder)


def tell_audited(found: LogAudit) -> None:
    """Say since when the log is known to have been as it is."""
    if found.latest is None:
        say("no time-stamp vouches for it: whoever can write the ledger could have made it anew")
        return
    checked = "time-stamp was" if found.tokens == 1 else "time-stamps were"
    say(
        f"{found.tokens} {checked} checked; the entries up to {found.latest.head.sequence} of"
        f" {found.head.sequence} existed at {_moment(found.latest)} ({found.latest.authority})"
    )


@dataclass(frozen=True)
class LatestStamp:
    """What `status` tells of the log's time-stamps."""

    stamp: LogTimestamp | None
    wanted: bool

    @classmethod
    def of(cls, site: Site) -> LatestStamp:
        """Look at an open site."""
        wanted = site.loaded.settings.log_timestamp is not None
        return cls(site.ledger.log_timestamps.latest(), wanted)

    def tell(self) -> None:
        """Print a line, if a time-stamp is wanted or was made."""
        if self.stamp is not None:
            by = f"at {_moment(self.stamp)} by {self.stamp.authority}"
            say(f"log      time-stamped up to entry {self.stamp.head.sequence} {by}")
        elif self.wanted:
            say("log      not time-stamped yet")

    def value(self) -> dict[str, object] | None:
        """Return it as JSON tells it."""
        if self.stamp is None:
            return None
        return {
            "entry": self.stamp.head.sequence,
            "hash": self.stamp.head.hash,
            "time": self.stamp.at.isoformat(),
            "authority": self.stamp.authority,
        }


def _moment(stamp: LogTimestamp) -> str:
    return f"{stamp.at:%Y-%m-%d %H:%M:%S}Z"
