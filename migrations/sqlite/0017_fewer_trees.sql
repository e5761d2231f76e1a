-- Rows that are only ever found by their names are kept by them: one tree less that is written for each.
CREATE TABLE limits_by_name (
    counted    TEXT   NOT NULL PRIMARY KEY, -- 'address_long:alice@example.com', 'network:192.0.2.7', 'mails'
    arrival_ms BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO limits_by_name (counted, arrival_ms) SELECT counted, arrival_ms FROM limits;
DROP TABLE limits;
ALTER TABLE limits_by_name RENAME TO limits;
CREATE INDEX limits_by_arrival ON limits (arrival_ms);

CREATE TABLE lines_by_name (
    network  TEXT   NOT NULL,
    priority BIGINT NOT NULL,
    turn     BIGINT NOT NULL, -- the line with the least is first: what its network has used of LIMIT_NETWORK_MAILS, in milliseconds since 1970
    newest   BIGINT NOT NULL, -- when its newest mail was asked for
    PRIMARY KEY (network, priority)
) WITHOUT ROWID;
INSERT INTO lines_by_name (network, priority, turn, newest) SELECT network, priority, turn, newest FROM outbox_lines;
DROP TABLE outbox_lines;
ALTER TABLE lines_by_name RENAME TO outbox_lines;
CREATE INDEX outbox_lines_by_turn ON outbox_lines (priority, turn, newest DESC);
