-- What customers and reviewers say of replies and turns: why, what would have
-- been right, and all of it by time.

-- One of the few reasons that plugin.h names; '': none was given.  The words
-- that came with it stand in the message.
ALTER TABLE feedback ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- Of a corrected turn: the entry that should have answered; '': none should
-- have.  NULL with other verdicts.
ALTER TABLE review ADD COLUMN entry TEXT;

-- What a list asks for is the newest of something, and what came since a day.
CREATE INDEX turn_at ON turn (at);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX transition_at ON transition (at);
CREATE INDEX feedback_at ON feedback (at);
