-- Whose sessions, and which of them live, from one index: PostgreSQL took two, of which the second has all that live.
CREATE INDEX sessions_of_person ON sessions (email, expires_at) WHERE email IS NOT NULL;
DROP INDEX sessions_by_person;

-- Every count moved an entry of it. The cleanup walks along the names instead.
DROP INDEX limits_by_arrival;
