"""Codes of errors about a ledger in PostgreSQL, and the nodes that share it."""

from __future__ import annotations

from gateway.core.error_code import usage

LEDGER_CODES = (
    usage(
        "ledger.not-moved",
        "The ledger is to be in PostgreSQL, and there is one in the state folder still.",
        "Stop the daemon and the console, then: sealgate ledger move.",
    ),
    usage(
        "ledger.not-empty",
        "The database has a ledger with something in it already.",
        "Name an empty database in gateway.yaml: nothing is overwritten.",
    ),
    usage(
        "ledger.no-file",
        "There is no ledger in the state folder.",
        "Nothing needs to be moved; a new ledger is made when Sealgate starts.",
    ),
    usage(
        "ledger.no-database",
        "No database for the ledger is named in gateway.yaml.",
        "Say where it goes, as in docs/ledger.md: ledger: {postgresql: {host: db.example.org}}.",
    ),
    usage(
        "usage.one-node",
        "Only one node can work on this site: its ledger is a file.",
        "Move the ledger to PostgreSQL, as in docs/ledger.md, when several are to share the work.",
    ),
    usage(
        "usage.no-node",
        "No node of that name has worked on this site.",
        "sealgate status --cluster lists them.",
    ),
)
