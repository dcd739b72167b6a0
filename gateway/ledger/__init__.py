"""The ledger: jobs, holds, small facts and the hash-chained signing log, in one SQLite file."""

from gateway.ledger.ledger import SqliteLedger

__all__ = ["SqliteLedger"]
