"""What people write: a site's files, tickets, manifests, calendars, designs of seals."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.tickets import ReceivedTicket
from gateway.seals.artist import DesignArtist
from gateway.seals.designs import parse_design
from gateway.seals.templates import ready_templates, template
from gateway.settings.holiday_file import closures_of
from gateway.settings.manifest_file import read_manifest
from gateway.settings.problems import Objection
from gateway.settings.rule_editing import RuleEdit, decoded, edited, rule_texts
from gateway.settings.ticket_file import parse_ticket
from tests.fuzz.mutating import JSON_VALUE
from tests.fuzz.target import Target
from tests.settings.conftest import RULES, SITE, Configuration
from tests.settings.test_flows import FLOW

_SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
_MORE = """\
people: {homes: "invoices/{login}"}
console: {listen: "127.0.0.1:8443"}
log: {timestamp: {daily: "03:00"}}
calendars:
  office: {hours: [Mon-Thu 08:00-18:00, Fri 08:00-14:00], except: off.ics}
inboxes:
  invoices: {open: office, tickets: optional, priority: 3, settle: 2s}
retention: {keep: 10y}
"""
_RULE = """\
inbox: invoices
rules:
  - name: contracts
    match: {path: "c/**/*.pdf", pages: ">=2", text: "Seal here|盖章处"}
    seal: company
    place:
      - {at: text, find: "盖章处", occurrence: last, offset: {x: 10mm, y: -5%}}
      - straddle: {edge: right, pages: all}
      - {page: 2, x: 10mm, y: 20mm, width: 30mm, rotation: 15}
    profile: {level: B-LTA, certify: no-changes, reason: "Approved {date}"}
    deliver: {outbox: contracts, name: "{stem}-sealed{n}.pdf"}
  - &all
    name: rest
    seal: company
    place: {page: last, corner: bottom-right, margin: 15mm}
"""
_TICKET = """\
seal: company
place: [{page: last, corner: bottom-right, margin: 15mm}]
profile: strong
reference: "4711"
recipient: a@example.org
priority: 3
sha256: "%s"
fields: {amount: "60000", currency: EUR}
""" % ("0" * 64)
_CALENDAR = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:x\r
BEGIN:VEVENT\r
SUMMARY:Off\r
DTSTART;VALUE=DATE:20260105\r
DTEND;VALUE=DATE:20260107\r
RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1FR;COUNT=3\r
RDATE;VALUE=DATE:20270101,20280101\r
EXDATE;VALUE=DATE:20260106\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20261224\r
DURATION:P2D\r
RRULE:FREQ=YEARLY;UNTIL=20301231\r
END:VEVENT\r
END:VCALENDAR\r
"""
_VALUES = dict.fromkeys(("serial", "signer", "reason", "hash", "receipt", "name"), "42") | {
    "moment": "2026-11-23T18:30:00+00:00"
}


@cache
def _site() -> Configuration:
    site = Configuration(Path(tempfile.mkdtemp(prefix="sealgate-fuzz-")))
    (site.root / "rules" / "flows").mkdir()
    (site.root / "off.ics").write_text(_CALENDAR)
    return site


def _loaded(name: str, data: bytes) -> None:
    site = _site()
    for file, text in (
        ("gateway.yaml", SITE),
        ("rules/a.yaml", RULES),
        ("rules/flows/f.yaml", FLOW),
    ):
        (site.root / file).write_bytes(data if file == name else text.encode())
    site.load()


def _rule_edit(data: bytes) -> None:
    """Change the first rules of a file, of which nothing else may change."""
    for rule in rule_texts("a.yaml", decoded(data).removeprefix("\ufeff"))[:3]:
        change = RuleEdit(({"page": "3", "corner": "top-left"},), seal="other")
        try:
            after = edited("a.yaml", data, rule.name, change)
        except UsageFault:
            continue
        told = rule_texts("a.yaml", decoded(after).removeprefix("\ufeff"))
        found = next(one for one in told if one.name == rule.name)
        assert (found.seal, found.places) == ("other", change.places)
        assert edited("a.yaml", after, rule.name, change) == after


def _ticket(data: bytes, name: str = "a.pdf.ticket.yaml") -> None:
    received = parse_ticket(name, data)
    assert (received.asks is None) == bool(received.problem)
    assert ReceivedTicket.from_json(received.to_json()) == received


def _manifest(name: str, data: bytes) -> None:
    file = _site().root / name
    file.write_bytes(data)
    read = read_manifest(file, name)
    assert bool(read.problem) != bool(read.listed)


def _holidays(data: bytes) -> None:
    file = _site().root / "fuzz.ics"
    file.write_bytes(data)
    try:
        closures_of(file)
    except Objection:
        return


def _design(data: bytes) -> None:
    try:
        design = parse_design(data)
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        return
    assert parse_design(design) == design
    DesignArtist().draw(design, _VALUES)


def _designs() -> tuple[bytes, ...]:
    made = []
    for ready in ready_templates():
        words = dict.fromkeys(ready.wants, "12345")
        if "strokes" in (*ready.wants, *ready.takes):
            words["strokes"] = "M0 0L9 9"
        made.append(template(ready.name, **words))
    return tuple(made)


@cache
def _words(schema: str) -> tuple[bytes, ...]:
    """Return the keys and fixed values of a kind of file."""
    found: set[str] = set()
    stack = [json.loads((_SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            found |= set(part.get("properties", {}))
            found |= {one for one in part.get("enum", ()) if isinstance(one, str)}
            stack += part.values()
        elif isinstance(part, list):
            stack += part
    return tuple(f"{word}: ".encode() for word in sorted(found))


_YAML = (b"\n", b"  ", b"- ", b": ", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"<<: *a", b"? ", b"!!")
_SITES = (SITE.encode(), (SITE.replace("inboxes:\n  invoices:\n", "") + _MORE).encode())
_RULES = (RULES.encode(), _RULE.encode())
_MANIFEST = b'{"count": 1, "documents": [{"file": "a.pdf", "seal": "company", "priority": 2}]}'
_TABLE = b"file;seal;reference;priority\na.pdf;company;7;1\nb.pdf;;8;\n"

SETTINGS_TARGETS = (
    Target(
        "gateway-yaml",
        lambda data: _loaded("gateway.yaml", data),
        lambda: _SITES,
        (*_YAML, *_words("gateway")),
        tries=100,
    ),
    Target(
        "rules-yaml",
        lambda data: _loaded("rules/a.yaml", data),
        lambda: _RULES,
        (*_YAML, *_words("rules")),
        tries=100,
    ),
    Target(
        "flow-yaml",
        lambda data: _loaded("rules/flows/f.yaml", data),
        lambda: (FLOW.encode(),),
        (*_YAML, *_words("flow")),
        tries=100,
    ),
    Target("rule-edit", _rule_edit, lambda: _RULES, _YAML, tries=100),
    Target("ticket", _ticket, lambda: (_TICKET.encode(),), (*_YAML, *_words("ticket"))),
    Target(
        "ticket-json",
        lambda data: _ticket(data, "a.pdf.ticket.json"),
        lambda: (b'{"seal": "company", "reference": "\\ud83d\\ude00", "priority": 3}',),
        (b"\\ud83d", b"\\u0000", b'"', *_words("ticket")),
    ),
    Target(
        "manifest",
        lambda data: _manifest("a.batch.json", data),
        lambda: (_MANIFEST,),
        part=JSON_VALUE,
    ),
    Target("manifest-csv", lambda data: _manifest("a.batch.csv", data), lambda: (_TABLE,)),
    Target("holidays", _holidays, lambda: (_CALENDAR.encode(),), (b"\r\n", b";", b":", b"FREQ=")),
    Target("design", _design, _designs, _words("design"), JSON_VALUE, tries=60),
)
