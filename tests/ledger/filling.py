"""A ledger with something in many of its tables, some of it awkward."""

from __future__ import annotations

from datetime import date

from gateway.core.accounts import Account
from gateway.core.notices import Notice
from gateway.core.people import Role
from gateway.core.quota import Package, Price
from gateway.core.registry import ArtworkKind, Grant, GrantKind, RegisteredSeal, SealVersion
from gateway.core.states import Event
from gateway.ledger import Ledger
from gateway.ports import LoginSecrets, QueuedNotice
from tests.ledger.making import new_job, travelled

_VERSION = SealVersion(1, "ab" * 32, ArtworkKind.PDF, 100.5, 75.0, "2026-11-29T12:00:00Z", "user:x")
PRICE = Price("csc", 1, repeats=1, repeats_are_free=False, per_document=False, metered=True)


def fill(ledger: Ledger) -> None:
    """Let things happen in an empty ledger."""
    travelled(ledger, "one")
    job = ledger.open(new_job("two", "caf\udce9.pdf"), {"title": 'a"b\\c\x00 盖'})
    ledger.advance(job, Event.HELD, {}, not_before=17.25, detail="half\0way")
    ledger.hold("service:csc", "service.busy", "503\n", 10.5)
    ledger.buy(Package("csc", 10, date(2026, 1, 1)), "user:test")
    ledger.begin(PRICE, "", "aa")
    grants = (Grant(GrantKind.ANY, "*"),)
    seal = RegisteredSeal("round", "csc", keeper="A", versions=(_VERSION,), grants=grants)
    ledger.seals.save(seal, "seal.added", {}, "user:test")
    person = Account("anna", "Anna", frozenset({Role.ADMINISTRATOR}), subject="i\ts")
    secrets = LoginSecrets("hash", "2026", b"\x00\xff", b"", 7, frozenset({"c"}))
    ledger.people.save(person, "person.added", {}, "user:test", secrets=secrets)
    ledger.notices.begin(wanted=True)
    notice = Notice("id", "failed", "2026-11-25T00:00:00Z", "Site")
    ledger.notices.queue(1, [QueuedNotice("ops", 1, notice, 0.5)])
