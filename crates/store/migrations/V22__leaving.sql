-- A text that is about to leave asks how many of its conversation are before it: those that have left are not looked at.
CREATE INDEX messages_leaving ON messages(conversation_id, id) WHERE status IN ('queued', 'sending');
