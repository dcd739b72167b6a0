"""What `sealgate init` writes: the shipped configuration is the tutorial."""

from __future__ import annotations

from pathlib import Path

from gateway.core.errors import UsageFault
from gateway.core.system_faults import site_fault

_FOLDERS = ("inbox/documents", "outbox", "archive", "failed", "rules", "seals", "trust")
_PRIVATE = ("state", "secrets")

_COMMON = """\
# Everything about this site but its rules (those are in rules/). Paths are relative to this
# file. `sealgate check` shows every mistake at once; every key: docs/configuration.md.

name: Example Ltd
{sandbox}
# One inbox = one folder below which PDFs are dropped. A file is taken when it has not changed
# for the quiet time `settle` (default: 2s on local disks, 10s on network shares).
inboxes:
  documents:
    path: inbox/documents
    scan_every: 20s          # events bring a scan forward; the scan is what counts

outbox: outbox               # results and their receipts
archive: archive             # original + result + receipt, by date
failed: failed               # what could not be sealed, with the reason
state: state                 # ledger, working files; on a local disk

# The web console, for people: docs/people.md. Without this it listens on 127.0.0.1:8470.
console:
  listen: 127.0.0.1:8470

# Who signs. Only digests are sent there. Secrets never stand in this file: {{secret: pin}} is
# systemd's credential `pin`, or SEALGATE_SECRET_PIN, or the file secrets/pin (mode 600).
services:
{service}
# Who stamps the time (RFC 3161), for profile level B-T.
timestamp:
  url: {timestamp}

# With this, they stamp the signing log, too, once a day: nobody rewrites it then (docs/log.md).
# log: {{timestamp: {{daily: "02:30"}}}}

# A seal that every rule may use: a PNG with transparent background, and its width on paper.
# Seals with versions, grants and limits, drawn or imported, are registered: docs/seals.md.
seals:
  company-seal:
    image: seals/company-seal.png
    width: 40mm
    service: {name}

# Whom this site trusts: the authorities above the signer and the time-stamps.
trust:
  anchors: [{anchor}]
"""

_SANDBOX_SERVICE = """\
  sandbox:
    type: csc                # Cloud Signature Consortium API v2
    url: sandbox://csc/v2    # the embedded service of this site
    credential: sandbox-seal
    oauth:
      token_url: sandbox://oauth2/token
      client_id: sealgate
      client_secret: {file: state/sandbox/client-secret}
    pin: {file: state/sandbox/pin}
    idempotent: true         # the same digest again is answered again, for one price
"""

_REAL_SERVICE = """\
  signing:
    type: csc                # Cloud Signature Consortium API; others: docs/recipes.md
    url: https://sign.example.com/csc/v2
    credential: ""           # its credentialID; empty when the service lists just one
    oauth:
      token_url: https://sign.example.com/oauth2/token
      client_id: ""          # as the service gave it to you
      client_secret: {secret: client-secret}
    pin: {secret: pin}
"""

_RULES = """\
# Rules for one inbox, tried from the top: the first that matches decides.
# Try one without spending anything: sealgate explain FILE --png page.png

inbox: documents
rules:
  - name: letters
    match: {path: "letters/**"}        # documents dropped below inbox/documents/letters
    seal: company-seal
    place: {page: first, corner: top-right, margin: 15mm}
    profile: {level: B-B}

  - name: contracts
    match: {path: "contracts/**", pages: ">=2"}
    seal: company-seal
    place:                             # two places under one signature: docs/placement.md
      - at: text                       # below the words, or in the corner where there are none
        find: "Seal here"
        side: below
        fallback: {page: last, corner: bottom-right, margin: 15mm}
      - straddle: {edge: right}        # sliced over the edges of all pages
    profile: {level: B-T, reason: "Agreed by Example Ltd"}

  - name: everything-else
    seal: company-seal
    place: {page: last, corner: bottom-right, margin: 15mm}
    profile: {level: B-T, reason: "Issued by Example Ltd"}
"""


def write_site(root: Path, *, sandbox: bool) -> tuple[Path, ...]:
    """Write a new site into an empty or missing folder; return the files written.

    Raises `UsageFault` (`usage.not-empty`), `SiteFault` when the folder cannot be written.
    """
    try:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise UsageFault("usage.not-empty", str(root))
        return _write(root, _texts(sandbox=sandbox))
    except OSError as error:
        raise site_fault(error, error.filename or root) from error


def _texts(*, sandbox: bool) -> dict[str, str]:
    """Return the text of each file."""
    return {
        "gateway.yaml": _COMMON.format(
            sandbox="sandbox: true                # for evaluation: never for real documents\n"
            if sandbox
            else "",
            service=_SANDBOX_SERVICE if sandbox else _REAL_SERVICE,
            timestamp="sandbox://tsa" if sandbox else "https://tsa.example.com/",
            name="sandbox" if sandbox else "signing",
            anchor="state/sandbox/root.pem" if sandbox else "trust/authority.pem",
        ),
        "rules/example.yaml": _RULES,
    }


def _write(root: Path, texts: dict[str, str]) -> tuple[Path, ...]:
    for name in _FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in _PRIVATE:
        (root / name).mkdir(mode=0o700)
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    return tuple(root / name for name in texts)
