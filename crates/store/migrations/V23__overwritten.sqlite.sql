-- Words that are no longer in a row leave the index at once, and not when it is next tidied up; those of before go now.
INSERT INTO customer_search(customer_search, rank) VALUES ('secure-delete', 1);
INSERT INTO message_search(message_search, rank) VALUES ('secure-delete', 1);
INSERT INTO customer_search(customer_search) VALUES ('rebuild');
