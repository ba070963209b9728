-- How often a text was handed to the provider on a person's word: news about an earlier attempt is no news of this one.
ALTER TABLE messages ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1;
