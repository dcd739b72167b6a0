-- Users, groups, how they log in, and what waits for a second keeper.

ALTER TABLE jobs ADD COLUMN person TEXT NOT NULL DEFAULT '';

CREATE TABLE users (
  login    TEXT PRIMARY KEY NOT NULL,
  name     TEXT NOT NULL,
  language TEXT NOT NULL,
  mail     TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  posix    TEXT NOT NULL,
  smb      TEXT NOT NULL,
  home     TEXT NOT NULL,
  subject  TEXT NOT NULL,
  revision INTEGER NOT NULL
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
  password       TEXT NOT NULL,
  password_since TEXT NOT NULL,
  totp           BLOB NOT NULL,
  totp_pending   BLOB NOT NULL,
  totp_step      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE recovery_codes (
  login TEXT NOT NULL REFERENCES users (login),
  hash  TEXT NOT NULL,
  PRIMARY KEY (login, hash)
) WITHOUT ROWID;

CREATE TABLE sessions (
  id      TEXT PRIMARY KEY NOT NULL,
  token   TEXT UNIQUE NOT NULL,
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
  subject  TEXT PRIMARY KEY NOT NULL,
  failures INTEGER NOT NULL,
  last     REAL NOT NULL,
  until    REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_failures_by_age ON login_failures (last);

-- A log-in at the OpenID provider that is under way, by the hash of its state.
CREATE TABLE sign_ons (
  state    TEXT PRIMARY KEY NOT NULL,
  nonce    TEXT NOT NULL,
  verifier BLOB NOT NULL,
  target   TEXT NOT NULL,
  expires  TEXT NOT NULL
) WITHOUT ROWID;

-- What one keeper wants and another has to confirm.
CREATE TABLE keeper_requests (
  number  INTEGER PRIMARY KEY NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  event   TEXT NOT NULL,
  content TEXT NOT NULL,
  details TEXT NOT NULL,
  asker   TEXT NOT NULL,
  asked   TEXT NOT NULL,
  expires TEXT NOT NULL,
  state   TEXT NOT NULL,
  decider TEXT NOT NULL DEFAULT '',
  decided TEXT NOT NULL DEFAULT '',
  why     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX keeper_requests_by_state ON keeper_requests (state, number);
