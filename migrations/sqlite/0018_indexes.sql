-- Every count moved an entry of it. The cleanup walks along the names instead.
DROP INDEX limits_by_arrival;

-- Whose sessions, and which of them live, from one index: PostgreSQL took two, of which the second has all that live.
DROP INDEX sessions_by_person;
CREATE INDEX sessions_by_person ON sessions (email, expires_at) WHERE email IS NOT NULL;
