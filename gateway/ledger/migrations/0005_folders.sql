-- What tickets ask for, what is sealed first, and which earlier job had the same bytes.

ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN batch TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN same_as TEXT NOT NULL DEFAULT '';

CREATE INDEX jobs_by_bytes ON jobs (sha256, id) WHERE sha256 <> '';
