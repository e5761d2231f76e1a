-- A mail that tells of a sign-in in a new browser waits here like one that signs in. It has no challenge ('') and no
-- priority; `issued_at` is the sign-in that it tells of.
ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'sign_in'; -- or 'new_device'
