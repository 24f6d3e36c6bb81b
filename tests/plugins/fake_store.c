/* What the fake host's store would do: messages, states, conversations,
 * histories; and what became of jobs. */
#include "fake_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX(array) (sizeof(array) / sizeof *(array))

/* ---- Messages */

static void
copy_message(struct fake *fake, struct teller_message *m)
{
	struct teller_attachment *attachments = arena_array(
		&fake->arena, m->n_attachments, sizeof *attachments);

	m->account = m->account ? fake_copy(fake, m->account) : "";
	m->conversation = fake_copy(fake, m->conversation);
	for (int i = 0; i < TELLER_EXTERNAL_IDS; i++)
		m->external_ids[i] = fake_copy(fake, m->external_ids[i]);
	m->author.id = fake_copy(fake, m->author.id);
	m->author.name = fake_copy(fake, m->author.name);
	m->text = fake_copy_bytes(fake, m->text, m->text_len);
	m->earlier = fake_copy_bytes(fake, m->earlier, m->earlier_len);
	m->option = fake_copy(fake, m->option);
	m->target = fake_copy(fake, m->target);
	m->request = fake_copy(fake, m->request);
	m->private_conversation = fake_copy(fake, m->private_conversation);
	m->route = fake_copy_bytes(fake, m->route, m->route_len);
	m->language = fake_copy(fake, m->language);
	for (size_t i = 0; i < m->n_attachments; i++) {
		attachments[i] = m->attachments[i];
		attachments[i].name = fake_copy(fake, attachments[i].name);
		attachments[i].media_type =
			fake_copy(fake, attachments[i].media_type);
	}
	m->attachments = attachments;
}

static void
check_message(const struct teller_message *m)
{
	bool needs_conversation = m->kind != TELLER_MESSAGE_DELIVERY_FAILED &&
				  m->kind != TELLER_MESSAGE_ACCOUNT_GONE;

	assert_int_equal(m->size, sizeof *m);
	assert_in_range(m->kind, 0, TELLER_MESSAGE_ACCOUNT_GONE);
	assert_in_range(m->author.trust, 0, TELLER_TRUST_AGENT);
	assert_true(!needs_conversation ||
		    (m->conversation && *m->conversation));
	assert_true(!m->conversation ||
		    strlen(m->conversation) <= TELLER_KEY_MAX);
	assert_true(m->text_len <= TELLER_TEXT_MAX);
	assert_true(m->route_len <= TELLER_ROUTE_MAX);
	assert_true(m->n_attachments <= TELLER_ATTACHMENTS_MAX);
	assert_true(m->burst_ms >= -1);
	assert_true(m->earlier_len <= TELLER_TEXT_MAX);
	assert_true(!m->request || strlen(m->request) <= TELLER_REQUEST_MAX);
	for (int i = 0; i < TELLER_EXTERNAL_IDS; i++)
		assert_true(!m->external_ids[i] ||
			    strlen(m->external_ids[i]) <=
				    TELLER_EXTERNAL_ID_MAX);
}

static void
keep_states(struct fake *fake, const struct teller_state *states, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct teller_state *copy =
			arena_new(&fake->arena, sizeof *copy);
		*copy = states[i];
		copy->key = fake_copy(fake, copy->key);
		copy->value =
			fake_copy_bytes(fake, copy->value, copy->value_len);
		if (copy->value)
			map_put(&fake->inside->states, copy->key, copy);
		else
			map_remove(&fake->inside->states, copy->key);
	}
}

static void
check_states(const struct teller_state *states, size_t n)
{
	assert_true(n <= TELLER_STATES_MAX);
	for (size_t i = 0; i < n; i++) {
		assert_true(states[i].key && *states[i].key);
		assert_true(strlen(states[i].key) <= TELLER_KEY_MAX);
		assert_int_not_equal(strncmp(states[i].key, "secret/", 7), 0);
		assert_true(states[i].value_len <= TELLER_VALUE_MAX);
	}
}

void
fake_store(struct fake *fake, size_t i, const struct teller_stored *stored)
{
	struct fake_message *message = fake->messages[i];

	assert_true(i < fake->n_messages && !message->is_answered);
	message->is_answered = true;
	if (stored->status == TELLER_STORED)
		keep_states(fake, message->states, message->n_states);
	if (message->on_stored)
		message->on_stored(message->arg, stored);
}

static void
store_due(struct fake *fake, struct fake_due *due)
{
	size_t i = (size_t)(uintptr_t)due->what;
	bool is_there = fake->stored_status == TELLER_STORED ||
			fake->stored_status == TELLER_DUPLICATE;
	struct teller_stored stored = {
		.size = sizeof stored,
		.status = fake->stored_status,
		.words = is_there ? "" : "the test says so",
		.conversation = is_there ? "cnv_1" : "",
		.message = is_there ? arena_printf(&fake->arena, "msg_%d",
						   ++fake->inside->n_ids)
				    : "",
		.same = true,
		.retry_after_s = fake->stored_status == TELLER_BUSY ? 2 : 0,
	};

	fake_store(fake, i, &stored);
}

int
fake_receive(struct teller_host *host, const struct teller_message *message,
	     const struct teller_state *states, size_t n,
	     teller_stored_fn *on_stored, void *arg)
{
	struct fake *fake = fake_of(host);

	check_message(message);
	check_states(states, n);
	if (!fake_may(fake, "receive", FAKE_RUNNING))
		return -1;
	assert_true(fake->n_messages < MAX(fake->messages));
	struct fake_message *kept = arena_new(&fake->arena, sizeof *kept);
	kept->message = *message;
	copy_message(fake, &kept->message);
	for (size_t i = 0; i < n; i++) {
		kept->states[i] = states[i];
		kept->states[i].key = fake_copy(fake, states[i].key);
		kept->states[i].value = fake_copy_bytes(fake, states[i].value,
							states[i].value_len);
	}
	kept->n_states = n;
	kept->on_stored = on_stored;
	kept->arg = arg;
	if (!fake->is_held)
		fake_add_due(fake, store_due)->what =
			(void *)(uintptr_t)fake->n_messages;
	fake->messages[fake->n_messages++] = kept;
	return 0;
}

/* ---- States */

struct state_call {
	const char *key;
	struct teller_state **found; /* of a prefix, n_found */
	size_t n_found;
	teller_state_fn *fn;
	teller_kept_fn *done;
	void *arg;
};

static struct state_call *
add_state_call(struct fake *fake, void (*run)(struct fake *, struct fake_due *),
	       void *arg)
{
	struct state_call *call = arena_new(&fake->arena, sizeof *call);

	call->arg = arg;
	fake_add_due(fake, run)->what = call;
	return call;
}

static void
get_due(struct fake *fake, struct fake_due *due)
{
	struct state_call *call = due->what;

	call->fn(call->arg, map_get(&fake->inside->states, call->key));
}

int
fake_state_get(struct teller_host *host, const char *key, teller_state_fn *fn,
	       void *arg)
{
	struct fake *fake = fake_of(host);

	assert_true(key && *key && fn);
	if (!fake_may(fake, "state_get", FAKE_STOPPING))
		return -1;
	struct state_call *call = add_state_call(fake, get_due, arg);
	call->key = fake_copy(fake, key);
	call->fn = fn;
	return 0;
}

static void
put_due(struct fake *fake, struct fake_due *due)
{
	struct state_call *call = due->what;

	(void)fake;
	if (call->done)
		call->done(call->arg, true);
}

int
fake_state_put(struct teller_host *host, const struct teller_state *states,
	       size_t n, teller_kept_fn *done, void *arg)
{
	struct fake *fake = fake_of(host);

	check_states(states, n);
	if (!fake_may(fake, "state_put", FAKE_STOPPING))
		return -1;
	keep_states(fake, states, n);
	add_state_call(fake, put_due, arg)->done = done;
	return 0;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct teller_state *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

static void
list_due(struct fake *fake, struct fake_due *due)
{
	struct state_call *call = due->what;

	(void)fake;
	for (size_t i = 0; i < call->n_found; i++)
		call->fn(call->arg, call->found[i]);
	call->fn(call->arg, NULL);
}

/* As the states are now: what is put before it is told comes too late. */
static void
find_states(struct fake *fake, struct state_call *call, const char *prefix)
{
	call->found = arena_array(&fake->arena, fake->inside->states.n,
				  sizeof *call->found);
	map_each (e, &fake->inside->states)
		if (strncmp(e->key, prefix, strlen(prefix)) == 0)
			call->found[call->n_found++] = e->value;
	qsort(call->found, call->n_found, sizeof *call->found, compare_keys);
}

int
fake_state_list(struct teller_host *host, const char *prefix,
		teller_state_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	assert_non_null(fn);
	if (!fake_may(fake, "state_list", FAKE_STOPPING))
		return -1;
	struct state_call *call = add_state_call(fake, list_due, arg);
	find_states(fake, call, prefix ? prefix : "");
	call->fn = fn;
	return 0;
}

void
fake_set_state(struct fake *fake, const char *key, const char *value)
{
	keep_states(fake,
		    &(struct teller_state){.key = key,
					   .value = value,
					   .value_len = strlen(value)},
		    1);
}

const char *
fake_get_state(struct fake *fake, const char *key)
{
	const struct teller_state *state = map_get(&fake->inside->states, key);

	return state ? state->value : NULL;
}

/* ---- Conversations */

struct open_call {
	teller_stored_fn *fn;
	void *arg;
	bool is_known, is_same;
	const char *id;
};

static void
open_due(struct fake *fake, struct fake_due *due)
{
	struct open_call *call = due->what;
	struct teller_stored stored = {
		.size = sizeof stored,
		.status = call->is_known ? TELLER_DUPLICATE : TELLER_STORED,
		.words = "",
		.conversation = call->id,
		.message = "",
		.same = call->is_same,
	};

	(void)fake;
	if (call->fn)
		call->fn(call->arg, &stored);
}

/* The id of a conversation is its key's, after "cnv_". */
static int
open_as(struct teller_host *host, const char *account, const char *key,
	const char *language, const char *who, teller_stored_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	(void)account;
	assert_true(key && *key && strlen(key) <= TELLER_KEY_MAX);
	if (!fake_may(fake, "open_conversation", FAKE_RUNNING))
		return -1;
	struct open_call *call = arena_new(&fake->arena, sizeof *call);
	char *name = arena_printf(&fake->arena, "conversation %s", key);
	const char *known = map_get(&fake->inside->histories, name);
	const char *wanted = arena_printf(&fake->arena, "%s %s",
					  language ? language : "", who);
	fake->opened_as = who;
	*call = (struct open_call){
		.fn = fn,
		.arg = arg,
		.is_known = known != NULL,
		.is_same = known && strcmp(known, wanted) == 0,
		.id = arena_printf(&fake->arena, "cnv_%s", key),
	};
	if (!known)
		map_put(&fake->inside->histories, name, (void *)wanted);
	fake_add_due(fake, open_due)->what = call;
	return 0;
}

int
fake_open_conversation(struct teller_host *host, const char *account,
		       const char *key, const char *language,
		       teller_stored_fn *fn, void *arg)
{
	return open_as(host, account, key, language, "", fn, arg);
}

int
fake_open_conversation_as(struct teller_host *host, const char *account,
			  const char *key, const char *language,
			  const struct teller_author *author,
			  teller_stored_fn *fn, void *arg)
{
	assert_int_equal(author->trust, TELLER_TRUST_VERIFIED);
	assert_true(*author->id && strlen(author->id) <= TELLER_KEY_MAX);
	return open_as(host, account, key, language,
		       arena_printf(&fake_of(host)->arena, "%s %s", author->id,
				    author->name ? author->name : ""),
		       fn, arg);
}

/* ---- Why */

struct explain_call {
	const char *name;
	teller_explained_fn *fn;
	void *arg;
};

static const char *
explained_name(struct fake *fake, const char *key, const char *reply)
{
	return arena_printf(&fake->arena, "explained %s %s", key, reply);
}

static void
explain_due(struct fake *fake, struct fake_due *due)
{
	struct explain_call *call = due->what;

	call->fn(call->arg, map_get(&fake->inside->histories, call->name));
}

int
fake_explain(struct teller_host *host, const char *account, const char *key,
	     const char *reply, teller_explained_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	(void)account;
	if (!fake_may(fake, "explain", FAKE_STOPPING))
		return -1;
	struct explain_call *call = arena_new(&fake->arena, sizeof *call);
	*call = (struct explain_call){explained_name(fake, key, reply), fn,
				      arg};
	fake_add_due(fake, explain_due)->what = call;
	return 0;
}

void
fake_set_explained(struct fake *fake, const char *key, const char *reply,
		   const char *json)
{
	map_put(&fake->inside->histories, explained_name(fake, key, reply),
		(void *)json);
}

struct suggest_call {
	teller_suggestion_fn *fn;
	void *arg;
};

static void
suggest_due(struct fake *fake, struct fake_due *due)
{
	struct suggest_call *call = due->what;

	call->fn(call->arg, fake->suggestion);
}

int
fake_suggest(struct teller_host *host, const char *conversation,
	     teller_suggestion_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);

	assert_true(strncmp(conversation, "cnv_", 4) == 0 && fn);
	if (!fake_may(fake, "suggest", FAKE_STOPPING))
		return -1;
	struct suggest_call *call = arena_new(&fake->arena, sizeof *call);
	*call = (struct suggest_call){fn, arg};
	fake_add_due(fake, suggest_due)->what = call;
	return 0;
}

struct history_call {
	const char *key;
	teller_history_fn *fn;
	void *arg;
};

static void
history_due(struct fake *fake, struct fake_due *due)
{
	static const struct teller_history none = {.size = sizeof none};
	struct history_call *call = due->what;
	const struct teller_history *history =
		map_get(&fake->inside->histories, call->key);

	call->fn(call->arg, history ? history : &none);
}

int
fake_history(struct teller_host *host, const char *account, const char *key,
	     const char *after, size_t limit, teller_history_fn *fn, void *arg)
{
	struct fake *fake = fake_of(host);
	bool is_id = !after || !*after || strncmp(after, "msg_", 4) == 0;

	(void)account;
	assert_true(key && fn && limit >= 1 && limit <= 200);
	if (!is_id || !fake_may(fake, "history", FAKE_STOPPING))
		return -1;
	struct history_call *call = arena_new(&fake->arena, sizeof *call);
	*call = (struct history_call){fake_copy(fake, key), fn, arg};
	fake_add_due(fake, history_due)->what = call;
	return 0;
}

void
fake_set_history(struct fake *fake, const char *key,
		 const struct teller_history *history)
{
	map_put(&fake->inside->histories, key, (void *)history);
}

/* ---- Jobs */

static struct fake_outcome *
add_outcome(struct teller_host *host, enum fake_outcome_kind kind,
	    const char *job)
{
	struct fake *fake = fake_of(host);
	struct fake_outcome *outcome = arena_new(&fake->arena, sizeof *outcome);

	assert_true(fake_may(fake, "an answer to a job", FAKE_STOPPING));
	assert_true(job && *job && fake->n_outcomes < MAX(fake->outcomes));
	outcome->kind = kind;
	outcome->job = fake_copy(fake, job);
	outcome->text = "";
	fake->outcomes[fake->n_outcomes++] = outcome;
	return outcome;
}

void
fake_job_progress(struct teller_host *host, const char *job, const void *state,
		  size_t len)
{
	assert_true(len <= TELLER_VALUE_MAX);
	add_outcome(host, FAKE_PROGRESS, job)->text =
		fake_copy_bytes(fake_of(host), state, len);
}

void
fake_job_sent(struct teller_host *host, const char *job,
	      const char *external_id)
{
	add_outcome(host, FAKE_SENT, job)->text =
		external_id ? fake_copy(fake_of(host), external_id) : "";
}

void
fake_job_failed(struct teller_host *host, const char *job,
		enum teller_failure failure, int64_t not_before_us,
		const char *words)
{
	struct fake_outcome *outcome = add_outcome(host, FAKE_FAILED, job);

	assert_in_range(failure, 0, TELLER_UNKNOWN);
	outcome->failure = failure;
	outcome->not_before_us = not_before_us;
	outcome->text = words ? fake_copy(fake_of(host), words) : "";
}
