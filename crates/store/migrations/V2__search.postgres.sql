-- Words are folded and split by domain::search before they come here, so both databases index the same words.
CREATE TABLE message_search (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX message_search_words ON message_search USING GIN (words);
CREATE TABLE customer_search (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX customer_search_words ON customer_search USING GIN (words);
CREATE INDEX events_cursor ON events(tx, id);
