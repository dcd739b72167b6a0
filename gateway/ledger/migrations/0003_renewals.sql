-- Which archived results need another document time-stamp, and when.

CREATE TABLE renewals (
  job   TEXT PRIMARY KEY NOT NULL,
  path  BLOB NOT NULL,
  ends  TEXT NOT NULL,
  times INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX renewals_by_end ON renewals (ends);
