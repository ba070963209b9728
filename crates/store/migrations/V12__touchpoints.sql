-- The catalogue: stages of the journey, and the touchpoints that events are sorted into.

CREATE TABLE stages (
  id ID,
  name TEXT NOT NULL UNIQUE,
  position BIGINT NOT NULL
);

CREATE TABLE touchpoints (
  -- From 0, below 1,000: its number in the journey log.
  id BIGINT PRIMARY KEY,
  -- What people call it; empty while nobody has.
  name TEXT NOT NULL DEFAULT '',
  -- What it is called as long as nobody has named it.
  default_name TEXT NOT NULL,
  -- The sort of event that comes here by itself; none for one that has a rule.
  signature TEXT UNIQUE,
  -- A condition over the event: rules are asked by position, the first that holds decides.
  rule TEXT,
  position BIGINT NOT NULL,
  stage_id BIGINT REFERENCES stages(id),
  channel TEXT NOT NULL DEFAULT '',
  is_contact BOOLEAN NOT NULL DEFAULT FALSE,
  is_hidden BOOLEAN NOT NULL DEFAULT FALSE,
  role TEXT NOT NULL DEFAULT 'free' CHECK (role IN ('free', 'optional', 'required')),
  repeats BOOLEAN NOT NULL DEFAULT FALSE,
  CHECK ((signature IS NULL) <> (rule IS NULL))
);
