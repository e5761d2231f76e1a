-- What people are shown of the devices that are signed in as them: names of a closed list, never the User-Agent header.
-- NULL where it named none, and for sessions from before.
ALTER TABLE sessions ADD COLUMN browser TEXT;
ALTER TABLE sessions ADD COLUMN system TEXT;
CREATE INDEX sessions_by_person ON sessions (email) WHERE email IS NOT NULL;

ALTER TABLE audit ADD COLUMN device TEXT; -- whose session somebody has ended: 'Firefox, Linux, since 2026-09-21 14:13 UTC'
