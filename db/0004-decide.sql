-- How long deciding a turn took: beside its record, which says only what can be
-- decided again.  0: it was not measured.
ALTER TABLE turn ADD COLUMN decide_us INTEGER NOT NULL DEFAULT 0;
