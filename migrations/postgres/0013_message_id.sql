-- works with: 0.1.0
-- Which mail an entry is about: the left half of its Message-ID, so that it can be matched with the mail server's log.
ALTER TABLE audit ADD COLUMN message_id TEXT;
