"""The ledger on PostgreSQL: what differs from SQLite, and nothing else."""
