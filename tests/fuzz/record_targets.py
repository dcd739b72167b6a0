"""What Sealgate has written and reads back: receipts, evidence of contract flows, backups."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gateway.core.chain import LogEntry, digest_of
from gateway.core.flow_definition import FlowDefinition
from gateway.core.flow_evidence import FlowEvidence
from gateway.core.flow_evidence_gathering import gathered
from gateway.flows.judging import judged
from gateway.folders.backups import check_files, read_manifest
from gateway.folders.opening import open_folder
from gateway.folders.pairs import owner_of
from gateway.folders.traces import _owner
from gateway.pipeline.auditing import _contradiction
from gateway.pipeline.restoring import _fits
from gateway.ports.traces import Trace
from gateway.wiring.restores import _moved, lay_configuration
from tests.fuzz.mutating import JSON_VALUE
from tests.fuzz.target import Target

_HASH = "a" * 64
_JOB = "20261129-1"


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="sealgate-fuzz-"))


def _receipt(data: bytes) -> None:
    """Read a receipt as delivery, the audit and a restore do."""
    artifact = SimpleNamespace(sha256=_HASH)
    job: Any = SimpleNamespace(id=_JOB, sha256=_HASH, result="sealed", artifact=lambda _: artifact)
    (_folder() / "a.pdf.receipt.json").write_bytes(data)
    with open_folder(_folder()) as folder:
        owner = owner_of(folder, "a.pdf")
    assert _owner(_folder(), "a.pdf.receipt.json")[0] == owner
    assert isinstance(_contradiction(job, data), str)
    assert isinstance(_fits(job, Trace(data, _folder() / "a.pdf", False, False)), bool)


def _receipts() -> tuple[bytes, ...]:
    file = {"name": "a.pdf", "sha256": _HASH, "size": 17}
    place = {"page": 1, "x": 1.5, "y": 2, "width": 40, "height": 30, "rotation": 15}
    told = {
        "receipt": 1,
        "status": "sealed",
        "job": _JOB,
        "inbox": "invoices",
        "source": "contracts/合同.pdf",
        "original": file,
        "generation": 1,
        "attempts": 0,
        "times": {"claimed": "2026-11-13T10:00:00Z", "finished": "2026-11-13T10:00:01Z"},
        "result": file,
        "rule": {"name": "r", "snapshot": _HASH, "trace": [], "terms": _HASH},
        "seal": {"name": "company", "artwork": _HASH, "version": 2, "place": place},
        "stamps": [place | {"seal": "company", "part": [0, 0, 1, 1]}],
        "signature": dict.fromkeys(("level", "field", "service", "signer", "serial"), "x")
        | {"fingerprint": _HASH, "signed_at": "2026-11-13T10:00:01Z", "timestamped": True},
    }
    failed = told | {"status": "failed", "error": {"code": "pdf.broken", "retryable": False}}
    return json.dumps(told, ensure_ascii=False).encode(), json.dumps(failed).encode()


class _Log:
    """A signing log that knows of one contract flow."""

    def __init__(self, known: tuple[LogEntry, ...]) -> None:
        self._known = known

    def entries(self, *, job: str) -> tuple[LogEntry, ...]:
        """Return the entries of a job."""
        return tuple(entry for entry in self._known if entry.job == job)

    def verify(self) -> tuple[()]:
        """Find nothing wrong."""
        return ()


_DEFINITION = {
    "name": "lease",
    "inbox": "leases",
    "parties": [{"name": "anna", "user": "anna"}, {"name": "acme", "mail": "a@acme.example"}],
    "stages": [
        {"steps": [{"name": "read", "kind": "approve", "party": "anna", "reminders": [60.0]}]},
        {"steps": [{"name": "look", "kind": "review", "party": "acme"}], "name": "all"},
    ],
}


@cache
def _story() -> tuple[FlowDefinition, tuple[LogEntry, ...]]:
    definition = FlowDefinition.from_json(json.dumps(_DEFINITION).encode())
    hashed = hashlib.sha256(definition.to_json()).hexdigest()
    begun = {"definition": hashed, "sha256": _HASH, "source": "lease.pdf", "flow": "lease"}
    story: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("job.accepted", {"sha256": _HASH}),
        ("flow.begun", begun),
        ("step.opened", {"step": "read", "due": "2026-11-20T10:00:00Z"}),
        ("step.approved", {"step": "read", "sha256": _HASH}),
        ("step.opened", {"step": "look"}),
        ("flow.withdrawn", {"why": "the price"}),
    )
    entries: list[LogEntry] = []
    for number, (event, details) in enumerate(story, 1):
        at = datetime(2026, 11, 13, 10, 0, number, tzinfo=UTC).isoformat().replace("+00:00", "Z")
        before = entries[-1].hash if entries else ""
        plain = LogEntry(
            number, at, event, _JOB, "user:anna", tuple(sorted(details.items())), before, ""
        )
        entries.append(LogEntry(*(*vars(plain).values(),)[:-1], digest_of(plain)))
    return definition, tuple(entries)


def _evidence(data: bytes) -> None:
    """Hold evidence against a log, which says what it is worth."""
    log: Any = _Log(_story()[1])
    for finding in judged(FlowEvidence.from_json(data), log, _HASH):
        assert isinstance(finding.flaw, str)


def _evidences() -> tuple[bytes, ...]:
    definition, entries = _story()
    log = _Log(entries)
    return (gathered("Site", _JOB, definition, lambda job: log.entries(job=job)).to_json(),)


def _backup(data: bytes) -> None:
    """Check a backup against its list and lay out its configuration, within our folder."""
    backup, root = _folder() / "backup", _folder() / "root"
    for one in (backup, root):
        shutil.rmtree(one, ignore_errors=True)
    (backup / "site").mkdir(parents=True)
    (backup / "site" / "gateway.yaml").write_bytes(b"seals: {}\n")
    (backup / "manifest.json").write_bytes(data)
    manifest = read_manifest(backup)
    check_files(backup, manifest)
    # Where a backup's rules and state belong is for the person who restores it to know.
    if all(_moved(path, manifest, root).is_relative_to(root) for path in manifest.folders.values()):
        lay_configuration(backup, manifest, root, "")


def _manifests() -> tuple[bytes, ...]:
    told = {
        "format": 1,
        "site": "Example",
        "taken": "2026-11-13T10:00:00Z",
        "program": "0.9.0",
        "schema": 16,
        "entries": 7,
        "head": _HASH,
        "engine": "sqlite",
        "folders": {name: f"/srv/{name}" for name in ("rules", "state", "outbox")}
        | {"root": "/srv"},
        "secrets": True,
        "archive": False,
        "left_out": ["/etc/secret"],
        "files": [
            {
                "path": "site/gateway.yaml",
                "size": 10,
                "sha256": hashlib.sha256(b"seals: {}\n").hexdigest(),
                "mode": 416,
            }
        ],
    }
    return (json.dumps(told).encode(),)


RECORD_TARGETS = (
    Target("receipt", _receipt, _receipts, (b"\\ud800", b'"job": '), JSON_VALUE),
    Target(
        "evidence", _evidence, _evidences, (b"flow.", b"step.", b"\\ud800"), JSON_VALUE, tries=150
    ),
    Target("backup", _backup, _manifests, (b"../", b"\\u0000", b"\\ud800"), JSON_VALUE, tries=150),
)
