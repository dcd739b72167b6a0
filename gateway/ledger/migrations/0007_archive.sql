-- Legal holds on archived jobs, and jobs whose archived files were removed.

CREATE TABLE legal_holds (
  job   TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
  since TEXT NOT NULL,
  actor TEXT NOT NULL,
  why   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE purges (
  job      TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
  begun    TEXT NOT NULL,
  finished TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX purges_under_way ON purges (job) WHERE finished = '';
