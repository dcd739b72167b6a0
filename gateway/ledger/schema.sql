-- The ledger's schema: the sum of all migrations, for reading. A test keeps it true.

-- One row per dropped file. Paths are bytes as the file system has them: they need not be UTF-8.
CREATE TABLE jobs (
  id         TEXT PRIMARY KEY NOT NULL,
  state      TEXT NOT NULL,
  version    INTEGER NOT NULL,          -- how many log entries the job has
  inbox      TEXT NOT NULL,
  source     BLOB NOT NULL,
  spooled    BLOB NOT NULL,
  created    TEXT NOT NULL,             -- UTC, ISO 8601 with microseconds and Z
  updated    TEXT NOT NULL,
  sha256     TEXT NOT NULL DEFAULT '',
  size       INTEGER NOT NULL DEFAULT 0,
  generation INTEGER NOT NULL DEFAULT 0,
  rule       TEXT NOT NULL DEFAULT '',
  seal       TEXT NOT NULL DEFAULT '',
  service    TEXT NOT NULL DEFAULT '',
  snapshot   TEXT NOT NULL DEFAULT '',
  digest     TEXT NOT NULL DEFAULT '',
  attempts   INTEGER NOT NULL DEFAULT 0,
  not_before REAL NOT NULL DEFAULT 0,   -- seconds since the epoch
  code       TEXT NOT NULL DEFAULT '',
  detail     TEXT NOT NULL DEFAULT '',
  delivered  BLOB NOT NULL DEFAULT x'',
  returned   BLOB NOT NULL DEFAULT x''
  , alternatives TEXT NOT NULL DEFAULT ''  -- services it may go to instead, in order, by spaces
  , dropper TEXT NOT NULL DEFAULT ''       -- owner of the dropped file
  , priority INTEGER NOT NULL DEFAULT 0    -- higher ones go first
  , batch TEXT NOT NULL DEFAULT ''         -- the job of the manifest it came with; its own for a manifest
  , same_as TEXT NOT NULL DEFAULT ''       -- the earlier job of the same bytes whose result it got
  , person TEXT NOT NULL DEFAULT ''        -- login of the user who dropped the file
  , flow TEXT NOT NULL DEFAULT ''          -- the job whose document a contract flow takes along; its own there
);
CREATE INDEX jobs_by_state ON jobs (state, id);
-- The same bytes under the same name are accepted once per generation, whoever tries.
CREATE UNIQUE INDEX jobs_accepted_once ON jobs (inbox, source, sha256, generation)
  WHERE sha256 <> '';
CREATE INDEX jobs_by_batch ON jobs (batch, id) WHERE batch <> '';
CREATE INDEX jobs_by_bytes ON jobs (sha256, id) WHERE sha256 <> '';

CREATE TABLE artifacts (
  job    TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  place  INTEGER NOT NULL,              -- order within the job
  slot   TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size   INTEGER NOT NULL,
  PRIMARY KEY (job, place),
  UNIQUE (job, slot)
) WITHOUT ROWID;

-- Small artifacts of jobs under way; they go when their job has ended.
CREATE TABLE papers (
  job     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  slot    TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (job, slot)
);

-- The signing log. Each hash covers the entry and the hash before it.
CREATE TABLE log (
  sequence INTEGER PRIMARY KEY NOT NULL,
  at       TEXT NOT NULL,
  event    TEXT NOT NULL,
  job      TEXT NOT NULL,               -- '' when the event is of the site as a whole
  actor    TEXT NOT NULL,
  details  TEXT NOT NULL,               -- JSON object of strings
  previous TEXT NOT NULL,
  hash     TEXT NOT NULL
);
CREATE INDEX log_by_job ON log (job, sequence, event);
CREATE INDEX log_by_event ON log (event, sequence);

-- Where the log must end. A single row, changed in the transaction that appends.
CREATE TABLE head (
  one      INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
  sequence INTEGER NOT NULL,
  hash     TEXT NOT NULL
);

-- Against accidents, not against intent: who can drop a trigger is found out by the chain.
CREATE TRIGGER log_is_not_changed BEFORE UPDATE ON log
BEGIN
  SELECT RAISE(ABORT, 'the signing log is append-only');
END;
CREATE TRIGGER log_is_not_shortened BEFORE DELETE ON log
BEGIN
  SELECT RAISE(ABORT, 'the signing log is append-only');
END;
CREATE TRIGGER log_grows_at_its_end BEFORE INSERT ON log
WHEN NEW.sequence <> (SELECT sequence + 1 FROM head)
BEGIN
  SELECT RAISE(ABORT, 'the signing log is append-only');
END;

CREATE TABLE holds (
  subject  TEXT PRIMARY KEY NOT NULL,
  code     TEXT NOT NULL,
  detail   TEXT NOT NULL,
  since    TEXT NOT NULL,
  failures INTEGER NOT NULL,
  probe_at REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE snapshots (
  snapshot TEXT PRIMARY KEY NOT NULL,
  content  TEXT NOT NULL,
  since    TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE facts (
  name  TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Every attempt that may have cost money. Its state follows the job's events in their transaction.
CREATE TABLE charges (
  number       INTEGER PRIMARY KEY NOT NULL,
  service      TEXT NOT NULL,           -- digest service or time-stamp authority
  job          TEXT NOT NULL,           -- '' for a test of the service
  digest       TEXT NOT NULL,
  units        INTEGER NOT NULL,
  state        TEXT NOT NULL,           -- sent, confirmed, released, unknown
  sent         TEXT NOT NULL,
  code         TEXT NOT NULL DEFAULT '',
  acknowledged INTEGER NOT NULL DEFAULT 0 -- a person let the digest be sent once more
);
CREATE INDEX charges_by_job ON charges (job, digest, state);
CREATE INDEX charges_by_day ON charges (service, sent);
CREATE INDEX charges_open ON charges (state, service) WHERE state IN ('sent', 'unknown');

-- Units spent, summed by day, so that what is left is known without counting charges.
CREATE TABLE spending (
  service TEXT NOT NULL,
  day     TEXT NOT NULL,                -- of UTC
  units   INTEGER NOT NULL,
  PRIMARY KEY (service, day)
) WITHOUT ROWID;

-- What was bought.
CREATE TABLE packages (
  number      INTEGER PRIMARY KEY NOT NULL,
  service     TEXT NOT NULL,
  units       INTEGER NOT NULL,
  valid_from  TEXT NOT NULL,
  valid_until TEXT NOT NULL,            -- '' for ever
  note        TEXT NOT NULL
);

-- Archived results of level B-LTA: which certificate's end their newest time-stamp lasts to.
CREATE TABLE renewals (
  job   TEXT PRIMARY KEY NOT NULL,
  path  BLOB NOT NULL,                  -- of the newest version, as the file system has it
  ends  TEXT NOT NULL,                  -- UTC, ISO 8601
  times INTEGER NOT NULL DEFAULT 0      -- how often it was renewed
) WITHOUT ROWID;
CREATE INDEX renewals_by_end ON renewals (ends);

-- Registered seals, as their keepers have them now. Never removed.
CREATE TABLE seals (
  name        TEXT PRIMARY KEY NOT NULL,
  service     TEXT NOT NULL,
  owner       TEXT NOT NULL,
  keeper      TEXT NOT NULL,
  valid_from  TEXT NOT NULL,            -- a day; '' without a bound
  valid_until TEXT NOT NULL,            -- the last day
  per_day     INTEGER,                  -- NULL without a limit
  per_month   INTEGER,
  approval    INTEGER NOT NULL,
  standing    TEXT NOT NULL,            -- active, retired, revoked
  revision    INTEGER NOT NULL,         -- counts the changes
  fixed_size  INTEGER NOT NULL DEFAULT 0 -- 1 when it is shown in its own size only
) WITHOUT ROWID;

-- What each seal looked like, from when on.
CREATE TABLE seal_versions (
  seal    TEXT NOT NULL REFERENCES seals (name),
  number  INTEGER NOT NULL,
  artwork TEXT NOT NULL,
  kind    TEXT NOT NULL,
  width   REAL NOT NULL,                -- points, as printed
  height  REAL NOT NULL,
  made    TEXT NOT NULL,                -- UTC, ISO 8601
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

-- One row a job, seal and document: asked for when it is planned, counted when it is sent.
CREATE TABLE seal_uses (
  job      TEXT NOT NULL REFERENCES jobs (id),
  seal     TEXT NOT NULL,
  document TEXT NOT NULL,               -- SHA-256: what was approved
  place    INTEGER NOT NULL,            -- order within the plan
  version  INTEGER NOT NULL,
  inbox    TEXT NOT NULL,
  rule     TEXT NOT NULL,
  user     TEXT NOT NULL,
  wanted   INTEGER NOT NULL,            -- 0 when a later plan of the job shows it no more
  asked    TEXT NOT NULL,
  approval TEXT NOT NULL DEFAULT '',
  decided  TEXT NOT NULL DEFAULT '',
  decider  TEXT NOT NULL DEFAULT '',
  why      TEXT NOT NULL DEFAULT '',
  used     TEXT NOT NULL DEFAULT '',    -- UTC, ISO 8601; '' until counted
  day      TEXT NOT NULL DEFAULT '',    -- of UTC, on which it counts
  PRIMARY KEY (job, seal, document)
) WITHOUT ROWID;
CREATE INDEX seal_uses_by_day ON seal_uses (seal, day);

-- Numbers of drawn seals, in the order in which jobs asked.
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

-- Notices on their way: one row for each subscription that wants to know of an entry of the log.

CREATE TABLE notices (
    subscription TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    batch INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL,
    PRIMARY KEY (subscription, sequence)
) WITHOUT ROWID;

CREATE INDEX notices_by_due ON notices (subscription, state, due, sequence);

-- Jobs whose archived files must not be removed, whatever their age.
CREATE TABLE legal_holds (
  job   TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
  since TEXT NOT NULL,                  -- UTC, ISO 8601
  actor TEXT NOT NULL,
  why   TEXT NOT NULL
) WITHOUT ROWID;

-- Jobs whose archived files are removed: the row comes before the first of them goes.
CREATE TABLE purges (
  job      TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
  begun    TEXT NOT NULL,               -- UTC, ISO 8601
  finished TEXT NOT NULL DEFAULT ''     -- '' until the last file is gone
) WITHOUT ROWID;
CREATE INDEX purges_under_way ON purges (job) WHERE finished = '';

-- Users of the console. Never removed: the signing log names them.
CREATE TABLE users (
  login    TEXT PRIMARY KEY NOT NULL,
  name     TEXT NOT NULL,              -- how the person is called
  language TEXT NOT NULL,
  mail     TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  posix    TEXT NOT NULL,              -- owner of what the person drops; '' when none
  smb      TEXT NOT NULL,
  home     TEXT NOT NULL,
  subject  TEXT NOT NULL,              -- issuer and subject at the OpenID provider
  revision INTEGER NOT NULL            -- counts the changes
) WITHOUT ROWID;
CREATE UNIQUE INDEX users_by_posix ON users (posix) WHERE posix <> '';
CREATE UNIQUE INDEX users_by_smb ON users (smb) WHERE smb <> '';
CREATE UNIQUE INDEX users_by_home ON users (home) WHERE home <> '';
CREATE UNIQUE INDEX users_by_subject ON users (subject) WHERE subject <> '';
CREATE TRIGGER users_are_not_removed BEFORE DELETE ON users
BEGIN
  SELECT RAISE(ABORT, 'users are disabled, not removed');
END;

CREATE TABLE user_groups (
  name     TEXT PRIMARY KEY NOT NULL,
  about    TEXT NOT NULL,
  revision INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE memberships (
  login      TEXT NOT NULL REFERENCES users (login),
  user_group TEXT NOT NULL REFERENCES user_groups (name),
  PRIMARY KEY (login, user_group)
) WITHOUT ROWID;
CREATE INDEX memberships_by_group ON memberships (user_group);

CREATE TABLE role_grants (
  kind TEXT NOT NULL CHECK (kind IN ('user', 'group')),
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (kind, name, role)
) WITHOUT ROWID;

CREATE TABLE credentials (
  login          TEXT PRIMARY KEY NOT NULL REFERENCES users (login),
  password       TEXT NOT NULL,        -- Argon2, with its parameters
  password_since TEXT NOT NULL,
  totp           BLOB NOT NULL,        -- encrypted with a key that is not in the ledger
  totp_pending   BLOB NOT NULL,
  totp_step      INTEGER NOT NULL      -- no code of it, or of one before it, is accepted any more
) WITHOUT ROWID;

CREATE TABLE recovery_codes (
  login TEXT NOT NULL REFERENCES users (login),
  hash  TEXT NOT NULL,                 -- SHA-256
  PRIMARY KEY (login, hash)
) WITHOUT ROWID;

CREATE TABLE sessions (
  id      TEXT PRIMARY KEY NOT NULL,
  token   TEXT UNIQUE NOT NULL,         -- SHA-256
  login   TEXT NOT NULL REFERENCES users (login),
  way     TEXT NOT NULL,
  begun   TEXT NOT NULL,
  seen    TEXT NOT NULL,
  ends    TEXT NOT NULL,
  address TEXT NOT NULL,
  browser TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_login ON sessions (login, begun);

CREATE TABLE api_tokens (
  id        TEXT PRIMARY KEY NOT NULL,
  token     TEXT UNIQUE NOT NULL,
  login     TEXT NOT NULL REFERENCES users (login),
  name      TEXT NOT NULL,
  scopes    TEXT NOT NULL,
  made      TEXT NOT NULL,
  expires   TEXT NOT NULL,
  used      TEXT NOT NULL,
  withdrawn TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX api_tokens_by_login ON api_tokens (login, made);

CREATE TABLE one_time_links (
  token   TEXT PRIMARY KEY NOT NULL,
  login   TEXT NOT NULL,
  made    TEXT NOT NULL,
  expires TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE login_failures (
  subject  TEXT PRIMARY KEY NOT NULL,  -- login:…, address:…, or log
  failures INTEGER NOT NULL,
  last     REAL NOT NULL,              -- seconds since the epoch
  until    REAL NOT NULL               -- nobody is let in before
) WITHOUT ROWID;
CREATE INDEX login_failures_by_age ON login_failures (last);

-- A log-in at the OpenID provider that is under way, by the hash of its state.
CREATE TABLE sign_ons (
  state    TEXT PRIMARY KEY NOT NULL,
  nonce    TEXT NOT NULL,
  verifier BLOB NOT NULL,              -- of PKCE, encrypted
  target   TEXT NOT NULL,
  expires  TEXT NOT NULL
) WITHOUT ROWID;

-- What one keeper wants and another has to confirm.
CREATE TABLE keeper_requests (
  number  INTEGER PRIMARY KEY NOT NULL,
  kind    TEXT NOT NULL,               -- seal, rules
  subject TEXT NOT NULL,               -- its name
  event   TEXT NOT NULL,
  content TEXT NOT NULL,               -- JSON: what is to be
  details TEXT NOT NULL,               -- JSON object of strings: what the log will say
  asker   TEXT NOT NULL,
  asked   TEXT NOT NULL,
  expires TEXT NOT NULL,
  state   TEXT NOT NULL,               -- open, confirmed, refused, withdrawn, expired
  decider TEXT NOT NULL DEFAULT '',
  decided TEXT NOT NULL DEFAULT '',
  why     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX keeper_requests_by_state ON keeper_requests (state, number);
-- Contents that rule files had before and after they were changed by Sealgate itself.
CREATE TABLE rule_texts (
  sha256  TEXT PRIMARY KEY NOT NULL,    -- in hex
  content BLOB NOT NULL
) WITHOUT ROWID;

-- Changes of rule files: the row comes before the file is written.
CREATE TABLE rule_changes (
  number  INTEGER PRIMARY KEY NOT NULL,
  at      TEXT NOT NULL,                -- UTC, ISO 8601
  actor   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  file    TEXT NOT NULL,
  rule    TEXT NOT NULL,
  before  TEXT NOT NULL REFERENCES rule_texts (sha256),
  after   TEXT NOT NULL REFERENCES rule_texts (sha256),
  undoes  INTEGER NOT NULL DEFAULT 0,   -- number of the change that is taken back
  written INTEGER NOT NULL DEFAULT 0,   -- 1 once the file is written, and the log tells of it
  request INTEGER NOT NULL DEFAULT 0,   -- of keeper_requests, by which it came about
  confirmer TEXT NOT NULL DEFAULT ''    -- who confirmed that
);

-- Documents that a user of the site has laid into an inbox by the console or the API.
CREATE TABLE uploads (
  inbox  TEXT NOT NULL,
  source TEXT NOT NULL,                 -- path below the inbox
  sha256 TEXT NOT NULL,                 -- of its bytes, in hex
  login  TEXT NOT NULL REFERENCES users (login),
  at     TEXT NOT NULL,                 -- UTC, ISO 8601
  PRIMARY KEY (inbox, source, sha256)
) WITHOUT ROWID;

-- Documents that a manifest lists. The manifest's own job waits until all of them have ended.
CREATE TABLE batch_members (
  batch  TEXT NOT NULL REFERENCES jobs (id),
  row    INTEGER NOT NULL,              -- in the manifest, from 1
  inbox  TEXT NOT NULL,
  source BLOB NOT NULL,                 -- path below the inbox
  ticket TEXT NOT NULL,                 -- what the row asks for, as JSON
  due    REAL NOT NULL,                 -- seconds since the epoch: missing from then on
  job    TEXT NOT NULL DEFAULT '',      -- which has claimed it
  missed INTEGER NOT NULL DEFAULT 0,    -- 1 once it had not come in time
  PRIMARY KEY (batch, row)
) WITHOUT ROWID;
CREATE INDEX batch_members_awaited ON batch_members (inbox, source) WHERE job = '';
CREATE UNIQUE INDEX batch_members_by_job ON batch_members (job) WHERE job <> '';

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

-- Contract flows. Their story is in the log; a row is what is looked for, kept beside it.
CREATE TABLE flows (
  id         TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id), -- the job of its document
  definition TEXT NOT NULL REFERENCES snapshots (snapshot),
  name       TEXT NOT NULL,             -- of the definition
  source     TEXT NOT NULL,             -- path below the inbox, printable
  owner      TEXT NOT NULL,             -- login; '' when nobody knows
  state      TEXT NOT NULL,
  version    INTEGER NOT NULL,          -- how many entries of the log it has
  parties    TEXT NOT NULL,             -- whose turn it is, by spaces
  steps      TEXT NOT NULL,             -- that are open or being sealed, by spaces
  awaited    TEXT NOT NULL,             -- the one job that may seal for it; '' for none
  revision   TEXT NOT NULL,             -- SHA-256 of the document as it is now
  due        TEXT NOT NULL,             -- when the clock has something to say to it; '' for never
  begun      TEXT NOT NULL,             -- UTC, ISO 8601
  updated    TEXT NOT NULL,
  unsettled  INTEGER NOT NULL           -- counts changes that folders and jobs have yet to follow
  , deadline TEXT NOT NULL DEFAULT 'never' -- when its first deadline is missed; sorts last when never
) WITHOUT ROWID;
CREATE INDEX flows_by_state ON flows (state, id);
CREATE INDEX flows_by_due ON flows (due) WHERE due <> '';
CREATE INDEX flows_by_revision ON flows (revision);
CREATE INDEX flows_unsettled ON flows (id) WHERE unsettled > 0;
CREATE INDEX flows_running ON flows (deadline, id) WHERE state = 'running';
CREATE INDEX flows_ended ON flows (updated, id) WHERE state NOT IN ('new', 'running');

-- Who acts for the parties of each definition that flows are pinned to.
CREATE TABLE flow_parties (
  definition TEXT NOT NULL REFERENCES snapshots (snapshot),
  party      TEXT NOT NULL,
  person     TEXT NOT NULL,             -- login; '' for none
  people     TEXT NOT NULL,             -- name of the group; '' for none
  PRIMARY KEY (definition, party)
) WITHOUT ROWID;
