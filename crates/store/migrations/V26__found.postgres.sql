CREATE TABLE note_search (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX note_search_words ON note_search USING GIN (words);
CREATE TABLE request_search (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX request_search_words ON request_search USING GIN (words);
-- What is there already is folded by the database, which keeps accents and knows no scripts without spaces.
INSERT INTO note_search (rowid, words) SELECT id, to_tsvector('simple', body) FROM notes;
INSERT INTO request_search (rowid, words) SELECT id, to_tsvector('simple', kind || ' ' || summary) FROM requests;
