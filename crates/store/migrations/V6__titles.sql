-- A flow's name for people, as its current version says it; empty for those saved before it was kept.
ALTER TABLE flows ADD COLUMN title TEXT NOT NULL DEFAULT '';
