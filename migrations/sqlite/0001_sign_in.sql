-- Times are whole seconds since 1970-01-01T00:00:00Z.

-- One row for each browser that keeps a cookie. `id_hash` is SHA-256 of the cookie's value: a copy of this
-- table signs nobody in.
CREATE TABLE sessions (
    id_hash      BLOB    PRIMARY KEY,
    email        TEXT,             -- the person, once signed in
    data         TEXT    NOT NULL, -- JSON
    created_at   BIGINT  NOT NULL, -- of this id: the sign-in, because signing in renews the id
    last_seen_at BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- One row for each mail that is still to be sent. Link and code are made when it is sent, never stored.
CREATE TABLE outbox (
    message_id TEXT    PRIMARY KEY, -- the left half of Message-ID, the same for each try
    email      TEXT    NOT NULL,
    challenge  TEXT    NOT NULL,
    issued_at  BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,    -- when the link would have expired: no try after this
    due_at     BIGINT  NOT NULL,    -- the next try, or the end of a worker's claim
    tries      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX outbox_by_due ON outbox (due_at);

-- Who is first to insert here signs in; everybody else is too late. For link and code alike.
CREATE TABLE redeemed_challenges (
    challenge_hash BLOB   PRIMARY KEY,
    expires_at     BIGINT NOT NULL
);

-- How often a wrong code was typed against a challenge.
CREATE TABLE code_tries (
    challenge_hash BLOB    PRIMARY KEY,
    tries          INTEGER NOT NULL,
    expires_at     BIGINT  NOT NULL
);
