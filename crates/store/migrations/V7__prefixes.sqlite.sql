-- A beginning of up to five letters is looked up like a word. A longer one is put together from all words that begin so, which
-- takes as long as there are rows that hold one: short words are the common ones.
CREATE VIRTUAL TABLE message_search_new USING fts5(words, tokenize = 'unicode61', prefix = '1 2 3 4 5');
INSERT INTO message_search_new (rowid, words) SELECT rowid, words FROM message_search;
DROP TABLE message_search;
ALTER TABLE message_search_new RENAME TO message_search;
