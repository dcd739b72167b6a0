"""Ends a session that keeps all writers waiting though its process stands still.

Amid a pipeline a session is not idle to the server, which waits for the rest of what it is being
sent: no time-out of its own ends it. So whoever has waited for the lock in vain does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import psycopg

from gateway.ledger.postgresql.address import IDLE
from gateway.ledger.postgresql.connection import Raw

LOCK = 0x5EA16A7E
"""Our first key of advisory locks; the second is the schema's, for several may be in a database."""
# Rows that are copied in may come slowly: that is no standing still.
_END = b"""
SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = %s
  AND objid::bigint = hashtext(current_schema())::bigint & x'ffffffff'::bigint
  AND datname = current_database() AND usename = current_user
  AND wait_event = 'ClientRead' AND query NOT ILIKE 'copy %%'
  AND state_change < clock_timestamp() - make_interval(secs => %s)
"""


def end_who_stands_still(connect: Callable[[], Raw]) -> None:
    """End the session that has the lock, if it was sent nothing for longer than one may lie idle.

    A node whose process goes on later finds its transaction gone, as after any lost connection.
    """
    with suppress(psycopg.Error), connect() as raw:
        raw.execute(_END, (LOCK, IDLE), prepare=False)
