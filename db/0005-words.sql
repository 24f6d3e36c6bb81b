-- What a customer said stands in rows of message and of cases, and in the
-- memory of his conversation, and nowhere else: whoever deletes these has
-- deleted it.  What was made of his words stands with the message that they
-- were taken from: the values that a form noted, the telephone number for a
-- call back.  The text of a reply that repeats them to him or to an agent stands
-- with the newest message of its turn, which need not be that one: a
-- conversation's messages are deleted together.  Records of turns and rows of
-- the outbox refer to these.

-- JSON, '' if there is none: "values", "call_back", "replies" by their job, and
-- "before", what was known before this turn and had no message yet.
-- dialog/said.h writes it, and reads all but the replies.  "memory" is only what
-- is moved below.
ALTER TABLE message ADD COLUMN derived TEXT NOT NULL DEFAULT '';

-- Of message: which one has the whole text, of which `text` is what is left
-- without what was said to us.  NULL: `text` is all of it.
ALTER TABLE reply ADD COLUMN words_id INTEGER;

-- Of what was written until now: replies that may repeat him, whole, as nothing
-- tells which part of them he said.
UPDATE reply SET words_id =
	(SELECT max(id) FROM message WHERE turn_id = reply.turn_id)
WHERE job IN ('desk_card', 'agent_text') OR (job = 'reply' AND EXISTS
	(SELECT 1 FROM turn AS t WHERE t.id = reply.turn_id
	 AND (t.kind IN ('handover', 'form')
	      OR t.record -> '$.form' IS NOT NULL)));

UPDATE message SET derived = json_object('replies', json(
	(SELECT json_group_object(job, text) FROM reply
	 WHERE reply.turn_id = message.turn_id AND words_id = message.id)))
WHERE id IN (SELECT words_id FROM reply WHERE words_id IS NOT NULL);

UPDATE reply SET text = '[...]' WHERE words_id IS NOT NULL;

-- The memory that a turn was decided with, where it has anything of his.  It
-- stands with the newest message of that turn, for replay.
UPDATE message SET derived = json_set(iif(derived = '', '{}', derived),
	'$.memory', (SELECT t.record ->> '$.before.memory' FROM turn AS t
	             WHERE t.id = message.turn_id))
WHERE id IN (SELECT max(m.id) FROM turn AS t JOIN message AS m
	ON m.turn_id = t.id
	WHERE t.record ->> '$.before.memory' LIKE '%"values"%'
	   OR t.record ->> '$.before.memory' LIKE '%"call_back"%'
	GROUP BY t.id);

UPDATE turn SET record = json_remove(record, '$.before.memory')
WHERE record ->> '$.before.memory' LIKE '%"values"%'
   OR record ->> '$.before.memory' LIKE '%"call_back"%';

UPDATE turn SET record =
	json_remove(record, '$.searched', '$.second.searched')
WHERE record -> '$.searched' IS NOT NULL
   OR record -> '$.second.searched' IS NOT NULL;
