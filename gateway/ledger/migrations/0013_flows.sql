-- Contract flows. Their story is in the log; a row is what is looked for, kept beside it.

ALTER TABLE jobs ADD COLUMN flow TEXT NOT NULL DEFAULT '';

CREATE TABLE flows (
  id         TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
  definition TEXT NOT NULL REFERENCES snapshots (snapshot),
  name       TEXT NOT NULL,
  source     TEXT NOT NULL,
  owner      TEXT NOT NULL,
  state      TEXT NOT NULL,
  version    INTEGER NOT NULL,
  parties    TEXT NOT NULL,
  steps      TEXT NOT NULL,
  awaited    TEXT NOT NULL,
  revision   TEXT NOT NULL,
  due        TEXT NOT NULL,
  begun      TEXT NOT NULL,
  updated    TEXT NOT NULL,
  unsettled  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX flows_by_state ON flows (state, id);
CREATE INDEX flows_by_due ON flows (due) WHERE due <> '';
CREATE INDEX flows_by_revision ON flows (revision);
CREATE INDEX flows_unsettled ON flows (id) WHERE unsettled > 0;
