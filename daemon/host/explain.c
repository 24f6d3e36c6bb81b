/* Everything but the call-back runs on a worker; how a decision is told is the
 * layer above's. */
#include "host/explain.h"

#include "base/mem.h"
#include "host/check.h"
#include "host/reading.h"
#include "store/conversation.h"

struct explaining {
	struct reading reading;
	const char *channel, *account, *key;
	int64_t reply;
	/* Of the host, which may be gone when it is called. */
	int (*explain)(struct store_reader *, struct arena *,
		       int64_t conversation_id, int64_t reply_id,
		       const char **json_r, struct err *);
	const char *json;
	teller_explained_fn *fn;
	void *arg;
};

static int
read_card(struct reading *reading, struct store_reader *reader, struct err *err)
{
	struct explaining *e =
		container_of(reading, struct explaining, reading);
	struct arena *arena = &reading->arena;
	const struct conversation *conversation;

	int found =
		store_find_conversation(reader, arena, e->channel, e->account,
					e->key, &conversation, err);
	if (found <= 0)
		return found;
	return e->explain(reader, arena, conversation->id, e->reply, &e->json,
			  err);
}

static bool
tell_card(struct reading *reading, struct teller_host *host)
{
	struct explaining *e =
		container_of(reading, struct explaining, reading);
	struct entered entered = instance_enter(host);

	e->fn(e->arg, e->json);
	instance_leave(host, "the end of explain()", entered);
	return false;
}

int
explain_reply(struct teller_host *host, const char *account, const char *key,
	      const char *reply, teller_explained_fn *fn, void *arg)
{
	int64_t id = reply ? message_id_parse(reply) : 0;

	account = account ? account : "";
	if (instance_check_room(host, "explain", INSTANCE_STOPPING) < 0)
		return -1;
	if (!fn || id == 0 || !check_is_conversation(account, key)) {
		instance_warn(host, "explain is refused: no good key or id");
		return -1;
	}
	struct explaining *e = mem_new(sizeof *e);
	struct arena *arena = &e->reading.arena;
	e->reading.what = "reading why a reply was given";
	e->reading.read = read_card;
	e->reading.tell = tell_card;
	e->channel = arena_strdup(arena, host->plugin->name);
	e->account = arena_strdup(arena, account);
	e->key = arena_strdup(arena, key);
	e->reply = id;
	e->explain = host->frame->events.explain;
	e->fn = fn;
	e->arg = arg;
	return reading_start(&e->reading, host);
}
