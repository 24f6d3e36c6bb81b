-- The store's first schema.  Times are UTC microseconds since 1970.
--
-- Message and reply ids come from one counter in order of commit, so that one
-- number orders everything that was said, by whomever.  A public id is the
-- number with a prefix (msg_17); a conversation's is random (cnv_...).
--
-- What is written for every message is made to be cheap.  A condition names
-- each state, as SQLite makes a temporary table of a list of three or more,
-- every time it checks one.  An index of rows has the row's id behind its
-- columns, in order, so no index names the id.  A column that a verb sets, for
-- every message, to a row that it has just written is no foreign key: checking
-- it costs as much as the write, and nothing deletes those rows.

CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE conversation (
	id           INTEGER PRIMARY KEY,
	public_id    TEXT NOT NULL UNIQUE,
	channel      TEXT NOT NULL,
	account      TEXT NOT NULL,
	key          TEXT NOT NULL,
	language     TEXT NOT NULL DEFAULT '',
	consent      TEXT NOT NULL DEFAULT '',
	identity     TEXT NOT NULL DEFAULT '',  -- signed, of the customer
	state        TEXT NOT NULL DEFAULT 'bot'
	             CHECK (state = 'bot' OR state = 'waiting' OR
	                    state = 'person' OR state = 'closed'),
	owner        TEXT NOT NULL DEFAULT '',  -- the agent who has it
	lease_until  INTEGER NOT NULL DEFAULT 0,
	failed_turns INTEGER NOT NULL DEFAULT 0,
	turns        INTEGER NOT NULL DEFAULT 0,
	memory       TEXT NOT NULL DEFAULT '',  -- the dialog's, JSON
	route        BLOB,                      -- the channel's, of the newest message
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL,
	UNIQUE (channel, account, key)
) STRICT;
CREATE INDEX conversation_state ON conversation (state);

-- The inbox.  What the customer wrote stands here and nowhere else.
CREATE TABLE message (
	id              INTEGER PRIMARY KEY,
	conversation_id INTEGER NOT NULL REFERENCES conversation,
	kind            TEXT NOT NULL,  -- text, option, handover, feedback, ...
	author_id       TEXT NOT NULL DEFAULT '',
	author_name     TEXT NOT NULL DEFAULT '',
	trust           INTEGER NOT NULL DEFAULT 0,
	text            TEXT NOT NULL DEFAULT '',  -- redacted
	option          TEXT NOT NULL DEFAULT '',
	target          TEXT NOT NULL DEFAULT '',
	rating          INTEGER NOT NULL DEFAULT 0,
	redacted        TEXT NOT NULL DEFAULT '',  -- kinds that were masked
	attachments     TEXT NOT NULL DEFAULT '',  -- JSON
	fingerprint     BLOB,  -- of the text by itself, keyed: tells a repeat from another
	sent_at         INTEGER NOT NULL DEFAULT 0,
	received_at     INTEGER NOT NULL,
	state           TEXT NOT NULL
	                CHECK (state = 'queued' OR state = 'running' OR
	                       state = 'done' OR state = 'kept'),
	crashes         INTEGER NOT NULL DEFAULT 0,
	turn_id         INTEGER  -- of turn: the one that answered it
) STRICT;
-- Every message stands in one of these two.  Those that are still to be
-- answered are few, so that messages of many conversations, which come
-- together, share a page; among all the others each conversation has a page of
-- its own, which is only written when its turn is done.
CREATE INDEX message_open ON message (conversation_id)
	WHERE state IN ('queued', 'running');
CREATE INDEX message_closed ON message (conversation_id)
	WHERE state NOT IN ('queued', 'running');
CREATE INDEX message_turn ON message (turn_id) WHERE turn_id IS NOT NULL;

-- By which ids the channel may bring a message again.
CREATE TABLE message_external (
	channel     TEXT NOT NULL,
	account     TEXT NOT NULL,
	external_id TEXT NOT NULL,
	message_id  INTEGER NOT NULL,  -- of message
	PRIMARY KEY (channel, account, external_id)
) STRICT, WITHOUT ROWID;

-- One decision: what was made of some messages, and all that explains it.
CREATE TABLE turn (
	id              INTEGER PRIMARY KEY,
	conversation_id INTEGER NOT NULL REFERENCES conversation,
	kind            TEXT NOT NULL,
	confidence      REAL NOT NULL,
	rule            TEXT NOT NULL,
	entry           TEXT NOT NULL DEFAULT '',  -- name@version it cites
	record          TEXT NOT NULL,             -- JSON
	at              INTEGER NOT NULL
) STRICT;
CREATE INDEX turn_conversation ON turn (conversation_id);

-- The outbox.
CREATE TABLE reply (
	id              INTEGER PRIMARY KEY,
	conversation_id INTEGER NOT NULL REFERENCES conversation,
	turn_id         INTEGER REFERENCES turn,
	target          TEXT NOT NULL,  -- name of the plugin that delivers it
	job             TEXT NOT NULL,  -- reply, notice, agent_text, desk_card, ...
	kind            TEXT NOT NULL DEFAULT '',  -- answer, ask, ...
	confidence      REAL NOT NULL DEFAULT 0,
	author          TEXT NOT NULL DEFAULT '',  -- '' is the bot
	text            TEXT NOT NULL,
	options         TEXT NOT NULL DEFAULT '[]',
	sources         TEXT NOT NULL DEFAULT '[]',
	state           TEXT NOT NULL DEFAULT 'pending'
	                CHECK (state = 'pending' OR state = 'sent' OR
	                       state = 'failed'),
	attempts        INTEGER NOT NULL DEFAULT 0,
	maybe_sent      INTEGER NOT NULL DEFAULT 0,
	next_at         INTEGER NOT NULL DEFAULT 0,
	progress        BLOB,
	external_id     TEXT NOT NULL DEFAULT '',
	error           TEXT NOT NULL DEFAULT '',
	created_at      INTEGER NOT NULL,
	sent_at         INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX reply_conversation ON reply (conversation_id);
CREATE INDEX reply_turn ON reply (turn_id);
CREATE INDEX reply_pending ON reply (id) WHERE state = 'pending';
CREATE INDEX reply_failed ON reply (id) WHERE state = 'failed';

-- Every change of a conversation's state.
CREATE TABLE transition (
	id              INTEGER PRIMARY KEY,
	conversation_id INTEGER NOT NULL REFERENCES conversation,
	turn_id         INTEGER REFERENCES turn,
	state_from      TEXT NOT NULL,
	state_to        TEXT NOT NULL,
	reason          TEXT NOT NULL,
	actor           TEXT NOT NULL,
	at              INTEGER NOT NULL
) STRICT;
CREATE INDEX transition_conversation ON transition (conversation_id);

CREATE TABLE feedback (
	id         INTEGER PRIMARY KEY,
	reply_id   INTEGER NOT NULL REFERENCES reply,
	message_id INTEGER REFERENCES message,
	rating     INTEGER NOT NULL CHECK (rating IN (-1, 1)),
	actor      TEXT NOT NULL,
	at         INTEGER NOT NULL
) STRICT;
CREATE INDEX feedback_reply ON feedback (reply_id);
CREATE UNIQUE INDEX feedback_message ON feedback (message_id)
	WHERE message_id IS NOT NULL;

-- What a reviewer said of a turn.
CREATE TABLE review (
	id      INTEGER PRIMARY KEY,
	turn_id INTEGER NOT NULL REFERENCES turn,
	verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'rejected', 'corrected')),
	note    TEXT NOT NULL DEFAULT '',
	actor   TEXT NOT NULL,
	at      INTEGER NOT NULL
) STRICT;
CREATE INDEX review_turn ON review (turn_id);

-- Who did what to which thing; written in the transaction that does it.
CREATE TABLE audit (
	id     INTEGER PRIMARY KEY,
	at     INTEGER NOT NULL,
	actor  TEXT NOT NULL,
	action TEXT NOT NULL,
	object TEXT NOT NULL,
	detail TEXT NOT NULL DEFAULT ''
) STRICT;

-- Knowledge.  An entry has a name that lasts and versions that never change
-- but in what became of them.  Whatever changes what anybody sees raises the
-- generation by one: a generation is the knowledge as it was at one instant,
-- and generations have no gaps.
CREATE TABLE generation (
	id    INTEGER PRIMARY KEY,
	at    INTEGER NOT NULL,  -- never before that of the one below
	actor TEXT NOT NULL,
	what  TEXT NOT NULL
) STRICT;
CREATE INDEX generation_at ON generation (at, id);

-- An import shows all its versions, and retires others, by one switch.
CREATE TABLE import (
	id         INTEGER PRIMARY KEY,
	origin     TEXT NOT NULL,  -- pack:banking, file:my.csv, hand
	actor      TEXT NOT NULL,
	at         INTEGER NOT NULL,               -- begun, later: shown
	generation INTEGER REFERENCES generation  -- NULL: not shown
) STRICT;
CREATE INDEX import_origin ON import (origin, id);

CREATE TABLE faq (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

-- What decides whether a version counts stands first: the long texts behind
-- it are not read then.
CREATE TABLE faq_version (
	id                  INTEGER PRIMARY KEY,
	faq_id              INTEGER NOT NULL REFERENCES faq,
	version             INTEGER NOT NULL,
	import_id           INTEGER NOT NULL REFERENCES import,
	approved_generation INTEGER,  -- NULL: a draft; 0: with its import
	retired_generation  INTEGER,  -- by hand
	retired_import_id   INTEGER REFERENCES import,  -- when that is shown
	verbatim            INTEGER NOT NULL DEFAULT 0,
	valid_from          INTEGER NOT NULL DEFAULT 0,
	valid_to            INTEGER NOT NULL DEFAULT 0,  -- 0: no end
	created_at          INTEGER NOT NULL,
	approved_at         INTEGER NOT NULL DEFAULT 0,
	retired_at          INTEGER NOT NULL DEFAULT 0,  -- by hand
	author              TEXT NOT NULL,
	approver            TEXT NOT NULL DEFAULT '',
	origin_hash         TEXT NOT NULL DEFAULT '',  -- of the entry in its file
	language            TEXT NOT NULL DEFAULT 'en',
	intent              TEXT NOT NULL DEFAULT '',
	tags                TEXT NOT NULL DEFAULT '',  -- parted by commas
	question            TEXT NOT NULL,
	answer              TEXT NOT NULL,             -- CommonMark, facts filled in
	source              TEXT NOT NULL DEFAULT '',  -- as written, if with {{facts}}
	UNIQUE (faq_id, version)
) STRICT;
CREATE INDEX faq_version_import ON faq_version (import_id);
CREATE INDEX faq_version_retired ON faq_version (retired_import_id)
	WHERE retired_import_id IS NOT NULL;
-- Holds all that is needed to find the version in force of each entry.
CREATE INDEX faq_version_force ON faq_version (faq_id, version, import_id,
	approved_generation, retired_generation, retired_import_id);

-- Paraphrases of the question.
CREATE TABLE faq_variant (
	version_id INTEGER NOT NULL REFERENCES faq_version,
	position   INTEGER NOT NULL,
	text       TEXT NOT NULL,
	PRIMARY KEY (version_id, position)
) STRICT, WITHOUT ROWID;

-- For searching by hand; rowid is faq_version.id.
CREATE VIRTUAL TABLE faq_search USING fts5 (
	question, variants, answer, tags,
	content = '', tokenize = 'porter unicode61'
);
-- The index is merged in steps of 64 of its pages: small ones keep the write
-- that does a step under 20 ms.
INSERT INTO faq_search (faq_search, rank) VALUES ('pgsz', 1000);

-- Small durable keys of a plugin.
CREATE TABLE plugin_state (
	plugin     TEXT NOT NULL,
	key        TEXT NOT NULL,
	value      BLOB NOT NULL,
	expires_at INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (plugin, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX plugin_state_expiry ON plugin_state (expires_at)
	WHERE expires_at > 0;

-- Packs and settings as they were, by hash: what a turn's record names.
CREATE TABLE artifact (
	hash    TEXT PRIMARY KEY,
	kind    TEXT NOT NULL,  -- pack, settings
	content BLOB NOT NULL,
	at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
