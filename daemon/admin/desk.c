/* The first desk: agents at terminals. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "admin/cases.h"
#include "admin/commands.h"
#include "admin/desk_verbs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/desk.h"
#include "dialog/knowledge.h"
#include "dialog/memory.h"
#include "nlu/hours.h"
#include "nlu/pack.h"
#include "store/conversation.h"
#include "store/desk.h"

#define CLOCK_BYTES 32
#define US_PER_S INT64_C(1000000)

const char *
desk_duration(int64_t us, char out[32])
{
	long long seconds = us > 0 ? us / US_PER_S : 0;
	if (seconds < 120)
		snprintf(out, 32, "%lld s", seconds);
	else if (seconds < 120 * 60)
		snprintf(out, 32, "%lld min", seconds / 60);
	else
		snprintf(out, 32, "%lld h", seconds / 3600);
	return out;
}

const char *
desk_clock(struct admin_call *call, struct arena *arena, int64_t us)
{
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	struct buf clock;
	buf_init(&clock, CLOCK_BYTES);
	hours_write_clock(knowledge ? knowledge->pack->hours : NULL, us,
			  &clock);
	const char *text = arena_strdup(arena, buf_str(&clock));
	buf_release(&clock);
	knowledge_put(knowledge);
	return text;
}

/* Why it came to be in its state: the newest change says so. */
static int
add_reason(struct store_reader *reader, struct arena *arena,
	   const struct conversation *conversation, json_t *row,
	   struct err *err)
{
	const struct transition *list;
	long n = store_transitions(reader, arena, conversation->id, &list, err);
	if (n < 0)
		return -1;
	json_set_text(row, "reason", n ? list[n - 1].reason : "");
	return 0;
}

/* The trigger of those in a rule that has the highest priority in the pack, if
 * that is higher than the one that was found. */
static const struct trigger *
find_higher(const struct pack *pack, struct arena *arena, const char *rule,
	    const struct trigger *found)
{
	static const char prefix[] = "trigger:";
	while (pack && (rule = strstr(rule, prefix))) {
		rule += strlen(prefix);
		size_t len = strcspn(rule, ",");
		const struct trigger *trigger = pack_trigger_named(
			pack, arena_printf(arena, "%.*s", (int)len, rule));
		if (trigger && trigger->priority > found->priority)
			found = trigger;
	}
	return found;
}

/* What cannot wait as long as the rest, by the pack as it is now.  Whoever asks
 * for a person by a button comes as soon as who writes it. */
static int
add_priority(const struct pack *pack, struct store_reader *reader,
	     struct arena *arena, const struct conversation *conversation,
	     const struct memory *memory, json_t *row, struct err *err)
{
	static const struct trigger none = {.priority = 0};
	const struct trigger *human =
		pack ? pack_trigger_named(pack, TRIGGER_HUMAN) : NULL;
	const struct trigger *usual = human ? human : &none, *found = usual;
	const char *const *rules;
	long n = store_desk_triggers(reader, arena, conversation->id,
				     memory->asked_us, &rules, err);
	if (n < 0)
		return -1;
	for (long i = 0; i < n; i++)
		found = find_higher(pack, arena, rules[i], found);
	json_set_int(row, "priority", found->priority);
	json_set_text(row, "trigger", found == usual ? "" : found->name);
	return 0;
}

static json_t *
queue_row(const struct conversation *conversation, const struct memory *memory,
	  int64_t now_us)
{
	json_t *row = json_object();
	bool is_waiting = conversation->state == STATE_WAITING;
	int64_t since_us =
		memory->asked_us ? memory->asked_us : memory->since_us;
	json_set_text(row, "id", conversation->public_id);
	json_set_text(row, "channel", conversation->channel);
	json_set_text(row, "state",
		      conversation_state_name(conversation->state));
	json_object_set_new(row, "since",
			    since_us ? admin_time(since_us) : json_null());
	json_set_int(row, "waited_s",
		     is_waiting ? (now_us - since_us) / US_PER_S : 0);
	json_set_text(row, "owner", conversation->owner);
	json_object_set_new(row, "lease_until",
			    conversation->lease_until_us
				    ? admin_time(conversation->lease_until_us)
				    : json_null());
	json_set_int(row, "lease_left_s",
		     is_waiting ? 0
				: (conversation->lease_until_us - now_us) /
					  US_PER_S);
	json_set_text(row, "call_back", memory->call_back);
	return row;
}

struct place {
	int64_t priority, asked_us;
	json_t *row;
};

static int
by_urgency(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	if (one->priority != other->priority)
		return one->priority < other->priority ? 1 : -1;
	return (one->asked_us > other->asked_us) -
	       (one->asked_us < other->asked_us);
}

/* Those of one state: what is most urgent first, and then who asked first. */
static int
add_state(const struct pack *pack, struct store_reader *reader,
	  enum conversation_state state, int64_t now_us, json_t *rows,
	  struct err *err)
{
	struct arena arena = {0};
	const struct conversation *list;
	long n = store_list_conversations(reader, &arena, NULL,
					  conversation_state_name(state), 0,
					  LONG_MAX, &list, err);
	struct place *places =
		arena_array(&arena, n > 0 ? (size_t)n : 1, sizeof(*places));
	int rc = n < 0 ? -1 : 0;
	for (long i = 0; i < n; i++) {
		struct memory memory;
		memory_read(&memory, &arena, list[i].memory);
		json_t *row = queue_row(&list[i], &memory, now_us);
		if (!rc)
			rc = add_reason(reader, &arena, &list[i], row, err);
		if (!rc)
			rc = add_priority(pack, reader, &arena, &list[i],
					  &memory, row, err);
		places[i] = (struct place){
			.priority = json_get_int(row, "priority", 0),
			.asked_us = memory.asked_us,
			.row = row,
		};
	}
	qsort(places, n > 0 ? (size_t)n : 0, sizeof(*places), by_urgency);
	for (long i = 0; i < n; i++)
		json_array_append_new(rows, places[i].row);
	arena_release(&arena);
	return rc;
}

int
desk_add_queue(struct admin_call *call, const char *name, json_t *result,
	       struct err *err)
{
	int64_t now_us = time_now_us();
	struct store_reader *reader =
		store_read_begin(desk_store(call->desk), err);
	if (!reader)
		return -1;
	const struct knowledge *knowledge =
		library_get(desk_library(call->desk));
	const struct pack *pack = knowledge ? knowledge->pack : NULL;
	json_t *rows = json_array();
	json_object_set_new(result, name, rows);
	int rc = add_state(pack, reader, STATE_WAITING, now_us, rows, err);
	if (!rc)
		rc = add_state(pack, reader, STATE_PERSON, now_us, rows, err);
	if (!rc)
		rc = cases_add_open(reader, result, err);
	knowledge_put(knowledge);
	store_read_end(reader);
	return rc;
}

static int
run_list(struct admin_call *call, struct err *err)
{
	call->result = json_object();
	return desk_add_queue(call, "conversations", call->result, err);
}

static void
print_row(const json_t *row, FILE *out)
{
	char time[32];
	const char *owner = json_get_text(row, "owner", "");
	const char *call_back = json_get_text(row, "call_back", "");
	const char *trigger = json_get_text(row, "trigger", "");
	bool is_owned = *owner != '\0';
	int64_t seconds =
		json_get_int(row, is_owned ? "lease_left_s" : "waited_s", 0);
	desk_duration(seconds * US_PER_S, time);
	fprintf(out, "%s  %-8s %s", json_get_text(row, "id", ""),
		json_get_text(row, "channel", ""),
		json_get_text(row, "state", ""));
	if (is_owned)
		fprintf(out, " %s, %s left", owner, time);
	else
		fprintf(out, " %s", time);
	fprintf(out, "  (%s)", json_get_text(row, "reason", ""));
	if (*trigger)
		fprintf(out, "  %s, priority %lld", trigger,
			(long long)json_get_int(row, "priority", 0));
	fprintf(out, "%s%s\n", *call_back ? "  call " : "", call_back);
}

void
desk_print_queue(const json_t *result, const char *name, FILE *out)
{
	size_t i;
	json_t *row;
	json_array_foreach (json_object_get(result, name), i, row)
		print_row(row, out);
	if (!i)
		fprintf(out, "Nobody waits.\n");
	cases_print_open(result, out);
}

static void
print_list(const json_t *result, FILE *out)
{
	desk_print_queue(result, "conversations", out);
}

static const struct admin_argument list_arguments[] = {
	{0},
};

const struct admin_command admin_desk_commands[] = {
	{"desk", "list",
	 "Who waits for a person, the most urgent first, who has one, and open "
	 "cases.",
	 ADMIN_NEEDS_DAEMON, list_arguments, run_list, print_list},
	{"desk", "show", "All that an agent has to know of a conversation.",
	 ADMIN_NEEDS_DAEMON, desk_show_arguments, desk_run_show,
	 desk_print_show},
	{"desk", "watch",
	 "What happens at the desk, or in one conversation, as it happens.",
	 ADMIN_NEEDS_DAEMON | ADMIN_WATCH, desk_watch_arguments, desk_run_watch,
	 desk_print_watch},
	{"desk", "claim", "Take a conversation.", ADMIN_NEEDS_DAEMON,
	 desk_claim_arguments, desk_run_claim, desk_print_act},
	{"desk", "say",
	 "Write to the customer of a conversation that you have.",
	 ADMIN_NEEDS_DAEMON, desk_say_arguments, desk_run_say, desk_print_act},
	{"desk", "note", "Write something that only colleagues see.",
	 ADMIN_NEEDS_DAEMON, desk_note_arguments, desk_run_note,
	 desk_print_act},
	{"desk", "return", "Give a conversation back to the bot.",
	 ADMIN_NEEDS_DAEMON, desk_end_arguments, desk_run_return,
	 desk_print_act},
	{"desk", "close", "End a conversation.", ADMIN_NEEDS_DAEMON,
	 desk_end_arguments, desk_run_close, desk_print_act},
	{0},
};
