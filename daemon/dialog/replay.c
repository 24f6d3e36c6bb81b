#include "dialog/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialog/knowledge.h"
#include "dialog/lesson.h"
#include "dialog/said.h"
#include "dialog/turn.h"
#include "faq/index.h"
#include "store/message.h"
#include "store/state.h"

#define RECORD_DEPTH 16
#define HISTORY_AROUND 16
#define DIFFERENCES_MAX 64

/* What one turn is replayed from. */
struct past {
	json_t *record;
	const json_t *basis, *before;
	struct conversation conversation;
	const struct message *messages;
	size_t n_messages;
	const struct entry *replies; /* that the customer got */
	size_t n_replies;
};

struct findings {
	struct arena *arena;
	struct replay_difference *list;
	size_t n;
};

static void
compare(struct findings *findings, const char *what, const char *was,
	const char *is)
{
	if (strcmp(was, is) == 0 || findings->n == DIFFERENCES_MAX)
		return;
	findings->list[findings->n++] = (struct replay_difference){
		.what = what,
		.was = arena_strdup(findings->arena, was),
		.is = arena_strdup(findings->arena, is),
	};
}

/* ---- What was known */

struct finding_derived {
	struct store_reader *reader;
	struct arena *arena;
	struct err *err;
};

static const char *
find_derived(void *arg, int64_t message_id)
{
	struct finding_derived *find = arg;
	const char *derived = NULL;
	store_message_derived(find->reader, find->arena, message_id, &derived,
			      find->err);
	return derived;
}

/* Of the first records: with the words in it, where it had any, it was moved
 * to the newest message of the turn. */
static int
read_first_memory(struct past *past, struct store_reader *reader,
		  struct arena *arena, struct err *err)
{
	const char *memory = json_get_text(past->before, "memory", NULL);
	int64_t newest = past->messages[past->n_messages - 1].id;
	const char *text = NULL;
	if (!memory) {
		if (store_message_derived(reader, arena, newest, &text, err))
			return -1;
		json_t *derived =
			json_read(text, strlen(text), RECORD_DEPTH, NULL);
		memory = json_get_text(derived, "memory", NULL);
		memory = memory ? arena_strdup(arena, memory) : NULL;
		json_decref(derived);
	}
	past->conversation.memory = memory ? memory : "";
	return memory ? 0
		      : err_set(err, "what was known of the conversation is "
				     "gone");
}

static int
read_memory(struct past *past, struct store_reader *reader, struct arena *arena,
	    struct err *err)
{
	if (json_get_int(past->record, "v", 0) < RECORD_VERSION)
		return read_first_memory(past, reader, arena, err);
	struct finding_derived find = {reader, arena, err};
	int64_t gone =
		said_remember(arena, json_get_text(past->before, "memory", ""),
			      past->messages[0].id, find_derived, &find,
			      &past->conversation.memory);
	if (gone && !*err->text)
		err_set(err,
			"what message %lld said is gone, and the "
			"conversation was about it",
			(long long)gone);
	return gone ? -1 : 0;
}

/* The conversation as it was before the turn. */
static int
read_conversation(struct past *past, struct store_reader *reader,
		  struct arena *arena, int64_t id, struct err *err)
{
	const struct conversation *now;
	int found = store_conversation_by_id(reader, arena, id, &now, err);
	if (found <= 0)
		return found ? -1 : err_set(err, "its conversation is gone");
	struct conversation *then = &past->conversation;
	const json_t *before = past->before;
	*then = *now;
	if (!conversation_state_by_name(json_get_text(before, "state", ""),
					&then->state))
		return err_set(err, "the decision record is damaged");
	then->turns = (int)json_get_int(before, "turns", 0);
	then->failed_turns = (int)json_get_int(before, "failed_turns", 0);
	then->owner = json_get_text(before, "owner", "");
	then->lease_until_us = json_get_int(before, "lease_until", 0);
	return read_memory(past, reader, arena, err);
}

/* The replies of a turn stand behind the newest message it answers, and before
 * those of later turns; what the customer wrote meanwhile stands between. */
static int
read_replies(struct past *past, struct store_reader *reader,
	     struct arena *arena, const struct turn *turn, struct err *err)
{
	const struct entry *list;
	bool more = true;
	int64_t after = past->messages[past->n_messages - 1].id;
	struct entry *kept = arena_array(arena, HISTORY_AROUND, sizeof(*kept));
	size_t n_kept = 0;
	while (more) {
		long n =
			store_history(reader, arena, turn->conversation_id,
				      after, HISTORY_AROUND, &list, &more, err);
		if (n < 0)
			return -1;
		for (long i = 0; i < n; i++) {
			after = list[i].id;
			if (!list[i].is_reply)
				continue;
			if (list[i].turn_id > turn->id)
				more = false;
			else if (list[i].turn_id == turn->id &&
				 n_kept < HISTORY_AROUND)
				kept[n_kept++] = list[i];
		}
	}
	past->replies = kept;
	past->n_replies = n_kept;
	return 0;
}

static int
read_past(struct past *past, struct store_reader *reader, struct arena *arena,
	  const struct turn *turn, struct err *err)
{
	past->record = json_read(turn->record, strlen(turn->record),
				 RECORD_DEPTH, err);
	if (!past->record)
		return -1;
	past->basis = json_object_get(past->record, "basis");
	past->before = json_object_get(past->record, "before");
	long n = store_answered_messages(reader, arena, turn->id,
					 &past->messages, err);
	if (n <= 0)
		return n ? -1 : err_set(err, "its messages are gone");
	past->n_messages = (size_t)n;
	if (read_conversation(past, reader, arena, turn->conversation_id, err))
		return -1;
	return read_replies(past, reader, arena, turn, err);
}

/* Of the entries that were found, and of those that intents were learnt from.
 */
static struct generations
read_generations(const json_t *basis)
{
	int64_t entries = json_get_int(basis, "generation", 0);
	return (struct generations){
		.entries = entries,
		.lesson = json_get_int(basis, "learnt", entries),
	};
}

static int
load_knowledge(struct replay *replay, const struct past *past, const void *pack,
	       size_t pack_len, struct err *err)
{
	const json_t *basis = past->basis;
	struct decide_settings settings = {
		.threshold =
			json_number_value(json_object_get(basis, "threshold")),
		.floor = json_number_value(json_object_get(basis, "floor")),
		.n_candidates = (int)json_get_int(basis, "candidates", 0),
		.max_crashes = (int)json_get_int(basis, "crashes", 0),
		.lease_ms = json_get_int(basis, "lease", 0),
		.keeps_hours = json_get_bool(basis, "hours", false),
	};
	knowledge_put(replay->knowledge);
	replay->knowledge = knowledge_as_of(
		replay->store, read_generations(basis), pack, pack_len,
		&settings, json_get_text(basis, "settings", ""), err);
	if (!replay->knowledge)
		return -1;
	snprintf(replay->pack, sizeof(replay->pack), "%s",
		 json_get_text(basis, "pack", ""));
	return 0;
}

static bool
is_loaded(const struct replay *replay, const struct past *past)
{
	const struct knowledge *knowledge = replay->knowledge;
	struct generations generations = read_generations(past->basis);
	return knowledge && knowledge->generation == generations.entries &&
	       lesson_generation(knowledge->lesson) == generations.lesson &&
	       strcmp(replay->pack, json_get_text(past->basis, "pack", "")) ==
		       0 &&
	       strcmp(knowledge->settings_hash,
		      json_get_text(past->basis, "settings", "")) == 0;
}

static int
need_knowledge(struct replay *replay, const struct past *past,
	       struct arena *arena, struct err *err)
{
	if (replay->now || is_loaded(replay, past))
		return 0;
	const char *hash = json_get_text(past->basis, "pack", "");
	struct store_reader *reader = store_read_begin(replay->store, err);
	if (!reader)
		return -1;
	size_t len = 0;
	const void *pack;
	int found = store_get_artifact(reader, arena, hash, &pack, &len, err);
	store_read_end(reader);
	if (found <= 0)
		return found ? -1
			     : err_set(err, "the pack %s is not kept", hash);
	return load_knowledge(replay, past, pack, len, err);
}

/* ---- Again */

static bool
is_customers(const struct reply *reply)
{
	return strcmp(reply->job, "reply") == 0 ||
	       strcmp(reply->job, "notice") == 0 ||
	       strcmp(reply->job, "agent_text") == 0;
}

static void
compare_replies(struct findings *findings, const struct past *past,
		const struct turn_result *result, bool is_now)
{
	size_t n = 0;
	for (size_t i = 0; i < result->n_replies; i++) {
		const struct reply *is = &result->replies[i];
		if (!is_customers(is))
			continue;
		if (n == past->n_replies) {
			compare(findings, "reply", "", is->text);
			return;
		}
		const struct entry *was = &past->replies[n++];
		compare(findings, "reply", was->text, is->text);
		compare(findings, "options", was->options_json,
			is->options_json ? is->options_json : "[]");
		/* The entry is compared as that, its version too. */
		if (!is_now)
			compare(findings, "sources", was->sources_json,
				is->sources_json ? is->sources_json : "[]");
	}
	if (n < past->n_replies)
		compare(findings, "reply", past->replies[n].text, "");
}

static void
decide_again(struct replay *replay, const struct past *past,
	     struct arena *arena, struct turn_result *result_r)
{
	bool is_now = replay->now != NULL;
	if (!replay->scratch)
		replay->scratch = index_scratch_new();
	struct turn_input input = {
		.conversation = &past->conversation,
		.messages = past->messages,
		.n_messages = past->n_messages,
		.knowledge = is_now ? replay->now : replay->knowledge,
		.scratch = replay->scratch,
		.desk = json_get_text(past->basis, "desk", ""),
		.now_us = is_now ? replay->now_us
				 : json_get_int(past->basis, "now", 0),
	};
	turn_decide(&input, arena, result_r);
}

/* Scores and hashes are others with every change of knowledge, and the record
 * is written otherwise with a change of the program; what came of them may be
 * the same. */
static void
compare_decision(struct findings *findings, const struct turn *turn,
		 const struct turn_result *result)
{
	compare(findings, "kind", turn->kind, turn_kind_name(result->kind));
	compare(findings, "rule", turn->rule, result->rule);
	compare(findings, "entry", turn->entry, result->entry);
}

/* As it stands in a record; "": it does not. */
static const char *
member_text(struct arena *arena, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	const char *words = json_string_value(value);
	if (words || !value)
		return words ? words : "";
	char *text = json_text(value);
	words = arena_strdup(arena, text ? text : "");
	free(text);
	return words;
}

static void
compare_member(struct findings *findings, const char *of, const json_t *was,
	       const json_t *is, const char *name)
{
	if (json_equal(json_object_get(was, name), json_object_get(is, name)))
		return;
	compare(findings, arena_printf(findings->arena, "%s%s", of, name),
		member_text(findings->arena, was, name),
		member_text(findings->arena, is, name));
}

/* Each member by its name, but for the one that is to be skipped. */
static void
compare_members(struct findings *findings, const char *of, const json_t *was,
		const json_t *is, const char *skipped)
{
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *)was, name, value)
		if (strcmp(name, skipped) != 0)
			compare_member(findings, of, was, is, name);
	json_object_foreach ((json_t *)is, name, value)
		if (strcmp(name, skipped) != 0 && !json_object_get(was, name))
			compare_member(findings, of, was, is, name);
}

/* What a decision was made from comes first: it is why the rest differs. */
static void
compare_parts(struct findings *findings, const struct past *past,
	      const struct turn *turn, const struct turn_result *result)
{
	size_t n = findings->n;
	json_t *is = json_read(result->record, strlen(result->record),
			       RECORD_DEPTH, NULL);
	compare_members(findings, "basis.", past->basis,
			json_object_get(is, "basis"), "");
	compare_members(findings, "", past->record, is, "basis");
	json_decref(is);
	if (findings->n == n)
		compare(findings, "record", turn->record, result->record);
}

static void
compare_record(struct findings *findings, const struct past *past,
	       const struct turn *turn, const struct turn_result *result)
{
	if (json_get_int(past->record, "v", 0) == RECORD_VERSION) {
		compare_parts(findings, past, turn, result);
		return;
	}
	compare(findings, "basis.build",
		json_get_text(past->basis, "build", ""), PACKAGE_VERSION);
	compare_decision(findings, turn, result);
}

static int
replay_past(struct replay *replay, struct past *past, const struct turn *turn,
	    struct arena *arena, struct findings *findings, struct err *err)
{
	struct store_reader *reader = store_read_begin(replay->store, err);
	if (!reader)
		return -1;
	int rc = read_past(past, reader, arena, turn, err);
	store_read_end(reader);
	if (rc || need_knowledge(replay, past, arena, err))
		return -1;
	struct turn_result result;
	decide_again(replay, past, arena, &result);
	if (replay->now)
		compare_decision(findings, turn, &result);
	else
		compare_record(findings, past, turn, &result);
	compare_replies(findings, past, &result, replay->now != NULL);
	return 0;
}

int
replay_turn(struct replay *replay, const struct turn *turn, struct arena *arena,
	    const struct replay_difference **differences_r, size_t *n_r,
	    struct err *err)
{
	struct past past = {0};
	struct findings findings = {
		.arena = arena,
		.list = arena_array(arena, DIFFERENCES_MAX,
				    sizeof(struct replay_difference)),
	};
	int rc = replay_past(replay, &past, turn, arena, &findings, err);
	json_decref(past.record);
	if (rc)
		return -1;
	*differences_r = findings.list;
	*n_r = findings.n;
	return 0;
}

void
replay_release(struct replay *replay)
{
	knowledge_put(replay->knowledge);
	replay->knowledge = NULL;
	index_scratch_free(replay->scratch);
	replay->scratch = NULL;
}
