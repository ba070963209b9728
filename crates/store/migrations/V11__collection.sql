-- Collection: sources that tell of touchpoints, what has been taken from them and what was refused.

CREATE TABLE sources (
  id ID,
  name TEXT NOT NULL UNIQUE,
  -- Web origins that may tell, separated by spaces; empty means any.
  origins TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);

-- A key is no secret: a browser shows it to all who look. Two at once, while a new one is handed out.
CREATE TABLE source_keys (
  id ID,
  source_id BIGINT NOT NULL REFERENCES sources(id),
  write_key TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);
CREATE INDEX source_keys_source ON source_keys(source_id, id);

-- What was taken, by the id that the source gave it: it takes effect once.
CREATE TABLE collected (
  source_id BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  -- A digest of what was told: another text under the same id is a mistake of the source.
  digest BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (source_id, message_id)
);

CREATE TABLE source_minutes (
  source_id BIGINT NOT NULL REFERENCES sources(id),
  -- Minutes since 1970 UTC.
  minute BIGINT NOT NULL,
  taken BIGINT NOT NULL DEFAULT 0,
  repeated BIGINT NOT NULL DEFAULT 0,
  refused BIGINT NOT NULL DEFAULT 0,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, minute)
);

CREATE TABLE source_refusals (
  id ID,
  source_id BIGINT NOT NULL REFERENCES sources(id),
  at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX source_refusals_source ON source_refusals(source_id, id);

-- An anonymous customer who turned out to be another one. What comes by the old identity goes to the new file.
ALTER TABLE customers ADD COLUMN merged_into BIGINT REFERENCES customers(id);
-- Under which customer it was recorded, where that is not the one it counts for now.
ALTER TABLE events ADD COLUMN profile_id BIGINT;
ALTER TABLE identities ADD COLUMN profile_id BIGINT;

-- Most of what is told belongs to no conversation, and needs no room in its index.
DROP INDEX events_conversation;
CREATE INDEX events_conversation ON events(conversation_id, id) WHERE conversation_id IS NOT NULL;
