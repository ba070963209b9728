-- Tables of the desk. One text for both databases: ID is the dialect's own identity column, TX its transaction stamp.
-- Times are microseconds UTC; enums and JSON are text; booleans are BOOLEAN.

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE users (
  id ID,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'agent', 'viewer')),
  password_hash TEXT NOT NULL,
  availability TEXT NOT NULL DEFAULT 'away' CHECK (availability IN ('available', 'away')),
  signature TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL DEFAULT 'en',
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);

CREATE TABLE invitations (
  id ID,
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'agent', 'viewer')),
  token_hash TEXT NOT NULL UNIQUE,
  -- NULL when it was made on the command line.
  invited_by BIGINT REFERENCES users(id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  accepted_at BIGINT
);

CREATE TABLE sign_ins (
  id ID,
  user_id BIGINT NOT NULL REFERENCES users(id),
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  device TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sign_ins_user ON sign_ins(user_id);

CREATE TABLE sign_in_failures (
  id ID,
  subject TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX sign_in_failures_subject ON sign_in_failures(subject, at);

CREATE TABLE api_tokens (
  id ID,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'agent', 'viewer')),
  token_hash TEXT NOT NULL UNIQUE,
  created_by BIGINT REFERENCES users(id),
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
);

CREATE TABLE teams (
  id ID,
  name TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

CREATE TABLE team_members (
  team_id BIGINT NOT NULL REFERENCES teams(id),
  user_id BIGINT NOT NULL REFERENCES users(id),
  PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_user ON team_members(user_id);

CREATE TABLE channels (
  id ID,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('twilio', 'simulator')),
  address TEXT NOT NULL,
  hook TEXT NOT NULL UNIQUE,
  config TEXT NOT NULL DEFAULT '{}',
  team_id BIGINT REFERENCES teams(id),
  reopen TEXT NOT NULL DEFAULT 'within' CHECK (reopen IN ('always', 'within', 'never')),
  reopen_days BIGINT NOT NULL DEFAULT 5,
  segments_per_second BIGINT NOT NULL DEFAULT 10,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);
CREATE INDEX channels_address ON channels(kind, address);

CREATE TABLE channel_refusals (
  id ID,
  channel_id BIGINT NOT NULL REFERENCES channels(id),
  at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX channel_refusals_channel ON channel_refusals(channel_id, at);

CREATE TABLE customers (
  id ID,
  name TEXT NOT NULL DEFAULT '',
  locale TEXT NOT NULL DEFAULT '',
  time_zone TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE identities (
  id ID,
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  verified BOOLEAN NOT NULL DEFAULT FALSE,
  created_at BIGINT NOT NULL,
  UNIQUE (kind, value)
);
CREATE INDEX identities_customer ON identities(customer_id);

CREATE TABLE traits (
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (customer_id, key)
);

CREATE TABLE customer_tags (
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  tag TEXT NOT NULL,
  PRIMARY KEY (customer_id, tag)
);

CREATE TABLE conversations (
  id ID,
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  channel_id BIGINT NOT NULL REFERENCES channels(id),
  status TEXT NOT NULL CHECK (status IN ('open', 'snoozed', 'closed', 'merged')),
  subject TEXT NOT NULL DEFAULT '',
  team_id BIGINT REFERENCES teams(id),
  assignee_id BIGINT REFERENCES users(id),
  route_reason TEXT NOT NULL DEFAULT '',
  -- TRUE while a menu alone handles it: such a conversation waits for nobody and is not in the queues.
  automated BOOLEAN NOT NULL DEFAULT FALSE,
  opened_at BIGINT NOT NULL,
  -- Oldest customer message that no person has answered; NULL when nobody waits.
  waiting_since BIGINT,
  last_at BIGINT NOT NULL,
  last_line TEXT NOT NULL DEFAULT '',
  last_direction TEXT NOT NULL DEFAULT 'in' CHECK (last_direction IN ('in', 'out')),
  last_message_id BIGINT NOT NULL DEFAULT 0,
  snoozed_until BIGINT,
  closed_at BIGINT,
  -- The conversation this one continues (follow-up), was split from, or was merged into.
  follows_id BIGINT REFERENCES conversations(id),
  merged_into_id BIGINT REFERENCES conversations(id)
);
CREATE INDEX conversations_customer ON conversations(customer_id, last_at);
CREATE INDEX conversations_status_last ON conversations(status, last_at, id);
CREATE INDEX conversations_waiting ON conversations(status, waiting_since, id);
CREATE INDEX conversations_assignee ON conversations(assignee_id, status, last_at, id);
CREATE INDEX conversations_team ON conversations(team_id, status, last_at, id);

CREATE TABLE conversation_tags (
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  tag TEXT NOT NULL,
  PRIMARY KEY (conversation_id, tag)
);
CREATE INDEX conversation_tags_tag ON conversation_tags(tag, conversation_id);

CREATE TABLE messages (
  id ID,
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  channel_id BIGINT NOT NULL REFERENCES channels(id),
  direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  author TEXT NOT NULL CHECK (author IN ('customer', 'user', 'flow', 'system')),
  author_id BIGINT,
  -- The customer's address this came from or goes to, E.164 for texts.
  address TEXT NOT NULL,
  body TEXT NOT NULL,
  at BIGINT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('received', 'scheduled', 'queued', 'sending', 'sent', 'delivered', 'read', 'undelivered', 'failed', 'unconfirmed', 'cancelled', 'refused')),
  segments BIGINT NOT NULL DEFAULT 0,
  lane TEXT NOT NULL DEFAULT 'conversation' CHECK (lane IN ('conversation', 'bulk')),
  send_at BIGINT,
  -- The one confirmation of STOP, START or HELP, which also an opted-out customer gets.
  compliance BOOLEAN NOT NULL DEFAULT FALSE,
  provider_id TEXT,
  error_code TEXT,
  error TEXT,
  -- Chosen by the client, so that a repeated request does not write a second message.
  client_key TEXT UNIQUE,
  UNIQUE (channel_id, provider_id)
);
CREATE INDEX messages_conversation ON messages(conversation_id, id);
CREATE INDEX messages_customer ON messages(customer_id, id);
CREATE INDEX messages_waiting ON messages(address) WHERE status IN ('queued', 'scheduled');

CREATE TABLE notes (
  id ID,
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  author_id BIGINT REFERENCES users(id),
  body TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX notes_conversation ON notes(conversation_id, id);

CREATE TABLE attachments (
  id ID,
  message_id BIGINT REFERENCES messages(id),
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size_bytes BIGINT NOT NULL DEFAULT 0,
  -- Where the bytes are in the object store; NULL until they have been fetched from the provider.
  object_key TEXT,
  source_url TEXT,
  -- Lets a provider fetch an outgoing attachment without signing in.
  public_token TEXT NOT NULL UNIQUE,
  uploaded_by BIGINT REFERENCES users(id),
  created_at BIGINT NOT NULL,
  error TEXT
);
CREATE INDEX attachments_message ON attachments(message_id);

CREATE TABLE drafts (
  user_id BIGINT NOT NULL REFERENCES users(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  body TEXT NOT NULL,
  is_note BOOLEAN NOT NULL DEFAULT FALSE,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, conversation_id)
);

CREATE TABLE read_marks (
  user_id BIGINT NOT NULL REFERENCES users(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  message_id BIGINT NOT NULL,
  PRIMARY KEY (user_id, conversation_id)
);

CREATE TABLE tray (
  user_id BIGINT NOT NULL REFERENCES users(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  opened_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, conversation_id)
);

CREATE TABLE presence (
  user_id BIGINT NOT NULL REFERENCES users(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  state TEXT NOT NULL CHECK (state IN ('viewing', 'typing')),
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, conversation_id)
);

CREATE TABLE canned_replies (
  id ID,
  shortcut TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  team_id BIGINT REFERENCES teams(id),
  updated_at BIGINT NOT NULL
);

CREATE TABLE views (
  id ID,
  user_id BIGINT REFERENCES users(id),
  name TEXT NOT NULL,
  filter TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE partners (
  id ID,
  name TEXT NOT NULL UNIQUE,
  way TEXT NOT NULL CHECK (way IN ('mail', 'webhook')),
  address TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE requests (
  id ID,
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  conversation_id BIGINT REFERENCES conversations(id),
  session_id BIGINT,
  kind TEXT NOT NULL,
  summary TEXT NOT NULL,
  details TEXT NOT NULL DEFAULT '{}',
  status TEXT NOT NULL CHECK (status IN ('filed', 'submitted', 'confirmed', 'declined', 'done', 'cancelled', 'failed')),
  status_note TEXT NOT NULL DEFAULT '',
  partner_id BIGINT REFERENCES partners(id),
  partner_ref TEXT,
  answer_token_hash TEXT UNIQUE,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX requests_customer ON requests(customer_id, id);
CREATE INDEX requests_status ON requests(status, id);

-- The ledger: rows are added, never changed. What holds now is the newest row for the address.
CREATE TABLE consent (
  id ID,
  customer_id BIGINT REFERENCES customers(id),
  address TEXT NOT NULL,
  channel_id BIGINT REFERENCES channels(id),
  change TEXT NOT NULL CHECK (change IN ('opted_in', 'opted_out')),
  basis TEXT NOT NULL CHECK (basis IN ('conversational', 'informational', 'promotional')),
  source TEXT NOT NULL CHECK (source IN ('keyword', 'free_text', 'provider', 'agent', 'form', 'import', 'first_message')),
  wording TEXT NOT NULL DEFAULT '',
  evidence_message_id BIGINT REFERENCES messages(id),
  actor TEXT NOT NULL,
  actor_id BIGINT,
  at BIGINT NOT NULL
);
CREATE INDEX consent_address ON consent(address, id);
CREATE INDEX consent_customer ON consent(customer_id, id);

-- Texts that may be a revocation; a person decides.
CREATE TABLE consent_reviews (
  id ID,
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  message_id BIGINT NOT NULL UNIQUE REFERENCES messages(id),
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  decision TEXT CHECK (decision IN ('opted_out', 'kept')),
  decided_by BIGINT REFERENCES users(id),
  decided_at BIGINT
);
CREATE INDEX consent_reviews_open ON consent_reviews(decision, id);

CREATE TABLE flows (
  id ID,
  name TEXT NOT NULL UNIQUE,
  enabled BOOLEAN NOT NULL DEFAULT FALSE,
  current_version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE flow_versions (
  flow_id BIGINT NOT NULL REFERENCES flows(id),
  version BIGINT NOT NULL,
  source TEXT NOT NULL,
  saved_by BIGINT REFERENCES users(id),
  saved_at BIGINT NOT NULL,
  PRIMARY KEY (flow_id, version)
);

CREATE TABLE flow_sessions (
  id ID,
  flow_id BIGINT NOT NULL REFERENCES flows(id),
  version BIGINT NOT NULL,
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  status TEXT NOT NULL CHECK (status IN ('waiting', 'paused', 'ended')),
  ended_because TEXT CHECK (ended_because IN ('completed', 'handed_off', 'timed_out', 'expired', 'interrupted', 'failed', 'opted_out')),
  step TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '{}',
  started_at BIGINT NOT NULL,
  wait_until BIGINT,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX flow_sessions_one_live ON flow_sessions(customer_id) WHERE status <> 'ended';
CREATE INDEX flow_sessions_flow ON flow_sessions(flow_id, id);
CREATE INDEX flow_sessions_conversation ON flow_sessions(conversation_id, id);

CREATE TABLE flow_steps (
  session_id BIGINT NOT NULL REFERENCES flow_sessions(id),
  seq BIGINT NOT NULL,
  step TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (session_id, seq)
);

CREATE TABLE surveys (
  id ID,
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  conversation_id BIGINT NOT NULL REFERENCES conversations(id),
  session_id BIGINT,
  kind TEXT NOT NULL CHECK (kind IN ('csat')),
  sent_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  score BIGINT,
  comment TEXT NOT NULL DEFAULT '',
  answered_at BIGINT
);
CREATE INDEX surveys_customer ON surveys(customer_id, id);
CREATE INDEX surveys_sent ON surveys(sent_at);

-- What a provider delivered, kept before it is understood.
CREATE TABLE inbound (
  id ID,
  channel_id BIGINT NOT NULL REFERENCES channels(id),
  provider_key TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('new', 'done', 'failed', 'discarded')),
  tries BIGINT NOT NULL DEFAULT 0,
  error TEXT,
  done_at BIGINT,
  UNIQUE (channel_id, provider_key)
);
CREATE INDEX inbound_state ON inbound(state, id);

CREATE TABLE jobs (
  id ID,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  -- One live job for each key; NULL means any number.
  unique_key TEXT UNIQUE,
  lane BIGINT NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'leased', 'dead')),
  run_at BIGINT NOT NULL,
  tries BIGINT NOT NULL DEFAULT 0,
  lease_until BIGINT,
  lease_owner TEXT,
  error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs(state, lane, run_at);

CREATE TABLE events (
  id ID,
  TX
  at BIGINT NOT NULL,
  customer_id BIGINT,
  conversation_id BIGINT,
  actor TEXT NOT NULL,
  actor_id BIGINT,
  kind TEXT NOT NULL,
  data TEXT NOT NULL
);
CREATE INDEX events_customer ON events(customer_id, at, id);
CREATE INDEX events_conversation ON events(conversation_id, id);
CREATE INDEX events_kind ON events(kind, at);
