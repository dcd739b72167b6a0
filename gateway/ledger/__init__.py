"""The ledger: jobs, holds, seals, small facts and the hash-chained signing log."""

from gateway.ledger.ledger import Ledger, SqliteLedger
from gateway.ledger.looking import Place, SqliteFile
from gateway.ledger.people_rows import known_people
from gateway.ledger.seals import registered_seals

__all__ = ["Ledger", "Place", "SqliteFile", "SqliteLedger", "known_people", "registered_seals"]
