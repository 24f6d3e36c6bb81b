#include "testcommand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testlines.h"

/* A question of the test's that waits for its answer. */
struct question {
	struct question *next, **link;
	struct channel *channel;
	json_t *tag;
};

static const char *const kinds[] = {
	[TELLER_MESSAGE_TEXT] = "text",
	[TELLER_MESSAGE_OPTION] = "option",
	[TELLER_MESSAGE_EDIT] = "edit",
	[TELLER_MESSAGE_DELETE] = "delete",
	[TELLER_MESSAGE_STOP] = "stop",
	[TELLER_MESSAGE_FEEDBACK] = "feedback",
	[TELLER_MESSAGE_HANDOVER] = "handover",
	[TELLER_MESSAGE_CLAIM] = "claim",
	[TELLER_MESSAGE_AGENT] = "agent",
	[TELLER_MESSAGE_NOTE] = "note",
	[TELLER_MESSAGE_RETURN] = "return",
	[TELLER_MESSAGE_CLOSE] = "close",
	[TELLER_MESSAGE_DELIVERY_FAILED] = "delivery_failed",
	[TELLER_MESSAGE_ACCOUNT_GONE] = "account_gone",
	NULL,
};
static const char *const statuses[] = {
	[TELLER_STORED] = "stored",	  [TELLER_DUPLICATE] = "duplicate",
	[TELLER_BUSY] = "busy",		  [TELLER_FAILED] = "failed",
	[TELLER_NOT_FOUND] = "not_found", NULL,
};

const char *const command_failures[] = {
	[TELLER_RETRY] = "retry",
	[TELLER_GONE] = "gone",
	[TELLER_REJECTED] = "rejected",
	[TELLER_UNKNOWN] = "unknown",
	NULL,
};

int
command_find_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (word && strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static const char *
text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static int64_t
number_of(json_t *object, const char *key, int64_t fallback)
{
	json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

void
command_tell(struct channel *channel, json_t *object)
{
	char *line = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (!line)
		abort();
	if (channel->lines)
		testlines_write(channel->lines, line);
	free(line);
}

static struct question *
ask(struct channel *channel, json_t *command)
{
	struct question *question = calloc(1, sizeof *question);

	if (!question)
		abort();
	question->channel = channel;
	question->next = channel->questions;
	question->link = &channel->questions;
	if (question->next)
		question->next->link = &question->next;
	channel->questions = question;
	question->tag = json_deep_copy(json_object_get(command, "tag"));
	return question;
}

static void
question_free(struct question *question)
{
	*question->link = question->next;
	if (question->next)
		question->next->link = question->link;
	json_decref(question->tag);
	free(question);
}

void
command_release(struct channel *channel)
{
	while (channel->questions)
		question_free(channel->questions);
}

/* Takes question and members. */
static void
answer_question(struct question *question, const char *event, json_t *members)
{
	json_t *object =
		json_pack("{s:s, s:O?}", "event", event, "tag", question->tag);

	if (members)
		json_object_update(object, members);
	json_decref(members);
	command_tell(question->channel, object);
	question_free(question);
}

/* ---- What the test asks */

static void
on_stored(void *arg, const struct teller_stored *stored)
{
	answer_question(arg, "stored",
			json_pack("{s:s, s:s?, s:s?, s:s?, s:b, s:i}", "status",
				  statuses[stored->status], "words",
				  stored->words, "conversation",
				  stored->conversation, "message",
				  stored->message, "same", stored->same,
				  "retry_after_s", stored->retry_after_s));
}

static size_t
take_states(json_t *object, struct teller_state *states)
{
	const char *key;
	json_t *value;
	size_t n = 0;

	json_object_foreach (object, key, value) {
		if (n == TELLER_STATES_MAX)
			break;
		states[n++] = (struct teller_state){
			.key = key,
			.value = json_string_value(value),
			.value_len = json_string_length(value),
		};
	}
	return n;
}

static void
do_receive(struct channel *channel, json_t *command)
{
	struct teller_state states[TELLER_STATES_MAX];
	size_t n = take_states(json_object_get(command, "states"), states);
	json_t *author = json_object_get(command, "author");
	json_t *ids = json_object_get(command, "external_ids");
	json_t *text = json_object_get(command, "text");
	json_t *route = json_object_get(command, "route");
	struct teller_message message = {
		.size = sizeof message,
		.kind = (enum teller_message_kind)command_find_word(
			kinds, text_of(command, "kind")),
		.account = text_of(command, "account"),
		.conversation = text_of(command, "conversation"),
		.author.id = text_of(author, "id"),
		.author.name = text_of(author, "name"),
		.author.trust =
			(enum teller_trust)number_of(author, "trust", 0),
		.text = json_string_value(text),
		.text_len = json_string_length(text),
		.option = text_of(command, "option"),
		.target = text_of(command, "target"),
		.rating = (int)number_of(command, "rating", 0),
		.route = json_string_value(route),
		.route_len = json_string_length(route),
		.language = text_of(command, "language"),
		.burst_ms = number_of(command, "burst_ms", -1),
	};
	for (size_t i = 0; i < TELLER_EXTERNAL_IDS; i++)
		message.external_ids[i] =
			json_string_value(json_array_get(ids, i));
	struct question *question = ask(channel, command);
	if (channel->services->receive(channel->host, &message, states, n,
				       on_stored, question) < 0)
		answer_question(question, "refused", NULL);
}

json_t *
command_options(const struct teller_choice *options, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_pack("{s:s, s:s}", "id",
						       options[i].id, "label",
						       options[i].label));
	return array;
}

json_t *
command_sources(const struct teller_source *sources, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			array, json_pack("{s:s, s:i, s:s}", "id", sources[i].id,
					 "version", sources[i].version, "title",
					 sources[i].title));
	return array;
}

json_t *
command_ids(const char *const *ids, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string(ids[i]));
	return array;
}

static void
on_history(void *arg, const struct teller_history *history)
{
	json_t *entries = json_array();

	for (size_t i = 0; i < history->n_entries; i++) {
		const struct teller_entry *entry = &history->entries[i];
		json_array_append_new(
			entries,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:o, s:o, "
				  "s:o}",
				  "id", entry->id, "author", entry->author,
				  "name", entry->name, "kind", entry->kind,
				  "text", entry->text, "confidence",
				  entry->confidence, "options",
				  command_options(entry->options,
						  entry->n_options),
				  "sources",
				  command_sources(entry->sources,
						  entry->n_sources),
				  "in_reply_to",
				  command_ids(entry->in_reply_to,
					      entry->n_in_reply_to)));
	}
	answer_question(arg, "history",
			json_pack("{s:b, s:s?, s:s?, s:o, s:b}", "found",
				  history->found, "conversation",
				  history->conversation_id, "state",
				  history->state, "entries", entries, "more",
				  history->more));
}

static void
do_history(struct channel *channel, json_t *command)
{
	struct question *question = ask(channel, command);

	if (channel->services->history(
		    channel->host, text_of(command, "account"),
		    text_of(command, "conversation"), text_of(command, "after"),
		    (size_t)number_of(command, "limit", 200), on_history,
		    question) < 0)
		answer_question(question, "refused", NULL);
}

static void
do_open(struct channel *channel, json_t *command)
{
	struct question *question = ask(channel, command);

	if (channel->services->open_conversation(
		    channel->host, text_of(command, "account"),
		    text_of(command, "conversation"),
		    text_of(command, "language"), on_stored, question) < 0)
		answer_question(question, "refused", NULL);
}

static void
on_state(void *arg, const struct teller_state *found)
{
	json_t *members = NULL;

	if (found)
		members = json_pack("{s:s, s:s%}", "key", found->key, "value",
				    found->value, found->value_len);
	answer_question(arg, "state", members);
}

static void
do_state(struct channel *channel, json_t *command)
{
	struct question *question = ask(channel, command);

	if (channel->services->state_get(channel->host, text_of(command, "key"),
					 on_state, question) < 0)
		answer_question(question, "refused", NULL);
}

static void
do_sent(struct channel *channel, json_t *command)
{
	channel->services->sent(channel->host, text_of(command, "job"),
				text_of(command, "external_id"));
}

static void
do_failed(struct channel *channel, json_t *command)
{
	int failure = command_find_word(command_failures,
					text_of(command, "failure"));

	channel->services->failed(channel->host, text_of(command, "job"),
				  (enum teller_failure)failure,
				  number_of(command, "not_before_us", 0),
				  text_of(command, "words"));
}

static void
do_progress(struct channel *channel, json_t *command)
{
	json_t *state = json_object_get(command, "state");

	channel->services->progress(channel->host, text_of(command, "job"),
				    json_string_value(state),
				    json_string_length(state));
}

static void
do_answer(struct channel *channel, json_t *command)
{
	const char *with = text_of(command, "with");

	snprintf(channel->answer, sizeof channel->answer, "%s",
		 with ? with : "none");
}

void
command_run(struct channel *channel, const char *line)
{
	static const struct verb {
		const char *name;
		void (*run)(struct channel *, json_t *command);
	} verbs[] = {
		{"receive", do_receive},   {"history", do_history},
		{"open", do_open},	   {"state", do_state},
		{"sent", do_sent},	   {"failed", do_failed},
		{"progress", do_progress}, {"answer", do_answer},
	};
	json_t *command = json_loads(line, 0, NULL);
	const char *name = text_of(command, "do");

	for (size_t i = 0; name && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			verbs[i].run(channel, command);
	json_decref(command);
}
