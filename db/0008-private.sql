-- What others can read along with goes on in a conversation of its author alone.

-- The channel's key of that conversation, as it brought the message; '': nobody
-- else reads along.
ALTER TABLE message ADD COLUMN private_key TEXT NOT NULL DEFAULT '';

-- Of a message that was taken along into such a conversation: the one that it
-- is of.  Of word that it could not be delivered there: the same.
ALTER TABLE message ADD COLUMN origin_id INTEGER;

CREATE INDEX message_origin ON message (origin_id)
	WHERE origin_id IS NOT NULL;
