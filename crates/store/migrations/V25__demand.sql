-- What people say conversations were for, above what the rules say.
CREATE TABLE demand_words (
  conversation_id BIGINT PRIMARY KEY REFERENCES conversations(id),
  demand TEXT NOT NULL CHECK (demand IN ('value', 'failure', 'unclear')),
  -- What brought it, where that is known of a failure.
  touchpoint_id BIGINT REFERENCES touchpoints(id) ON DELETE SET NULL,
  user_id BIGINT REFERENCES users(id),
  at BIGINT NOT NULL
);
