-- Whose mail leaves next. The mails of networks are sent in turn, and a part of the budget is kept for browsers that are
-- known and for addresses with an entry of their own.
ALTER TABLE outbox ADD COLUMN network TEXT NOT NULL DEFAULT ''; -- of the client: an IPv4 address or an IPv6 /48
ALTER TABLE outbox ADD COLUMN priority BIGINT;                  -- 1 known browser, 2 named, 3 by a rule; NULL until the worker has looked
CREATE INDEX outbox_by_priority ON outbox (priority, tries, due_at);
CREATE INDEX outbox_by_age ON outbox (issued_at);

-- Entries that strangers can cause are bounded. One row a minute says how many were left out.
ALTER TABLE audit ADD COLUMN left_out BIGINT;
CREATE UNIQUE INDEX audit_left_out ON audit (at) WHERE event = 'left_out';

-- Budgets have other names now. What was counted under the old ones counts no more.
DELETE FROM limits;
