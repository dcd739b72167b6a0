-- Changes of rule files by Sealgate itself: who, why, and what was there before.

CREATE TABLE rule_texts (
  sha256  TEXT PRIMARY KEY NOT NULL,
  content BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE rule_changes (
  number  INTEGER PRIMARY KEY NOT NULL,
  at      TEXT NOT NULL,
  actor   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  file    TEXT NOT NULL,
  rule    TEXT NOT NULL,
  before  TEXT NOT NULL REFERENCES rule_texts (sha256),
  after   TEXT NOT NULL REFERENCES rule_texts (sha256),
  undoes  INTEGER NOT NULL DEFAULT 0,
  written INTEGER NOT NULL DEFAULT 0
);
