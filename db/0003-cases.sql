-- Cases: what a form left for a person to read.  A case is written in the
-- transaction of the turn that ended its form, so that no reference was ever
-- told to a customer that is not here.
--
-- What the customer answered stands in `slots` as it was redacted.  It is the
-- one copy besides the messages that he wrote: rows of the outbox that are about
-- a case hold its reference alone, and erasing is done in these two places.

CREATE TABLE form_case (
	id              INTEGER PRIMARY KEY,
	reference       TEXT NOT NULL UNIQUE,   -- for the customer
	conversation_id INTEGER NOT NULL REFERENCES conversation,
	turn_id         INTEGER NOT NULL REFERENCES turn,
	form            TEXT NOT NULL,          -- its name in the pack
	title           TEXT NOT NULL,
	complete        INTEGER NOT NULL,       -- all that is needed was answered
	slots           TEXT NOT NULL,          -- JSON: dialog/form.h
	created_at      INTEGER NOT NULL,
	closed_at       INTEGER NOT NULL DEFAULT 0,  -- 0: open
	closed_by       TEXT NOT NULL DEFAULT '',
	note            TEXT NOT NULL DEFAULT ''     -- of whoever closed it
) STRICT;
CREATE INDEX form_case_conversation ON form_case (conversation_id);
CREATE INDEX form_case_turn ON form_case (turn_id);
CREATE INDEX form_case_open ON form_case (id) WHERE closed_at = 0;
