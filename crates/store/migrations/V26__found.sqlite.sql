CREATE VIRTUAL TABLE note_search USING fts5(words, tokenize = 'unicode61', prefix = '1 2 3');
CREATE VIRTUAL TABLE request_search USING fts5(words, tokenize = 'unicode61', prefix = '1 2 3');
INSERT INTO note_search(note_search, rank) VALUES ('secure-delete', 1);
INSERT INTO request_search(request_search, rank) VALUES ('secure-delete', 1);
-- What is there already is folded by the index itself, which knows no scripts without spaces.
INSERT INTO note_search (rowid, words) SELECT id, LOWER(body) FROM notes;
INSERT INTO request_search (rowid, words) SELECT id, LOWER(kind || ' ' || summary) FROM requests;
