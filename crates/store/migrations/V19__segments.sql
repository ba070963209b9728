-- Segments: rules over file and deeds, who belongs to them now, and when that has to be looked at again though nothing happens.

CREATE TABLE segments (
  id ID,
  name TEXT NOT NULL UNIQUE,
  rule TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- All customers up to this one have been looked at since the rule changed; NULL when all have.
  looked_to BIGINT
);

CREATE TABLE segment_members (
  segment_id BIGINT NOT NULL REFERENCES segments(id),
  customer_id BIGINT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (segment_id, customer_id)
);
CREATE INDEX segment_members_newest ON segment_members(segment_id, since, customer_id);
CREATE INDEX segment_members_customer ON segment_members(customer_id);

CREATE TABLE segment_wakes (
  segment_id BIGINT NOT NULL REFERENCES segments(id),
  customer_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (segment_id, customer_id)
);
CREATE INDEX segment_wakes_at ON segment_wakes(at);

-- How far the events have been followed, shared by all nodes; at most one row.
CREATE TABLE segment_progress (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  cursor TEXT NOT NULL
);
