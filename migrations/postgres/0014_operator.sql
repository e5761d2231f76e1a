-- works with: 0.1.0
-- One row for each link that the operator has made by hand and nobody has used. Whoever uses it takes the row away.
CREATE TABLE operator_links (
    secret_hash BYTEA  PRIMARY KEY, -- SHA-256 of the secret in the link: a copy of this table signs nobody in
    email       TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX operator_links_by_expiry ON operator_links (expires_at);

-- Why the last try of a mail failed, or which limit it waits for.
ALTER TABLE outbox ADD COLUMN trouble TEXT;

-- Mails that the mail server has refused for good. Each is kept a day beyond its end, for the operator to see, and to have it
-- tried once more while it is of use.
CREATE TABLE refused_mails (
    message_id TEXT   PRIMARY KEY,
    kind       TEXT   NOT NULL, -- as in the outbox, like all that follows
    email      TEXT   NOT NULL,
    challenge  TEXT   NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    network    TEXT   NOT NULL,
    user_agent TEXT   NOT NULL,
    language   TEXT   NOT NULL,
    tries      BIGINT NOT NULL,
    refused_at BIGINT NOT NULL,
    trouble    TEXT   NOT NULL  -- what the mail server said
);
CREATE INDEX refused_mails_by_time ON refused_mails (refused_at);
CREATE INDEX refused_mails_by_end ON refused_mails (expires_at);
