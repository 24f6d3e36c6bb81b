-- Keys of programs that use the HTTP interface.

-- The key itself is nowhere: hash is its SHA-256, 64 lower-case hex digits, and
-- a key is long and random.  A name is free again when its key was revoked.
CREATE TABLE api_key (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,
	hash TEXT NOT NULL UNIQUE,
	scopes TEXT NOT NULL, -- words parted by a blank
	created_at INTEGER NOT NULL,
	created_by TEXT NOT NULL,
	used_at INTEGER NOT NULL DEFAULT 0, -- last, to a minute; 0: never
	revoked_at INTEGER NOT NULL DEFAULT 0 -- 0: it is good
) STRICT;

CREATE UNIQUE INDEX api_key_name ON api_key (name) WHERE revoked_at = 0;
