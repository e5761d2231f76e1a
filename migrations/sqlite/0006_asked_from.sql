-- The mail says with which browser it was asked for. Cut as in the trail; gone with the row, within minutes.
ALTER TABLE outbox ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';
