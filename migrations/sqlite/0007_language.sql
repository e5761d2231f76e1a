-- The language in which a mail was asked for is the one in which it is written.
ALTER TABLE outbox ADD COLUMN language TEXT NOT NULL DEFAULT 'en'; -- its tag (BCP 47)
