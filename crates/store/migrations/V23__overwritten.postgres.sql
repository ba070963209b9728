-- Vacuum takes words out of the index in its own time.
SELECT 1;
