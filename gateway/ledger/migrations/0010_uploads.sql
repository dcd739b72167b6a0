-- Documents that a user of the site has laid into an inbox by the console or the API.

CREATE TABLE uploads (
  inbox  TEXT NOT NULL,
  source TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  login  TEXT NOT NULL REFERENCES users (login),
  at     TEXT NOT NULL,
  PRIMARY KEY (inbox, source, sha256)
) WITHOUT ROWID;
