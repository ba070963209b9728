-- What was refused of each source in all, by reason: bodies are kept of the newest only, and of whole requests none.
CREATE TABLE source_refusal_counts (
  source_id BIGINT NOT NULL REFERENCES sources(id),
  reason TEXT NOT NULL,
  refused BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (source_id, reason)
);
INSERT INTO source_refusal_counts (source_id, reason, refused, last_at)
  SELECT source_id, reason, COUNT(*), MAX(at) FROM source_refusals GROUP BY source_id, reason;
