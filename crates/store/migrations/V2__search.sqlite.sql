-- Words are folded and split by domain::search before they come here, so both databases index the same words.
CREATE VIRTUAL TABLE message_search USING fts5(words, tokenize = 'unicode61', prefix = '1 2 3');
CREATE VIRTUAL TABLE customer_search USING fts5(words, tokenize = 'unicode61', prefix = '1 2 3');
