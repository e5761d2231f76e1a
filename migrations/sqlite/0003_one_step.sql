-- What a session says, and what becomes of the login that it waits for, stand in one row: a step of a login reads and
-- writes it in one transaction. Sessions from before are not carried over: everybody signs in once more.
DROP TABLE sessions;
DROP TABLE redeemed_challenges;
DROP TABLE code_tries;

-- One row for each browser that keeps a cookie. `id_hash` is SHA-256 of the cookie's value: a copy of this
-- table signs nobody in.
CREATE TABLE sessions (
    id_hash        BLOB    PRIMARY KEY,
    email          TEXT,                       -- the person, once signed in
    data           TEXT    NOT NULL,           -- JSON: what the browser waits for, where it goes on, a refused form
    created_at     BIGINT  NOT NULL,           -- of this id: the sign-in, because signing in renews the id
    last_seen_at   BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL,
    seen           BIGINT  NOT NULL DEFAULT 0, -- 1 once the browser has sent this cookie back
    challenge_hash BLOB,                       -- of the login that this browser waits for
    mail_left      BIGINT  NOT NULL DEFAULT 0, -- 1 once its mail was handed over: no code counts before
    code_tries     BIGINT  NOT NULL DEFAULT 0, -- wrong codes for it
    successor      BLOB                        -- id_hash of the session that it began: its mail is used up once that one was seen
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_challenge ON sessions (challenge_hash);
