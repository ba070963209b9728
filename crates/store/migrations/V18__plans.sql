-- Questions about journeys that are kept under a name, and what is being done about touchpoints.

CREATE TABLE saved_questions (
  id ID,
  page TEXT NOT NULL
    CHECK (page IN ('map', 'conformance', 'friction', 'variants', 'funnels', 'paths', 'retention', 'attribution')),
  name TEXT NOT NULL,
  -- What stands behind the question mark of the page's address.
  query TEXT NOT NULL,
  user_id BIGINT REFERENCES users(id),
  saved_at BIGINT NOT NULL,
  UNIQUE (page, name)
);

CREATE TABLE fixes (
  touchpoint_id BIGINT PRIMARY KEY REFERENCES touchpoints(id) ON DELETE CASCADE,
  owner_id BIGINT REFERENCES users(id),
  -- Days, as YYYY-MM-DD: when it is to be done, and since when it is.
  due_on TEXT,
  fixed_on TEXT,
  note TEXT NOT NULL DEFAULT ''
);
