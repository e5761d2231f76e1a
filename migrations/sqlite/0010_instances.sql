-- Which process has a mail in its hands. On SQLite there is one; on PostgreSQL another one takes over what a dead one held.
ALTER TABLE outbox ADD COLUMN owner TEXT; -- the id of the instance that has claimed it
