-- The index finds beginnings of any length.
SELECT 1;
