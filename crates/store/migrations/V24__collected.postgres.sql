-- Rows lie beside their index here: nothing to change.
SELECT 1;
