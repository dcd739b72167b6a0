-- Registered seals: versions, grants, uses and serial numbers; who dropped a file.

ALTER TABLE jobs ADD COLUMN dropper TEXT NOT NULL DEFAULT '';

CREATE TABLE seals (
  name        TEXT PRIMARY KEY NOT NULL,
  service     TEXT NOT NULL,
  owner       TEXT NOT NULL,
  keeper      TEXT NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  per_day     INTEGER,
  per_month   INTEGER,
  approval    INTEGER NOT NULL,
  standing    TEXT NOT NULL,
  revision    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE seal_versions (
  seal    TEXT NOT NULL REFERENCES seals (name),
  number  INTEGER NOT NULL,
  artwork TEXT NOT NULL,
  kind    TEXT NOT NULL,
  width   REAL NOT NULL,
  height  REAL NOT NULL,
  made    TEXT NOT NULL,
  actor   TEXT NOT NULL,
  source  TEXT NOT NULL,
  design  TEXT NOT NULL,
  PRIMARY KEY (seal, number)
) WITHOUT ROWID;

CREATE TABLE seal_grants (
  seal    TEXT NOT NULL REFERENCES seals (name),
  kind    TEXT NOT NULL,
  pattern TEXT NOT NULL,
  PRIMARY KEY (seal, kind, pattern)
) WITHOUT ROWID;

CREATE TABLE seal_uses (
  job      TEXT NOT NULL REFERENCES jobs (id),
  seal     TEXT NOT NULL,
  document TEXT NOT NULL,
  place    INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  inbox    TEXT NOT NULL,
  rule     TEXT NOT NULL,
  user     TEXT NOT NULL,
  wanted   INTEGER NOT NULL,
  asked    TEXT NOT NULL,
  approval TEXT NOT NULL DEFAULT '',
  decided  TEXT NOT NULL DEFAULT '',
  decider  TEXT NOT NULL DEFAULT '',
  why      TEXT NOT NULL DEFAULT '',
  used     TEXT NOT NULL DEFAULT '',
  day      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (job, seal, document)
) WITHOUT ROWID;
CREATE INDEX seal_uses_by_day ON seal_uses (seal, day);

CREATE TABLE seal_serials (
  seal   TEXT NOT NULL,
  job    TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (seal, job),
  UNIQUE (seal, number)
) WITHOUT ROWID;

CREATE TRIGGER seals_are_not_removed BEFORE DELETE ON seals
BEGIN
  SELECT RAISE(ABORT, 'seals are revoked, not removed');
END;
CREATE TRIGGER revoked_seals_stay_revoked BEFORE UPDATE ON seals
WHEN OLD.standing = 'revoked'
BEGIN
  SELECT RAISE(ABORT, 'a revoked seal does not change');
END;
CREATE TRIGGER seal_versions_are_not_changed BEFORE UPDATE ON seal_versions
BEGIN
  SELECT RAISE(ABORT, 'versions of seals are append-only');
END;
CREATE TRIGGER seal_versions_are_not_removed BEFORE DELETE ON seal_versions
BEGIN
  SELECT RAISE(ABORT, 'versions of seals are append-only');
END;
