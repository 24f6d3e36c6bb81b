-- How long deciding a turn took: beside its record, which says only what can be
-- decided again.  0: it was not measured.
ALTER TABLE turn ADD COLUMN decide_us INTEGER NOT NULL DEFAULT 0;

-- A claim of before there were leases ends as others do.
UPDATE conversation SET lease_until = updated_at + 1800000000
WHERE state = 'person' AND lease_until = 0;
