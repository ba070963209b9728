-- What went into a conversation, so that its thread shows what happened there, too.
CREATE INDEX conversations_merged ON conversations(merged_into_id) WHERE merged_into_id IS NOT NULL;
