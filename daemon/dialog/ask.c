#include "dialog/ask.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/time.h"
#include "dialog/delivery.h"
#include "dialog/desk.h"
#include "dialog/schedule.h"
#include "host/check.h"
#include "net/loop.h"
#include "store/message.h"
#include "text/redact.h"

/* A turn takes milliseconds; after so long something is wrong. */
#define ASK_TIMEOUT_S 30
#define US_PER_S INT64_C(1000000)

struct asks {
	struct idmap by_message; /* struct ask, by the id of its message */
};

/* Shared by the asking thread and the loop; freed by the last to let go. */
struct ask {
	struct job job;
	struct desk *desk;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int refs;
	bool is_done;
	struct err err;
	struct teller_message message;
	struct arena arena; /* the message's texts */
	struct desk_answer answer;
	struct desk_act act; /* what became of it alone */
};

struct asks *
asks_new(void)
{
	return mem_new(sizeof(struct asks));
}

static void
ask_release(struct ask *ask)
{
	pthread_mutex_lock(&ask->lock);
	int left = --ask->refs;
	pthread_mutex_unlock(&ask->lock);
	if (left)
		return;
	desk_answer_release(&ask->answer);
	desk_act_release(&ask->act);
	arena_release(&ask->arena);
	pthread_mutex_destroy(&ask->lock);
	pthread_cond_destroy(&ask->ended);
	free(ask);
}

/* On the loop: tell the asking thread, and let go. */
static void
ask_end(struct ask *ask)
{
	pthread_mutex_lock(&ask->lock);
	ask->is_done = true;
	pthread_cond_signal(&ask->ended);
	pthread_mutex_unlock(&ask->lock);
	ask_release(ask);
}

void
asks_end(struct asks *asks)
{
	struct idmap_entry *entry;
	while ((entry = idmap_next(&asks->by_message, NULL))) {
		struct ask *ask = idmap_remove(&asks->by_message, entry->id);
		err_set(&ask->err, "tellerd is stopping; it is kept and "
				   "will be answered");
		ask_end(ask);
	}
}

void
asks_free(struct asks *asks)
{
	if (!asks)
		return;
	asks_end(asks);
	idmap_release(&asks->by_message);
	free(asks);
}

static const struct reply *
customers_reply(const struct turn_done *done)
{
	for (size_t i = 0; i < done->result->n_replies; i++) {
		const struct reply *reply = &done->result->replies[i];
		if (strcmp(reply->target, CHANNEL_TERMINAL) == 0)
			return reply;
	}
	return NULL;
}

static void
fill_answer(struct desk_answer *answer, const struct turn_done *done)
{
	char id[MESSAGE_ID_SIZE];
	const struct reply *reply = customers_reply(done);
	answer->kind = mem_strdup(turn_kind_name(done->result->kind));
	answer->confidence = done->result->confidence;
	answer->reply = mem_strdup(reply ? reply->text : "");
	answer->reply_id =
		mem_strdup(reply ? message_id_format(reply->id, id) : "");
	answer->options = mem_strdup(
		reply && reply->options_json ? reply->options_json : "[]");
	answer->sources = mem_strdup(
		reply && reply->sources_json ? reply->sources_json : "[]");
}

static void
fill_act(struct desk_act *act, const struct turn_result *result)
{
	act->is_done = strcmp(result->rule, RULE_REFUSED) != 0;
	act->state = conversation_state_name(result->state);
	act->owner = mem_strdup(result->owner);
	act->lease_until_us = result->lease_until_us;
}

void
asks_turn_done(struct asks *asks, const struct turn_done *done)
{
	for (size_t i = 0; i < done->n_messages; i++) {
		struct ask *ask = idmap_remove(&asks->by_message,
					       (uint64_t)done->messages[i]);
		if (!ask)
			continue;
		fill_answer(&ask->answer, done);
		fill_act(&ask->act, done->result);
		ask_end(ask);
	}
}

static void
message_stored(void *arg, const struct teller_stored *stored)
{
	struct ask *ask = arg;
	ask->act.is_repeated = stored->status == TELLER_DUPLICATE;
	if (ask->act.is_repeated && !stored->same)
		err_set(&ask->err, "something else was done by that id before: "
				   "give this a new one");
	else if (!ask->act.is_repeated && stored->status != TELLER_STORED)
		err_set(&ask->err, "%s", stored->words);
	if (!*ask->err.text) {
		ask->answer.conversation_id = mem_strdup(stored->conversation);
		ask->answer.message_id = mem_strdup(stored->message);
	}
	if (stored->status != TELLER_STORED) {
		ask_end(ask);
		return;
	}
	idmap_put(&desk_asks(ask->desk)->by_message,
		  (uint64_t)message_id_parse(stored->message), ask);
}

static void
ask_on_loop(struct job *job)
{
	struct ask *ask = container_of(job, struct ask, job);
	desk_receive(ask->desk, CHANNEL_TERMINAL, 0, &ask->message, NULL, 0,
		     message_stored, ask);
}

static char *
new_key(void)
{
	uint8_t random[16];
	char *key = mem_new(32);
	crypto_random(random, sizeof(random));
	crypto_base64url(random, sizeof(random), key);
	return key;
}

static bool
wait_until_done(struct ask *ask)
{
	int64_t until_us = time_mono_us() + ASK_TIMEOUT_S * US_PER_S;
	pthread_mutex_lock(&ask->lock);
	while (!ask->is_done &&
	       time_cond_wait(&ask->ended, &ask->lock, until_us))
		;
	bool is_done = ask->is_done;
	pthread_mutex_unlock(&ask->lock);
	return is_done;
}

static bool
has_secret(const char *name)
{
	struct buf out;
	unsigned int found = 0;
	buf_init(&out, strlen(name) * 4 + 64);
	int rc = text_redact(&out, name, strlen(name), &found);
	buf_release(&out);
	return rc || found;
}

/* A name is kept as it is, so that what comes next finds the same thing, and
 * plugins' names have the same limit; a person gave this one, and can give
 * another.  NULL is none. */
static int
check_name(const char *what, const char *name, struct err *err)
{
	if (!name)
		return 0;
	if (!check_is_line(name, 1, TELLER_KEY_MAX))
		return err_misuse(err,
				  "%s: a name of 1 to %d bytes, without line "
				  "breaks and the like",
				  what, TELLER_KEY_MAX);
	if (has_secret(name))
		return err_misuse(err,
				  "%s: it seems to hold a secret, such as a "
				  "card number or a PIN: give it another name",
				  what);
	return 0;
}

static struct ask *
ask_new(struct desk *desk, enum teller_message_kind kind, const char *text)
{
	struct ask *ask = mem_new(sizeof(*ask));
	ask->desk = desk;
	pthread_mutex_init(&ask->lock, NULL);
	time_cond_init(&ask->ended);
	ask->refs = 2;
	ask->job.run = ask_on_loop;
	ask->message = (struct teller_message){
		.size = sizeof(ask->message),
		.kind = kind,
		.account = "",
		.text = arena_strdup(&ask->arena, text),
		.text_len = strlen(text),
	};
	return ask;
}

/* 0, or -1 and *err; the ask is still to be released. */
static int
ask_run(struct ask *ask, struct err *err)
{
	loop_post(desk_loop(ask->desk), &ask->job);
	if (!wait_until_done(ask))
		return err_set(err,
			       "no answer within %d s; it is stored and will "
			       "be answered",
			       ASK_TIMEOUT_S);
	return *ask->err.text ? err_set(err, "%s", ask->err.text) : 0;
}

int
desk_ask(struct desk *desk, struct desk_answer *answer, struct err *err)
{
	if (check_name("the conversation", answer->conversation, err) ||
	    check_name("the message's own id", answer->id, err))
		return -1;
	struct ask *ask = ask_new(desk, TELLER_MESSAGE_TEXT, answer->text);
	char *key = answer->conversation ? NULL : new_key();
	ask->message.author.trust = TELLER_TRUST_CHANNEL;
	ask->message.conversation =
		arena_strdup(&ask->arena, key ? key : answer->conversation);
	free(key);
	if (answer->id)
		ask->message.external_ids[0] =
			arena_printf(&ask->arena, "ask:%s:%s",
				     ask->message.conversation, answer->id);
	int rc = ask_run(ask, err);
	if (!rc) {
		ask->answer.conversation = answer->conversation;
		ask->answer.text = answer->text;
		ask->answer.id = answer->id;
		*answer = ask->answer;
		ask->answer = (struct desk_answer){0};
	}
	ask_release(ask);
	return rc;
}

/* What became of an act that had come before: by its turn. */
static int
read_repeated(struct ask *ask, struct err *err)
{
	struct store_reader *reader =
		store_read_begin(desk_store(ask->desk), err);
	if (!reader)
		return -1;
	const char *rule;
	int rc = store_message_rule(reader, &ask->arena,
				    message_id_parse(ask->answer.message_id),
				    &rule, err);
	store_read_end(reader);
	if (!rc && !rule)
		return err_set(err, "this had come before, and is still to be "
				    "done: ask again in a moment");
	ask->act.is_done = !rc && strcmp(rule, RULE_REFUSED) != 0;
	return rc;
}

int
desk_act(struct desk *desk, struct desk_act *act, struct err *err)
{
	if (check_name("the act's own id", act->id, err))
		return -1;
	struct ask *ask = ask_new(desk, act->kind, act->text ? act->text : "");
	struct arena *arena = &ask->arena;
	struct teller_message *message = &ask->message;
	message->conversation = arena_strdup(arena, act->conversation);
	message->author.trust = TELLER_TRUST_AGENT;
	message->author.id = arena_strdup(arena, act->agent);
	message->author.name = message->author.id;
	message->option = arena_strdup(arena, act->option ? act->option : "");
	if (act->id)
		message->external_ids[0] = arena_printf(
			arena, "act:%s:%s", act->conversation, act->id);
	int rc = ask_run(ask, err);
	if (!rc && ask->act.is_repeated)
		rc = read_repeated(ask, err);
	if (!rc) {
		act->is_repeated = ask->act.is_repeated;
		act->is_done = ask->act.is_done;
		act->state = ask->act.state;
		act->owner = ask->act.owner;
		act->lease_until_us = ask->act.lease_until_us;
		ask->act.owner = NULL;
	}
	ask_release(ask);
	return rc;
}

void
desk_act_release(struct desk_act *act)
{
	free(act->owner);
	act->owner = NULL;
}

void
desk_answer_release(struct desk_answer *answer)
{
	free(answer->conversation_id);
	free(answer->message_id);
	free(answer->reply);
	free(answer->reply_id);
	free(answer->kind);
	free(answer->options);
	free(answer->sources);
	*answer = (struct desk_answer){0};
}
