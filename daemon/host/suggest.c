/* Everything but the call-back runs on a worker; what the bot would say is the
 * layer above's. */
#include "host/suggest.h"

#include "base/mem.h"
#include "host/check.h"
#include "host/option.h"
#include "host/reading.h"
#include "store/conversation.h"

struct suggesting {
	struct reading reading;
	const char *conversation;
	struct host_events events; /* of the host, which may be gone */
	const struct teller_suggestion *found;
	teller_suggestion_fn *fn;
	void *arg;
};

static int
read_suggestion(struct reading *reading, struct store_reader *reader,
		struct err *err)
{
	struct suggesting *s =
		container_of(reading, struct suggesting, reading);
	struct arena *arena = &reading->arena;
	const struct conversation *conversation;

	int found = store_get_conversation(reader, arena, s->conversation,
					   &conversation, err);
	if (found <= 0)
		return found;
	return s->events.suggest(s->events.arg, reader, arena, conversation->id,
				 &s->found, err);
}

static bool
tell_suggestion(struct reading *reading, struct teller_host *host)
{
	struct suggesting *s =
		container_of(reading, struct suggesting, reading);
	struct entered entered = instance_enter(host);

	s->fn(s->arg, s->found);
	instance_leave(host, "the end of suggest()", entered);
	return false;
}

int
suggest_answer(struct teller_host *host, const char *conversation,
	       teller_suggestion_fn *fn, void *arg)
{
	if (instance_check_room(host, "suggest", INSTANCE_STOPPING) < 0)
		return -1;
	if (!fn || !check_is_conversation("", conversation) ||
	    !(option_capabilities(host->plugin, host->settings) &
	      TELLER_CAN_DESK)) {
		instance_warn(host, "suggest is refused: no good id, or the "
				    "plugin is no desk");
		return -1;
	}
	struct suggesting *s = mem_new(sizeof *s);
	s->reading.what = "finding what the bot would answer";
	s->reading.read = read_suggestion;
	s->reading.tell = tell_suggestion;
	s->conversation = arena_strdup(&s->reading.arena, conversation);
	s->events = host->frame->events;
	s->fn = fn;
	s->arg = arg;
	return reading_start(&s->reading, host);
}
