"""`sealgate notices`: what waits to be told, and what could not be."""

from __future__ import annotations

import argparse
import secrets

from gateway.cli.output import Cell, complain, say, show
from gateway.cli.site import opened, turn_of
from gateway.core.errors import NoticeFault, UsageFault
from gateway.core.notice_settings import Subscription
from gateway.ports import NoticeState, NoticeTally
from gateway.wiring import Site

_COLUMNS = ("notice", "entry", "at", "event", "about", "state", "attempts", "code", "detail")
_OPEN = (NoticeState.QUEUED, NoticeState.DEAD)


def notices_list(chosen: argparse.Namespace) -> int:
    """List what waits to be told or was laid aside; exit 1 when something was."""
    states = tuple(NoticeState) if chosen.all else _OPEN
    with opened(chosen.site, with_rules=False) as site:
        found = site.ledger.notices.rows(states)
    rows: list[tuple[Cell, ...]] = [
        (
            one.subscription,
            one.sequence,
            one.notice.at,
            one.notice.event,
            one.notice.source or one.notice.subject,
            one.state.value,
            one.attempts,
            one.code,
            one.detail,
        )
        for one in found
    ]
    show("Notices", _COLUMNS, rows, as_json=chosen.json)
    return 1 if any(one.state is NoticeState.DEAD for one in found) else 0


def notices_retry(chosen: argparse.Namespace) -> int:
    """Let what was laid aside, or waits for its next attempt, be told at once."""
    with opened(chosen.site, with_rules=False) as site:
        if chosen.name:
            _named(site, chosen.name)
        now = site.equipment.clock.now().timestamp()
        count = site.ledger.notices.again(chosen.name, now)
        say(f"{count} notices wait to be told again")
        if count and turn_of(site).worker() is None:
            complain("no daemon is running: sealgate run or sealgate sweep tells them")
    return 0


def notices_test(chosen: argparse.Namespace) -> int:
    """Send a test notice now; exit 1 when its target does not take it."""
    with opened(chosen.site, with_rules=False) as site:
        subscription = _named(site, chosen.name)
        try:
            message = site.notifying.test(subscription, f"test-{secrets.token_hex(8)}")
        except NoticeFault as fault:
            complain(f"{fault}\n    {fault.remedy}")
            return 1
    say(f"{chosen.name} has taken {message.id}: {message.subject}")
    return 0


def _named(site: Site, name: str) -> Subscription:
    found = [one for one in site.loaded.settings.notices if one.name == name]
    if not found:
        raise UsageFault("usage.unknown-notice", name)
    return found[0]


def tell_now(site: Site) -> None:
    """Tell what a sweep has done; what cannot be told waits for the next one, or the daemon."""
    for name, attempt in site.notifying.flush():
        complain(f"notice {name}: {attempt.code} ({attempt.detail})")


def troubled(site: Site) -> tuple[NoticeTally, ...]:
    """Return the subscriptions of which something fails or was laid aside."""
    return tuple(one for one in site.ledger.notices.tallies() if one.failing or one.dead)


def told(tally: NoticeTally) -> str:
    """Say in one line how a subscription's notices stand."""
    what = f"{tally.queued} wait, {tally.dead} laid aside"
    return f"{what}: {tally.code} ({tally.detail})" if tally.code else what


def notice_checks(site: Site) -> list[tuple[Cell, ...]]:
    """Return a line of `sealgate doctor` for each subscription; nothing is sent for it."""
    tallies = {one.subscription: one for one in troubled(site)}
    return [
        (f"notice {one.name}", "fail", told(tallies[one.name]))
        if one.name in tallies
        else (f"notice {one.name}", "ok", "nothing is late")
        for one in site.loaded.settings.notices
    ]
