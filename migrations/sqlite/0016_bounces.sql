-- A bounce is matched by the Message-ID of its mail.
CREATE INDEX audit_by_message_id ON audit (message_id) WHERE message_id IS NOT NULL;
