#include "host/durable.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "host/check.h"
#include "host/putting.h"
#include "host/reading.h"
#include "host/receive.h"
#include "net/loop.h"
#include "store/conversation.h"
#include "store/state.h"

#define PAGE 100
#define BUSY_RETRY_S 2
#define FULL_RETRY_S 30
#define MAX_LANGUAGE 35

/* ---- One key */

struct state_getting {
	struct reading reading;
	const char *plugin, *key;
	const struct plugin_state *found;
	teller_state_fn *fn;
	void *arg;
};

static int
read_state(struct reading *reading, struct store_reader *reader,
	   struct err *err)
{
	struct state_getting *get =
		container_of(reading, struct state_getting, reading);

	int found = store_get_state(reader, &reading->arena, get->plugin,
				    get->key, time_now_us(), &get->found, err);
	return found < 0 ? -1 : 0;
}

static void
call_with_state(struct teller_host *host, teller_state_fn *fn, void *arg,
		const struct plugin_state *found)
{
	struct teller_state state;
	struct entered entered = instance_enter(host);

	if (found)
		state = (struct teller_state){
			.key = found->key,
			.value = found->value,
			.value_len = found->value_len,
			.expires_at_us = found->expires_at_us,
		};
	fn(arg, found ? &state : NULL);
	instance_leave(host, "the end of reading a state", entered);
}

static bool
tell_state(struct reading *reading, struct teller_host *host)
{
	struct state_getting *get =
		container_of(reading, struct state_getting, reading);

	call_with_state(host, get->fn, get->arg, get->found);
	return false;
}

static int
refuse_key(struct teller_host *host, const char *what)
{
	instance_warn(host,
		      "%s is refused: not a key of its own, or nobody "
		      "to tell",
		      what);
	return -1;
}

int
durable_state_get(struct teller_host *host, const char *key,
		  teller_state_fn *fn, void *arg)
{
	if (instance_check_room(host, "state_get", INSTANCE_STOPPING) < 0)
		return -1;
	if (!fn || !putting_is_key(key))
		return refuse_key(host, "state_get");
	struct state_getting *get = mem_new(sizeof *get);
	get->reading.what = "reading its state";
	get->reading.read = read_state;
	get->reading.tell = tell_state;
	get->plugin = arena_strdup(&get->reading.arena, host->plugin->name);
	get->key = arena_strdup(&get->reading.arena, key);
	get->fn = fn;
	get->arg = arg;
	return reading_start(&get->reading, host);
}

int
durable_state_put(struct teller_host *host, const struct teller_state *states,
		  size_t n, teller_kept_fn *done, void *arg)
{
	struct plugin_state checked[TELLER_STATES_MAX];

	if (instance_check_room(host, "state_put", INSTANCE_STOPPING) < 0 ||
	    receive_states(host, "state_put", states, n, checked) < 0)
		return -1;
	putting_start(host, checked, n, done, arg);
	return 0;
}

/* ---- All keys that start with a prefix, page by page */

struct state_listing {
	struct reading reading;
	char plugin[64], prefix[TELLER_KEY_MAX + 1], after[TELLER_KEY_MAX + 1];
	const struct plugin_state *found;
	long n_found;
	teller_state_fn *fn;
	void *arg;
};

static int
read_states(struct reading *reading, struct store_reader *reader,
	    struct err *err)
{
	struct state_listing *list =
		container_of(reading, struct state_listing, reading);

	list->n_found = store_list_state(
		reader, &reading->arena, list->plugin, list->prefix,
		list->after, time_now_us(), PAGE, &list->found, err);
	return list->n_found < 0 ? -1 : 0;
}

static bool
tell_states(struct reading *reading, struct teller_host *host)
{
	struct state_listing *list =
		container_of(reading, struct state_listing, reading);

	for (long i = 0; i < list->n_found; i++)
		if (putting_is_key(list->found[i].key))
			call_with_state(host, list->fn, list->arg,
					&list->found[i]);
	if (list->n_found < PAGE) {
		call_with_state(host, list->fn, list->arg, NULL);
		return false;
	}
	const char *last = list->found[PAGE - 1].key;
	memcpy(list->after, last, strlen(last) + 1);
	arena_release(&reading->arena);
	return true;
}

int
durable_state_list(struct teller_host *host, const char *prefix,
		   teller_state_fn *fn, void *arg)
{
	if (instance_check_room(host, "state_list", INSTANCE_STOPPING) < 0)
		return -1;
	if (!fn || !check_is_text(prefix, 0, TELLER_KEY_MAX))
		return refuse_key(host, "state_list");
	struct state_listing *list = mem_new(sizeof *list);
	list->reading.what = "reading its states";
	list->reading.read = read_states;
	list->reading.tell = tell_states;
	memcpy(list->plugin, host->plugin->name,
	       strlen(host->plugin->name) + 1);
	if (prefix)
		memcpy(list->prefix, prefix, strlen(prefix) + 1);
	list->fn = fn;
	list->arg = arg;
	return reading_start(&list->reading, host);
}

/* ---- A conversation that the channel begins */

struct opening {
	struct call call;
	struct store_open_conversation open;
	struct arena arena;
	teller_stored_fn *fn;
	void *arg;
};

static void
fill_stored(const struct store_open_conversation *open,
	    struct teller_stored *stored)
{
	static const enum teller_stored_status statuses[] = {
		[STORE_OK] = TELLER_STORED,
		[STORE_DUPLICATE] = TELLER_DUPLICATE,
		[STORE_STALE] = TELLER_FAILED,
		[STORE_NOT_FOUND] = TELLER_NOT_FOUND,
		[STORE_INVALID] = TELLER_FAILED,
		[STORE_BUSY] = TELLER_BUSY,
		[STORE_FULL] = TELLER_BUSY,
		[STORE_BROKEN] = TELLER_FAILED,
	};
	enum store_status status = open->write.status;

	*stored = (struct teller_stored){
		.size = sizeof *stored,
		.status = statuses[status],
		.words = open->write.err.text,
		.conversation = open->public_id,
		.message = "",
		.same = open->is_same,
		.retry_after_s = status == STORE_BUSY	? BUSY_RETRY_S
				 : status == STORE_FULL ? FULL_RETRY_S
							: 0,
	};
}

static void
tell_opened(struct store_write *write)
{
	struct opening *opening =
		container_of(write, struct opening, open.write);
	struct teller_host *host = call_end(&opening->call);

	if (host && opening->fn) {
		struct teller_stored stored;
		fill_stored(&opening->open, &stored);
		struct entered entered = instance_enter(host);
		opening->fn(opening->arg, &stored);
		instance_leave(host, "the end of open_conversation()", entered);
	}
	arena_release(&opening->arena);
	free(opening);
}

/* identity: as the store has it. */
static int
start_opening(struct teller_host *host, const char *account, const char *key,
	      const char *language, const char *identity, teller_stored_fn *fn,
	      void *arg)
{
	account = account ? account : "";
	language = language ? language : "";
	if (instance_check_room(host, "open_conversation", INSTANCE_RUNNING) <
	    0)
		return -1;
	if (!check_is_conversation(account, key) ||
	    !check_is_text(language, 0, MAX_LANGUAGE))
		return refuse_key(host, "open_conversation");
	struct opening *opening = mem_new(sizeof *opening);
	struct arena *arena = &opening->arena;
	opening->fn = fn;
	opening->arg = arg;
	opening->open = (struct store_open_conversation){
		.write.verb = &store_verb_open_conversation,
		.write.reply_to = loop_queue(host->frame->config.loop),
		.write.done = tell_opened,
		.channel = arena_strdup(arena, host->plugin->name),
		.account = arena_strdup(arena, account),
		.key = arena_strdup(arena, key),
		.language = arena_strdup(arena, language),
		.identity = arena_strdup(arena, identity),
		.now_us = time_now_us(),
	};
	call_begin(&opening->call, host);
	store_submit(host->frame->config.store, &opening->open.write);
	return 0;
}

int
durable_open_conversation(struct teller_host *host, const char *account,
			  const char *key, const char *language,
			  teller_stored_fn *fn, void *arg)
{
	return start_opening(host, account, key, language, "", fn, arg);
}

/* It is shown to agents as proven: one without proof is refused, and so are
 * characters by which one could look like another. */
static bool
is_proven(const struct teller_author *author)
{
	return author && author->trust == TELLER_TRUST_VERIFIED &&
	       check_is_line(author->id, 1, TELLER_KEY_MAX) &&
	       (!author->name ||
		check_is_line(author->name, 0, TELLER_NAME_MAX));
}

int
durable_open_conversation_as(struct teller_host *host, const char *account,
			     const char *key, const char *language,
			     const struct teller_author *author,
			     teller_stored_fn *fn, void *arg)
{
	if (!is_proven(author)) {
		instance_warn(host, "open_conversation_as is refused: no good "
				    "id or name, or nothing proves them");
		return -1;
	}
	json_t *object = json_object();
	json_set_text(object, "id", author->id);
	if (author->name && *author->name)
		json_set_text(object, "name", author->name);
	char *identity = json_text(object);
	json_decref(object);
	int rc = identity ? start_opening(host, account, key, language,
					  identity, fn, arg)
			  : -1;
	free(identity);
	return rc;
}
