-- What manifests of batches list, and which jobs have claimed it.

CREATE TABLE batch_members (
  batch  TEXT NOT NULL REFERENCES jobs (id),
  row    INTEGER NOT NULL,
  inbox  TEXT NOT NULL,
  source BLOB NOT NULL,
  ticket TEXT NOT NULL,
  due    REAL NOT NULL,
  job    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (batch, row)
) WITHOUT ROWID;
CREATE INDEX batch_members_awaited ON batch_members (inbox, source) WHERE job = '';
CREATE UNIQUE INDEX batch_members_by_job ON batch_members (job) WHERE job <> '';
CREATE INDEX jobs_by_batch ON jobs (batch, id) WHERE batch <> '';
