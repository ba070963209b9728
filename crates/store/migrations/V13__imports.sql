-- Imports: files whose rows are read onto timelines.

CREATE TABLE imports (
  id ID,
  file_name TEXT NOT NULL,
  -- Where the file is kept; null where it was read from where it lay.
  object_key TEXT,
  size_bytes BIGINT NOT NULL,
  format TEXT NOT NULL CHECK (format IN ('csv', 'jsonl', 'xes')),
  -- What the columns mean, as JSON; null until that is told.
  column_map TEXT,
  -- For whom its events are told; null until it begins.
  source_id BIGINT REFERENCES sources(id),
  state TEXT NOT NULL CHECK (state IN ('uploaded', 'running', 'done', 'cancelled', 'failed')),
  error TEXT,
  read_bytes BIGINT NOT NULL DEFAULT 0,
  read_rows BIGINT NOT NULL DEFAULT 0,
  taken BIGINT NOT NULL DEFAULT 0,
  doubled BIGINT NOT NULL DEFAULT 0,
  skipped BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);

CREATE TABLE import_skips (
  import_id BIGINT NOT NULL REFERENCES imports(id),
  row_number BIGINT NOT NULL,
  reason TEXT NOT NULL,
  -- The row as far as it could be read; its beginning where it is long.
  content TEXT NOT NULL,
  PRIMARY KEY (import_id, row_number)
);
