-- How customers came, where they checked in, and what was refused to be looked at again.

-- Whether it says by which campaign, click or page of somebody else the customer came.
ALTER TABLE events ADD COLUMN is_arrival BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX events_arrival ON events(customer_id, at, id) WHERE is_arrival;

-- Where customers check in by a code on the wall.
CREATE TABLE places (
  id ID,
  name TEXT NOT NULL UNIQUE,
  -- The last part of the address that the code leads to.
  token TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);

-- In which words it was told, and what held for the whole request: what is needed to read it again.
ALTER TABLE source_refusals ADD COLUMN form TEXT NOT NULL DEFAULT '';
ALTER TABLE source_refusals ADD COLUMN envelope TEXT NOT NULL DEFAULT '';

-- What is taken is known again for a while, the oldest forgotten first; what imports took is known again for ever.
CREATE INDEX collected_at ON collected(at) WHERE substr(message_id, 1, 7) <> 'import:';

-- One more kind of file. A check of a column goes with the column, on both databases.
ALTER TABLE imports ADD COLUMN file_format TEXT NOT NULL DEFAULT 'csv'
  CHECK (file_format IN ('csv', 'jsonl', 'xes', 'parquet'));
UPDATE imports SET file_format = format;
ALTER TABLE imports DROP COLUMN format;
ALTER TABLE imports RENAME COLUMN file_format TO format;
