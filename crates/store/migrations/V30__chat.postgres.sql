-- Chat: visitors of websites, who are known by a secret of their browser's, and the buttons of what is said to them.
ALTER TABLE channels DROP CONSTRAINT channels_kind_check;
ALTER TABLE channels ADD CONSTRAINT channels_kind_check CHECK (kind IN ('twilio', 'simulator', 'chat'));

CREATE TABLE visitors (
  id ID,
  channel_id BIGINT NOT NULL REFERENCES channels(id),
  -- Their address: no secret, and nobody's name.
  public_id TEXT NOT NULL UNIQUE,
  -- Who they are at the company, once a token of the company's has said so.
  user_id TEXT,
  -- What the page calls their browser where it tells what is looked at.
  anonymous_id TEXT,
  -- What they were asked before they wrote, as JSON, until a file holds it.
  answers TEXT NOT NULL DEFAULT '{}',
  created_at BIGINT NOT NULL,
  typing_at BIGINT
);
CREATE INDEX visitors_user ON visitors(channel_id, user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX visitors_typing ON visitors(typing_at) WHERE typing_at IS NOT NULL;

CREATE TABLE visitor_tokens (
  token_hash TEXT PRIMARY KEY,
  visitor_id BIGINT NOT NULL REFERENCES visitors(id),
  created_at BIGINT NOT NULL
);
CREATE INDEX visitor_tokens_visitor ON visitor_tokens(visitor_id);

-- The labels of the options that a message offers, as JSON.
CREATE TABLE choices (
  message_id BIGINT PRIMARY KEY REFERENCES messages(id),
  labels TEXT NOT NULL
);
CREATE INDEX messages_address ON messages(channel_id, address, id);
