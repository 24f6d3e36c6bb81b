#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/time.h"
#include "conf/options.h"
#include "dialog/ask.h"
#include "dialog/case.h"
#include "dialog/delivery.h"
#include "dialog/desk_parts.h"
#include "dialog/explain.h"
#include "dialog/intake_redact.h"
#include "dialog/keys.h"
#include "dialog/knowledge.h"
#include "dialog/memory.h"
#include "dialog/outbox.h"
#include "dialog/schedule.h"
#include "dialog/suggest.h"
#include "dialog/waiting.h"
#include "host/host.h"
#include "nlu/pack.h"

/* Who watches says so twice a second; a slow machine may miss a few. */
#define WATCHED_US (5 * 1000 * 1000)

/* Is the plugin wanted, and has it not failed?  One that is only starting will
 * be there. */
static bool
is_alive(struct desk *desk, const char *plugin)
{
	struct host_status status;
	for (size_t i = 0; host_status_at(desk->host, i, &status); i++)
		if (strcmp(status.name, plugin) == 0)
			return strcmp(status.state, "failed") != 0;
	return false;
}

static const char *
present_plugin(struct desk *desk)
{
	const char *name = NULL;
	for (size_t i = 0;
	     desk->host &&
	     (name = host_plugin_with(desk->host, TELLER_CAN_DESK, i));
	     i++)
		if (is_alive(desk, name))
			return name;
	return NULL;
}

/* Do agents work by tellerctl? */
static bool
has_people(const struct desk *desk)
{
	return settings_bool(desk->settings, "desk.people") ||
	       (desk->watched_at_us &&
		time_mono_us() - desk->watched_at_us < WATCHED_US);
}

const char *
desk_present_agents(void *arg)
{
	struct desk *desk = arg;
	const char *plugin = present_plugin(desk);
	if (plugin)
		return plugin;
	return has_people(desk) ? CHANNEL_TERMINAL : "";
}

/* Who works by tellerctl has his lease, whether he watches or not. */
bool
desk_is_there(void *arg, const char *agents)
{
	return strcmp(agents, CHANNEL_TERMINAL) == 0 || present_plugin(arg);
}

const char *
desk_present_cases(void *arg)
{
	struct desk *desk = arg;
	const char *name =
		desk->host ? host_plugin_with(desk->host, TELLER_CAN_CASES, 0)
			   : NULL;
	return name ? name : "";
}

void
desk_make_metrics(struct desk *desk)
{
	for (int kind = 0; kind < TURN_KINDS; kind++) {
		char labels[64];
		snprintf(labels, sizeof(labels), "kind=\"%s\"",
			 turn_kind_name((enum turn_kind)kind));
		desk->turns[kind] = metric_get(
			METRIC_COUNTER, "tellerd_turns_total",
			"Turns since the start, by what was decided.", labels);
	}
}

static struct log_about
about_turn(const struct turn_done *done)
{
	return (struct log_about){
		.conversation = done->conversation->public_id,
		.channel = done->conversation->channel,
		.request = *done->request ? done->request : NULL,
	};
}

static void
log_turn(const struct turn_done *done)
{
	struct log_about about = about_turn(done);
	const struct turn_result *result = done->result;
	log_line(LOG_LEVEL_INFO, &about,
		 "turn %s %s: %s %s%sconfidence %.2f, %zu message%s, "
		 "%.1f ms%s%s",
		 done->conversation->channel, done->conversation->public_id,
		 turn_kind_name(result->kind),
		 *result->entry ? result->entry : result->rule, ", ",
		 result->confidence, done->n_messages,
		 done->n_messages == 1 ? "" : "s",
		 (double)done->queued_us / 1000, about.request ? ", " : "",
		 about.request ? about.request : "");
}

/* For whoever watches the log: the words themselves are not in it. */
static void
log_crashed(const struct turn_done *done)
{
	struct log_about about = about_turn(done);
	log_line(LOG_LEVEL_ERROR, &about,
		 "turn %s %s: the daemon ended again and again while it was "
		 "worked on, or could not store it: the customer's words "
		 "were given to a person",
		 done->conversation->channel, done->conversation->public_id);
}

static void
note_waiting(struct desk *desk, const struct turn_done *done)
{
	struct conversation after = *done->conversation;
	struct arena arena = {0};
	struct memory memory;
	memory_read(&memory, &arena, done->result->memory);
	after.state = done->result->state;
	after.lease_until_us = done->result->lease_until_us;
	after.turns++;
	waiting_note(desk->waiting, &after, &memory);
	arena_release(&arena);
}

static void
add_replies(struct desk *desk, const struct turn_done *done)
{
	const struct turn_result *result = done->result;
	struct arena arena = {0};
	for (size_t i = 0; i < result->n_replies; i++) {
		const struct reply *reply = &result->replies[i];
		struct form_case c;
		if (result->form)
			c = case_of_form(result->form, done->conversation,
					 reply->created_at_us);
		outbox_add(desk->outbox, done->conversation, result->state,
			   reply,
			   case_words(&arena, reply->job, result->question,
				      result->form ? &c : NULL),
			   done->messages, done->n_messages);
	}
	arena_release(&arena);
}

void
desk_turn_done(void *arg, const struct turn_done *done)
{
	struct desk *desk = arg;
	add_replies(desk, done);
	note_waiting(desk, done);
	intake_asked(desk->recent, done->conversation, done->result);
	metric_add(desk->turns[done->result->kind], 1);
	asks_turn_done(desk->asks, done);
	if (strcmp(done->result->rule, RULE_CRASHED) == 0)
		log_crashed(done);
	if (settings_bool(desk->settings, "log.turns"))
		log_turn(done);
}

void
desk_typing(void *arg, const char *channel, const char *account,
	    const char *key, bool on)
{
	struct desk *desk = arg;
	if (desk->host)
		host_typing(desk->host, channel, account, key, on);
}

void
desk_unreached(void *arg, int64_t conversation_id, int64_t message_id)
{
	struct desk *desk = arg;
	schedule_message(desk->schedule, conversation_id, message_id, 0, "");
}

static void
due_stored(void *arg, const struct teller_stored *stored)
{
	(void)arg;
	if (stored->status != TELLER_STORED &&
	    stored->status != TELLER_DUPLICATE)
		log_warn("desk: what is due in a conversation cannot be "
			 "done: %s",
			 stored->words);
}

/* How what is due comes in. */
static const struct {
	enum teller_message_kind kind;
	const char *name;
} due_kinds[] = {
	[DUE_UNCLAIMED] = {MESSAGE_UNCLAIMED, "unclaimed"},
	[DUE_LEASE] = {MESSAGE_LEASE_ENDED, "lease_ended"},
	[DUE_DESK] = {MESSAGE_DESK_GONE, "desk_gone"},
};

/* A timer's end comes in as a message: it has its turn like any other, and only
 * once.  One that was refused, since what was due was not so any more, is a
 * turn as well, and does not stand in the way of the next. */
void
desk_due(void *arg, const struct due *due)
{
	struct desk *desk = arg;
	struct arena arena = {0};
	if (desk_is_stopping(desk))
		return; /* the next start finds it due */
	struct teller_message message = {
		.size = sizeof(message),
		.kind = due_kinds[due->kind].kind,
		.account = "",
		.conversation = due->conversation,
		.external_ids = {arena_printf(
			&arena, "%s:%s:%d:%d:%lld", due_kinds[due->kind].name,
			due->conversation, due->episode, due->turns,
			(long long)due->at_us)},
		.author.trust = TELLER_TRUST_AGENT,
	};
	desk_receive(desk, due->channel, 0, &message, NULL, 0, due_stored,
		     NULL);
	arena_release(&arena);
}

/* ---- What plugins bring */

void
desk_receive(struct desk *desk, const char *channel, int64_t burst_ms,
	     const struct teller_message *message,
	     const struct teller_state *states, size_t n_states,
	     teller_stored_fn *on_stored, void *arg)
{
	intake_receive(&desk->intake, channel, burst_ms, message, states,
		       n_states, on_stored, arg);
}

static void
on_receive(void *arg, const char *plugin, int64_t burst_ms,
	   const struct teller_message *message,
	   const struct teller_state *states, size_t n_states,
	   teller_stored_fn *on_stored, void *stored_arg)
{
	desk_receive(arg, plugin, burst_ms, message, states, n_states,
		     on_stored, stored_arg);
}

static void
on_progress(void *arg, const char *plugin, const char *job, const void *state,
	    size_t len)
{
	outbox_progress(((struct desk *)arg)->outbox, plugin, job, state, len);
}

static void
on_sent(void *arg, const char *plugin, const char *job, const char *external_id)
{
	outbox_sent(((struct desk *)arg)->outbox, plugin, job, external_id);
}

static void
on_failed(void *arg, const char *plugin, const char *job,
	  enum teller_failure failure, int64_t not_before_us, const char *words)
{
	outbox_failed(((struct desk *)arg)->outbox, plugin, job, failure,
		      not_before_us, words);
}

static void
on_starters(void *arg, teller_text_fn *each, void *each_arg)
{
	const struct knowledge *knowledge =
		library_get(((struct desk *)arg)->library);
	const struct pack *pack = knowledge ? knowledge->pack : NULL;
	for (size_t i = 0; pack && i < pack->front.n_starters; i++)
		each(each_arg, pack->front.starters[i].text);
	knowledge_put(knowledge);
}

static_assert(HOST_KEY_NAME_SIZE >= KEYS_NAME_SIZE,
	      "the host has room for the name of a key");

static bool
on_key(void *arg, const char *key, const char *scope, char *name_r)
{
	return keys_check(((struct desk *)arg)->keys, key, scope, name_r);
}

static const struct teller_line *
convert_lines(struct arena *arena, const struct pack_line *lines, size_t n)
{
	struct teller_line *converted =
		arena_array(arena, n, sizeof(*converted));
	for (size_t i = 0; i < n; i++)
		converted[i] =
			(struct teller_line){lines[i].title, lines[i].text};
	return converted;
}

static void
on_front(void *arg, teller_front_fn *fn, void *fn_arg)
{
	const struct knowledge *knowledge =
		library_get(((struct desk *)arg)->library);
	if (!knowledge)
		return;
	const struct pack_front *front = &knowledge->pack->front;
	struct arena arena = {0};
	fn(fn_arg, &(struct teller_front){
			   .size = sizeof(struct teller_front),
			   .firm = front->firm,
			   .language = knowledge->pack->language,
			   .greeting = front->greeting,
			   .privacy_url = front->privacy_url,
			   .topics = convert_lines(&arena, front->topics,
						   front->n_topics),
			   .n_topics = front->n_topics,
			   .contacts = convert_lines(&arena, front->contacts,
						     front->n_contacts),
			   .n_contacts = front->n_contacts,
		   });
	arena_release(&arena);
	knowledge_put(knowledge);
}

static void
on_changed(void *arg, const char *plugin, bool is_running)
{
	outbox_plugin_changed(((struct desk *)arg)->outbox, plugin, is_running);
}

void
desk_host_events(struct desk *desk, struct host_events *out)
{
	*out = (struct host_events){
		.arg = desk,
		.receive = on_receive,
		.progress = on_progress,
		.sent = on_sent,
		.failed = on_failed,
		.starters = on_starters,
		.key = on_key,
		.front = on_front,
		.explain = explain_reply_json,
		.suggest = suggest_read,
		.changed = on_changed,
	};
}
