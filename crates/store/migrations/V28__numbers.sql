-- Numbers that touchpoints had which are gone. Saved questions, links and logs may still name them: they are given to another
-- touchpoint only when no unused one is left, the one that is free the longest first.
CREATE TABLE freed_touchpoints (
  id BIGINT PRIMARY KEY,
  freed_at BIGINT NOT NULL
);
