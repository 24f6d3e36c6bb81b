#include "host/putting.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "host/check.h"
#include "host/instance.h"
#include "net/loop.h"
#include "store/state.h"

struct putting {
	struct call call;
	struct store_put_state put;
	struct arena arena;
	teller_kept_fn *done;
	void *arg;
};

bool
putting_is_key(const char *key)
{
	return check_is_text(key, 1, TELLER_KEY_MAX) &&
	       strncmp(key, PUTTING_SECRET_PREFIX,
		       sizeof PUTTING_SECRET_PREFIX - 1) != 0;
}

static void
tell_put(struct store_write *write)
{
	struct putting *putting =
		container_of(write, struct putting, put.write);
	struct teller_host *host = call_end(&putting->call);
	bool is_kept = write->status == STORE_OK;

	if (!is_kept)
		log_line(LOG_LEVEL_ERROR,
			 &(struct log_about){.plugin = putting->put.plugin},
			 "plugin %s: what it wanted to keep is not kept: %s",
			 putting->put.plugin, write->err.text);
	if (host)
		host->n_putting--;
	if (host && putting->done) {
		struct entered entered = instance_enter(host);
		putting->done(putting->arg, is_kept);
		instance_leave(host, "the end of a put", entered);
	}
	arena_release(&putting->arena);
	free(putting);
}

static struct plugin_state *
copy_states(struct arena *arena, const struct plugin_state *states, size_t n)
{
	struct plugin_state *copies = arena_array(arena, n, sizeof *copies);

	for (size_t i = 0; i < n; i++) {
		copies[i] = states[i];
		copies[i].key = arena_strdup(arena, states[i].key);
		if (!states[i].value)
			continue;
		void *value = arena_new(arena, states[i].value_len);
		memcpy(value, states[i].value, states[i].value_len);
		copies[i].value = value;
	}
	return copies;
}

void
putting_start(struct teller_host *host, const struct plugin_state *states,
	      size_t n, teller_kept_fn *done, void *arg)
{
	struct putting *putting = mem_new(sizeof *putting);

	putting->done = done;
	putting->arg = arg;
	putting->put = (struct store_put_state){
		.write.verb = &store_verb_put_state,
		.write.reply_to = loop_queue(host->frame->config.loop),
		.write.done = tell_put,
		.plugin = arena_strdup(&putting->arena, host->plugin->name),
		.states = copy_states(&putting->arena, states, n),
		.n_states = n,
	};
	call_begin(&putting->call, host);
	host->n_putting++;
	store_submit(host->frame->config.store, &putting->put.write);
}
