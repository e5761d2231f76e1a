-- Apps behind the gateway. Both tables end with the session of Postern that they belong to.

-- One row for each browser that has opened an app. `id_hash` is SHA-256 of the cookie's value, as with sessions.
CREATE TABLE app_sessions (
    id_hash    BLOB   PRIMARY KEY,
    session    BLOB   NOT NULL, -- id_hash of the session of Postern: when that ends, this opens nothing any more
    origin     TEXT   NOT NULL, -- the app: 'https://wiki.example.com'
    expires_at BIGINT NOT NULL
);
CREATE INDEX app_sessions_by_expiry ON app_sessions (expires_at);
CREATE INDEX app_sessions_by_session ON app_sessions (session);

-- One row for each way from Postern to an app that nobody has gone yet; whoever goes it takes the row away.
CREATE TABLE tickets (
    ticket_hash BLOB   PRIMARY KEY,
    session     BLOB   NOT NULL,
    origin      TEXT   NOT NULL,
    nonce_hash  BLOB   NOT NULL, -- SHA-256 of the cookie of the browser that set out
    next        BLOB   NOT NULL, -- path and query to open, byte for byte
    expires_at  BIGINT NOT NULL
);
CREATE INDEX tickets_by_expiry ON tickets (expires_at);
CREATE INDEX tickets_by_session ON tickets (session);

ALTER TABLE audit ADD COLUMN app TEXT; -- the app that was entered
