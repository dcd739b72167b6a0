-- Notices on their way: one row for each subscription that wants to know of an entry of the log.

CREATE TABLE notices (
    subscription TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    batch INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL,
    PRIMARY KEY (subscription, sequence)
) WITHOUT ROWID;

CREATE INDEX notices_by_due ON notices (subscription, state, due, sequence);
