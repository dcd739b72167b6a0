-- What attempts may have cost, what was bought, and other services a job may go to.

ALTER TABLE jobs ADD COLUMN alternatives TEXT NOT NULL DEFAULT '';

CREATE TABLE charges (
  number       INTEGER PRIMARY KEY NOT NULL,
  service      TEXT NOT NULL,
  job          TEXT NOT NULL,
  digest       TEXT NOT NULL,
  units        INTEGER NOT NULL,
  state        TEXT NOT NULL,
  sent         TEXT NOT NULL,
  code         TEXT NOT NULL DEFAULT '',
  acknowledged INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX charges_by_job ON charges (job, digest, state);
CREATE INDEX charges_by_day ON charges (service, sent);
CREATE INDEX charges_open ON charges (state, service) WHERE state IN ('sent', 'unknown');

CREATE TABLE spending (
  service TEXT NOT NULL,
  day     TEXT NOT NULL,
  units   INTEGER NOT NULL,
  PRIMARY KEY (service, day)
) WITHOUT ROWID;

CREATE TABLE packages (
  number      INTEGER PRIMARY KEY NOT NULL,
  service     TEXT NOT NULL,
  units       INTEGER NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  note        TEXT NOT NULL
);
