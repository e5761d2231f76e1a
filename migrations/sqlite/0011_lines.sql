-- What waits in the outbox is read in the order in which it leaves: however much waits, few rows are looked at.
ALTER TABLE outbox ADD COLUMN in_line BIGINT NOT NULL DEFAULT 0; -- 1 while it stands in the line of its network at its priority

-- One row for each line: the mails of a network at a priority that wait for their first try.
CREATE TABLE outbox_lines (
    network  TEXT   NOT NULL,
    priority BIGINT NOT NULL,
    turn     BIGINT NOT NULL, -- the line with the least is first: what its network has used of LIMIT_NETWORK_MAILS, in milliseconds since 1970
    newest   BIGINT NOT NULL, -- when its newest mail was asked for
    PRIMARY KEY (network, priority)
);
CREATE INDEX outbox_lines_by_turn ON outbox_lines (priority, turn, newest DESC);

DROP INDEX outbox_by_due;
DROP INDEX outbox_by_priority;
DROP INDEX outbox_by_age;
CREATE INDEX outbox_by_due ON outbox (kind, due_at);
CREATE INDEX outbox_by_age ON outbox (kind, issued_at);
CREATE INDEX outbox_unsorted ON outbox (kind, due_at) WHERE in_line = 0 AND tries = 0;
CREATE INDEX outbox_fresh ON outbox (priority, network, issued_at DESC) WHERE tries = 0 AND in_line = 1;
CREATE INDEX outbox_again ON outbox (priority, due_at) WHERE tries > 0;
