-- A reply that its customer took back before it was out was neither sent, nor
-- has it failed.  It is marked in the transaction of the message that takes it
-- back, so that no later process sends it.

-- Of what was under way then, `maybe_sent` tells whether it may have arrived;
-- what is found to have arrived becomes 'sent' after all.
DROP INDEX reply_pending;
DROP INDEX reply_failed;
ALTER TABLE reply ADD COLUMN became TEXT NOT NULL DEFAULT 'pending'
	CHECK (became = 'pending' OR became = 'sent' OR became = 'failed' OR
	       became = 'withdrawn');

-- Until now it was marked as failed, with one of these as the error.
UPDATE reply SET became = CASE
	WHEN state = 'failed' AND job = 'reply' AND
	     (error = 'the customer wants no more of it' OR
	      error = 'it was withdrawn') THEN 'withdrawn'
	ELSE state END
WHERE state <> 'pending';

ALTER TABLE reply DROP COLUMN state;
ALTER TABLE reply RENAME COLUMN became TO state;
CREATE INDEX reply_pending ON reply (id) WHERE state = 'pending';
CREATE INDEX reply_failed ON reply (id) WHERE state = 'failed';
