/* What an earlier process left in the outbox. */
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "dialog/case.h"
#include "dialog/outbox.h"
#include "dialog/turn.h"
#include "store/case.h"
#include "store/conversation.h"
#include "store/message.h"

#define PAGE 500

static int
recover_one(struct outbox *outbox, struct store_reader *reader,
	    struct arena *arena, const struct reply *reply, struct err *err)
{
	const struct conversation *conversation;
	const struct message *messages = NULL;
	const struct form_case *c = NULL;
	long n = 0;
	int found = store_conversation_by_id(
		reader, arena, reply->conversation_id, &conversation, err);
	if (!found) {
		/* Nobody knows whose it was.  The row stays, for whoever
		 * restores the conversation. */
		log_warn("outbox: reply %lld belongs to no conversation: "
			 "not sent",
			 (long long)reply->id);
		return 0;
	}
	if (found > 0 && reply->turn_id) {
		n = store_answered_messages(reader, arena, reply->turn_id,
					    &messages, err);
		found = store_case_of_turn(reader, arena, reply->turn_id, &c,
					   err);
	}
	if (n < 0 || found < 0)
		return -1;
	int64_t *ids = arena_array(arena, (size_t)n, sizeof(*ids));
	for (long i = 0; i < n; i++)
		ids[i] = messages[i].id;
	const char *question = turn_question(messages, (size_t)n, arena);
	outbox_add(outbox, conversation, conversation->state, reply,
		   case_words(arena, reply->job, question, c), ids, (size_t)n);
	return 0;
}

static long
recover_page(struct outbox *outbox, struct store *store, int64_t *after,
	     struct err *err)
{
	struct store_reader *reader = store_read_begin(store, err);
	if (!reader)
		return -1;
	struct arena arena = {0};
	const struct reply *list;
	long n =
		store_pending_replies(reader, &arena, *after, PAGE, &list, err);
	for (long i = 0; i < n; i++) {
		*after = list[i].id;
		if (recover_one(outbox, reader, &arena, &list[i], err)) {
			n = -1;
			break;
		}
	}
	store_read_end(reader);
	arena_release(&arena);
	return n;
}

int
outbox_recover(struct outbox *outbox, struct store *store, struct err *err)
{
	int64_t after = 0;
	long n;
	do
		n = recover_page(outbox, store, &after, err);
	while (n == PAGE);
	return n < 0 ? -1 : 0;
}
