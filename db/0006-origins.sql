-- A fact that changes makes a new version of every entry that uses it, all in
-- one import, whoever wrote the entry.

-- Where the version came from, if not from where its import did: what was
-- edited stays edited.  '': from there.
ALTER TABLE faq_version ADD COLUMN origin TEXT NOT NULL DEFAULT '';
