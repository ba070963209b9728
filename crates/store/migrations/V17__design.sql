-- What else the designed journey says of a stage and of a touchpoint in it.

-- How long after coming to this stage customers should come to the next one; null where that does not matter.
ALTER TABLE stages ADD COLUMN within_hours BIGINT;

-- Whether it may come in any order with what the design has before it in its stage.
ALTER TABLE touchpoints ADD COLUMN is_alongside BOOLEAN NOT NULL DEFAULT TRUE;
