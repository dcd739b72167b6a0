"""Let thousands of contract flows wait for their parties, and measure what that costs.

Usage: python -m bench.idle_flows [--flows N] [--seconds S]

Prints the processor time and memory of a daemon that has nothing to do, without flows and with N
open ones, how long the console needs for its board, and how long an act takes among so many.
"""

from __future__ import annotations

import argparse
import os
import secrets
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.cli.site import opened as opened_site
from gateway.core.accounts import Account
from gateway.core.flow_acts import Act, ActKind, Actor
from gateway.core.job import Job, Slot
from gateway.core.people import Role
from gateway.core.states import Event, State
from gateway.core.visiting import Way
from gateway.flows.settling import settle
from gateway.wiring import Site, open_site
from gateway.wiring.flows import flow_room
from tests.console.browser import Browser
from tests.e2e.flowing import Parties, add_flow
from tests.e2e.pages import write_pdf
from tests.e2e.site import TestSite, wait_for

_FLOW = """\
name: lease
deadline: 300d
parties: {legal: , tenant: }
steps:
  - {name: check, type: review, party: legal, deadline: 90d, reminders: [7d, 1d]}
  - {name: agree, type: approve, party: tenant}
"""
_PAUSE = 15.0
"""Seconds for which a daemon may come to rest before it is measured."""


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sealgate-flows-") as folder:
        site = TestSite.make(Path(folder) / "site", settle="2s", scan_every="20s")
        add_flow(site, _FLOW)
        measured(site, 0, chosen.seconds)
        began = time.monotonic()
        with_flows(site, chosen.flows)
        say(f"{chosen.flows} flows begun in {time.monotonic() - began:.0f} s")
        shown(site)
        measured(site, chosen.flows, chosen.seconds)


def with_flows(site: TestSite, count: int) -> None:
    """Begin flows whose documents lie in their party's folder, as the daemon would."""
    document = write_pdf(site.root.parent / "lease.pdf", ("A lease",))
    opened = open_site(site.root)
    try:
        for number in range(count):
            _begin(opened, document, number)
    finally:
        opened.close()


def _begin(site: Site, document: Path, number: int) -> None:
    equipment, room = site.equipment, flow_room(site)
    definition = equipment.flow_of("lease")
    if definition is None:
        raise SystemExit("the site has no flow")
    now = datetime.now(UTC) - timedelta(seconds=number)
    name = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    job = Job(name, State.CLAIMED, 1, "lease", f"lease-{number:05}.pdf", "", now, now)
    job = equipment.jobs.open(job, {})
    original = equipment.vault.put(job.id, Slot.ORIGINAL, document)
    changes = {"sha256": original.sha256, "size": original.size, "generation": 1}
    job = equipment.jobs.advance(job, Event.ACCEPTED, {}, artifacts=(original,), **changes)
    sha256 = equipment.revisions.keep(job.id, document)
    act = Act(ActKind.BEGIN, actor=Actor("inbox:lease"), sha256=sha256, source=job.source)
    equipment.flows.begin(job, definition, act)
    for flow, changed in room.agenda.unsettled(2):
        settle(room, flow)
        room.agenda.settled(flow, changed)


def measured(site: TestSite, flows: int, seconds: float) -> None:
    """Run a daemon and print what it uses while nothing happens, then how long an act takes."""
    parties = Parties(site)
    with site.daemon() as daemon:
        wait_for("the daemon is ready", lambda: "ready" in site.daemon_says())
        time.sleep(_PAUSE)
        before = _processor_seconds(daemon.pid)
        time.sleep(seconds)
        used = _processor_seconds(daemon.pid) - before
        share = 100 * used / seconds
        say(f"{flows} open flows: {share:.2f} % of a processor, {_memory(daemon.pid):.0f} MiB")
        if flows:
            began = time.monotonic()
            parties.move("legal", "lease-00042")
            parties.todo("tenant", "lease-00042")
            say(f"from one party to the next: {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    listed = site.json("flows", "list")
    say(f"sealgate flows list: {len(listed)} in {time.monotonic() - began:.1f} s")  # type: ignore[arg-type]


def shown(site: TestSite) -> None:
    """Print how long the console needs for its board: for all flows, and for none of so many."""
    with opened_site(site.root) as opened:
        keeping = opened.people.keeping("user:test")
        for role in (Role.AUDITOR, Role.SUBMITTER):
            keeping.add(Account(role.value, role.value.title(), frozenset({role})))
            person = opened.people.books.people.person(role.value)
            if person is None:
                raise SystemExit("the site has lost a user")
            browser = Browser(opened)
            token = opened.people.entrance.begin(person, Way.PASSWORD).token
            browser.client.cookies.set("sealgate", token, domain="127.0.0.1")
            browser.get("/flows")
            began = time.monotonic()
            page = browser.get("/flows")
            seconds = time.monotonic() - began
            say(f"board for {role.value}: status {page.status_code} in {seconds:.2f} s")


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> float:
    text = Path(f"/proc/{process}/status").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def say(words: str) -> None:
    """Print a line at once."""
    print(words, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
