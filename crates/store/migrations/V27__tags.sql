-- A tag is kept with the profile that it was put on, as ids and consent are, so that each side has its own back when
-- files are separated. A file has a tag when any of its profiles has it.

-- What was taken off a joined file is off.
DELETE FROM customer_tags
  WHERE customer_id IN (SELECT id FROM customers WHERE merged_into IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM customer_tags AS whole, customers AS part
      WHERE part.id = customer_tags.customer_id AND whole.customer_id = part.merged_into AND whole.tag = customer_tags.tag);
-- What came onto a file by a join that holds is the other file's.
DELETE FROM customer_tags
  WHERE EXISTS (SELECT 1 FROM joins WHERE joins.ended_at IS NULL AND joins.from_id <> customer_tags.customer_id
    AND customer_tags.customer_id IN (joins.one_id, joins.other_id) AND joins.tags LIKE '%"' || customer_tags.tag || '"%');

CREATE TABLE customer_tags_kept (
  customer_id BIGINT NOT NULL REFERENCES customers(id),
  profile_id BIGINT NOT NULL REFERENCES customers(id),
  tag TEXT NOT NULL,
  PRIMARY KEY (profile_id, tag)
);
INSERT INTO customer_tags_kept (customer_id, profile_id, tag)
  SELECT COALESCE(customers.merged_into, customers.id), customers.id, customer_tags.tag
  FROM customer_tags JOIN customers ON customers.id = customer_tags.customer_id;
DROP TABLE customer_tags;
ALTER TABLE customer_tags_kept RENAME TO customer_tags;
CREATE INDEX customer_tags_customer ON customer_tags(customer_id, tag);
CREATE INDEX customer_tags_tag ON customer_tags(tag, customer_id);
ALTER TABLE joins DROP COLUMN tags;
