-- Small artifacts of jobs under way; they go when their job has ended.
CREATE TABLE papers (
  job     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  slot    TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (job, slot)
);
