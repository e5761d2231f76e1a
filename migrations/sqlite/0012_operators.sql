-- What operators look at, and what they do.
ALTER TABLE audit ADD COLUMN by_whom TEXT; -- the admin who has done it; 'command' for one at the machine
ALTER TABLE audit ADD COLUMN detail  TEXT; -- what a mail server said to a mail that it refused
CREATE INDEX audit_by_event ON audit (event, id);

-- How often each event happened in an hour, those that the trail leaves out included: what a week looks like is read from
-- a few hundred rows.
CREATE TABLE tallies (
    hour  BIGINT NOT NULL, -- its first second
    event TEXT   NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (hour, event)
) WITHOUT ROWID;
INSERT INTO tallies (hour, event, times)
    SELECT at - at % 3600, event, COUNT(*) FROM audit WHERE event <> 'left_out' GROUP BY 1, 2;

-- The sessions of everybody, the newest sign-in first.
CREATE INDEX sessions_by_sign_in ON sessions (created_at, id_hash) WHERE email IS NOT NULL;
