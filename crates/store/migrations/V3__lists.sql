-- The orders that conversations are listed in. Queues are short beside the archive: their indexes hold what is in them only.
CREATE INDEX conversations_last ON conversations(last_at, id) WHERE status <> 'merged';
CREATE INDEX conversations_unassigned ON conversations(last_at, id)
  WHERE status = 'open' AND assignee_id IS NULL AND NOT automated;
CREATE INDEX conversations_unassigned_waiting ON conversations(waiting_since, id)
  WHERE status = 'open' AND assignee_id IS NULL AND NOT automated AND waiting_since IS NOT NULL;
CREATE INDEX conversations_assignee_waiting ON conversations(assignee_id, waiting_since, id)
  WHERE status = 'open' AND waiting_since IS NOT NULL;
CREATE INDEX conversations_team_waiting ON conversations(team_id, waiting_since, id)
  WHERE status = 'open' AND waiting_since IS NOT NULL;
-- What is counted on every screen is read from this index alone.
CREATE INDEX conversations_counted ON conversations(status, team_id, assignee_id, automated, waiting_since);
CREATE INDEX conversations_channel ON conversations(channel_id, status, last_at, id);
CREATE INDEX conversations_snoozed ON conversations(snoozed_until) WHERE status = 'snoozed';
CREATE INDEX customer_tags_tag ON customer_tags(tag, customer_id);
CREATE INDEX drafts_conversation ON drafts(conversation_id);
CREATE INDEX tray_conversation ON tray(conversation_id);
CREATE INDEX read_marks_conversation ON read_marks(conversation_id);
CREATE INDEX presence_conversation ON presence(conversation_id);
CREATE INDEX surveys_conversation ON surveys(conversation_id);
CREATE INDEX requests_conversation ON requests(conversation_id);
