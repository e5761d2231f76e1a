-- One row for each thing that is counted: the theoretical arrival time of GCRA, in milliseconds since 1970.
CREATE TABLE limits (
    counted    TEXT   PRIMARY KEY, -- 'address_long:alice@example.com', 'network:192.0.2.7', 'mails'
    arrival_ms BIGINT NOT NULL
);
CREATE INDEX limits_by_arrival ON limits (arrival_ms);

-- What happened, for whoever has to answer for it. Holds no token, code or cookie.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         BIGINT  NOT NULL,
    event      TEXT    NOT NULL, -- asked, sent, gave_up, signed_in, refused, signed_out, revoked, limited
    reason     TEXT,
    email      TEXT,
    network    TEXT,             -- of the client: an IPv4 address or an IPv6 /64
    user_agent TEXT
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_email ON audit (email, at);
