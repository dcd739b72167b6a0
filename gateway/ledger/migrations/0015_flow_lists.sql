-- Lists of flows: who sees them, whom they wait for, and by when, asked of the ledger page by page.
ALTER TABLE flows ADD COLUMN deadline TEXT NOT NULL DEFAULT 'never';
UPDATE flows SET deadline = coalesce((
  SELECT min(CASE WHEN due LIKE '%.%' THEN due ELSE replace(due, 'Z', '.000000Z') END)
  FROM (
    SELECT json_extract(told.details, '$.due') AS due FROM log AS told
    WHERE told.job = flows.id AND (told.event = 'flow.begun' OR told.event = 'step.opened'
      AND NOT EXISTS (
        SELECT 1 FROM log AS later
        WHERE later.job = told.job AND later.sequence > told.sequence
          AND later.event NOT IN ('step.reminded', 'step.escalated', 'step.delegated')
          AND json_extract(later.details, '$.step') = json_extract(told.details, '$.step')
      ))
  )
), 'never') WHERE state = 'running';
CREATE INDEX flows_running ON flows (deadline, id) WHERE state = 'running';
CREATE INDEX flows_ended ON flows (updated, id) WHERE state NOT IN ('new', 'running');

CREATE TABLE flow_parties (
  definition TEXT NOT NULL REFERENCES snapshots (snapshot),
  party      TEXT NOT NULL,
  person     TEXT NOT NULL,
  people     TEXT NOT NULL,
  PRIMARY KEY (definition, party)
) WITHOUT ROWID;
INSERT INTO flow_parties (definition, party, person, people)
SELECT snapshot, json_extract(value, '$.name'), json_extract(value, '$.user'),
  json_extract(value, '$.group')
FROM snapshots, json_each(content, '$.parties')
WHERE snapshot IN (SELECT definition FROM flows);
