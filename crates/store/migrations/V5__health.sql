-- What a channel's health is told from.
CREATE INDEX messages_channel ON messages(channel_id, direction, at);
CREATE INDEX consent_opted_out ON consent(id) WHERE change = 'opted_out';
