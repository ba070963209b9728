-- Identity: what each customer's file is made of, why, and how it comes apart again.

-- Each row ties two files as they were recorded at first (their profiles); who is tied is one customer.
CREATE TABLE joins (
  id ID,
  one_id BIGINT NOT NULL REFERENCES customers(id),
  other_id BIGINT NOT NULL REFERENCES customers(id),
  -- The file that went into the other one.
  from_id BIGINT NOT NULL REFERENCES customers(id),
  reason TEXT NOT NULL,
  -- The ids that were used, and the tags that went over, as JSON.
  ids TEXT NOT NULL,
  tags TEXT NOT NULL,
  -- Whether two files went together, and not only an id came onto a file.
  had_history BOOLEAN NOT NULL,
  source_id BIGINT REFERENCES sources(id),
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  actor_id BIGINT,
  ended_at BIGINT,
  ended_by TEXT,
  ended_by_id BIGINT
);
CREATE UNIQUE INDEX joins_live ON joins(one_id, other_id) WHERE ended_at IS NULL;
CREATE INDEX joins_one ON joins(one_id);
CREATE INDEX joins_other ON joins(other_id);

-- Files that a person told apart: no evidence joins them.
CREATE TABLE told_apart (
  one_id BIGINT NOT NULL REFERENCES customers(id),
  other_id BIGINT NOT NULL REFERENCES customers(id),
  at BIGINT NOT NULL,
  PRIMARY KEY (one_id, other_id)
);
CREATE INDEX told_apart_other ON told_apart(other_id);

-- Files that may be one person's; who is tied to whom since then is looked at when they are shown.
CREATE TABLE suggestions (
  id ID,
  one_id BIGINT NOT NULL REFERENCES customers(id),
  other_id BIGINT NOT NULL REFERENCES customers(id),
  reason TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (one_id, other_id, kind, value)
);
CREATE INDEX suggestions_other ON suggestions(other_id);
CREATE INDEX suggestions_value ON suggestions(kind, value);

-- Addresses that were told of somebody, and that nobody has seen to be theirs.
CREATE TABLE claims (
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  profile_id BIGINT NOT NULL REFERENCES customers(id),
  at BIGINT NOT NULL,
  PRIMARY KEY (kind, value, profile_id)
);

-- What was told of each profile: the newest word on each trait, and on the name under the key ''. NULL took it away.
CREATE TABLE told_traits (
  profile_id BIGINT NOT NULL REFERENCES customers(id),
  key TEXT NOT NULL,
  value TEXT,
  at BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  -- A name that a person gave counts before all that are told.
  by_hand BOOLEAN NOT NULL,
  PRIMARY KEY (profile_id, key)
);
INSERT INTO told_traits (profile_id, key, value, at, message_id, by_hand)
  SELECT customer_id, key, value, updated_at, '', FALSE FROM traits;
INSERT INTO told_traits (profile_id, key, value, at, message_id, by_hand)
  SELECT id, '', name, created_at, '', TRUE FROM customers WHERE name <> '';

-- The word by which a customer has a browser: the earliest call that told it with the user.
ALTER TABLE identities ADD COLUMN word_at BIGINT;
ALTER TABLE identities ADD COLUMN word_user TEXT;
ALTER TABLE conversations ADD COLUMN profile_id BIGINT;
ALTER TABLE requests ADD COLUMN profile_id BIGINT;
ALTER TABLE consent ADD COLUMN profile_id BIGINT;
CREATE INDEX customers_merged ON customers(merged_into) WHERE merged_into IS NOT NULL;

INSERT INTO joins (one_id, other_id, from_id, reason, ids, tags, had_history, at, actor)
  SELECT CASE WHEN id < merged_into THEN id ELSE merged_into END, CASE WHEN id < merged_into THEN merged_into ELSE id END,
    id, 'told_together', '[]', '[]', TRUE, updated_at, 'system'
  FROM customers WHERE merged_into IS NOT NULL;

-- Short links that were put into texts: each joins the first browser that comes by it to whoever was texted.
CREATE TABLE links (
  id ID,
  profile_id BIGINT NOT NULL REFERENCES customers(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  url TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  -- The browser that came by it first.
  browser TEXT
);
