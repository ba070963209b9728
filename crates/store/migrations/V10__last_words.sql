-- The conversation closes with this text, once the provider has it.
ALTER TABLE messages ADD COLUMN close_after BOOLEAN NOT NULL DEFAULT FALSE;
