-- Time-stamps (RFC 3161) over the log's head, in the order in which they were made.
CREATE TABLE log_timestamps (
  number    INTEGER PRIMARY KEY NOT NULL,
  sequence  INTEGER NOT NULL,           -- of the entry that was the head
  hash      TEXT NOT NULL,              -- of that entry: what the token is over
  at        TEXT NOT NULL,              -- the authority's time; UTC, ISO 8601
  authority TEXT NOT NULL,
  stored    TEXT NOT NULL,              -- our own time
  file      TEXT NOT NULL UNIQUE,       -- name of its copy in the archive
  token     BLOB NOT NULL UNIQUE        -- DER
);
