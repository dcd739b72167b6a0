"""Contract flows: acts on them, their folders, and what the clock has to say to them.

Theory of operation: what is decided is `core/flow_deciding.py`'s, what is remembered is the signing
log's. In here, an act is handed to the books (`office.py`), and afterwards the flow is *settled*:
its parties' folders and its jobs are made as they should be by its state (`settling.py`). Settling
can be repeated at any time, so it does not matter where the process was killed; which flows have
yet to be settled is a flag in their rows, set in the transaction of each act. A flow in which
nothing happens is never looked at: the clerk (`clerk.py`) asks two indexes and scans the folders in
which parties act.
"""
