/* Deciding without a store: a conversation, what is known, and short ways to
 * write to it. */
#ifndef TESTS_UNIT_TURN_FIXTURE_H
#define TESTS_UNIT_TURN_FIXTURE_H

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tellerd/plugin.h>

#include "base/mem.h"
#include "dialog/knowledge.h"
#include "dialog/turn.h"
#include "faq/index.h"
#include "nlu/pack.h"
#include "store/knowledge.h"

#define NOW 1700000000000000

static struct arena arena;
static struct pack *pack;
static struct index *idx;
static struct index_scratch *scratch;
static struct knowledge knowledge;
static struct conversation conversation;
static struct turn_result result;
static int64_t now_us = NOW;	  /* when the next turn is decided */
static const char *the_desk = ""; /* that customers' words may go to */

static inline void
add_entry(struct index_builder *builder, const char *name, const char *question,
	  const char *answer, int64_t valid_to_us)
{
	struct err err;
	struct faq_version version = {
		.name = name,
		.version = 3,
		.question = question,
		.answer = answer,
		.language = "en",
		.intent = "",
		.valid_to_us = valid_to_us,
	};
	assert_int_equal(index_builder_add(builder, &version, &err), 0);
}

/* So many that words are rare. */
static inline void
add_fillers(struct index_builder *builder)
{
	for (int i = 0; i < 40; i++) {
		char name[32], question[64];
		snprintf(name, sizeof name, "filler-%d", i);
		snprintf(question, sizeof question, "Where is room number %d?",
			 i);
		add_entry(builder, name, question, "Upstairs.", 0);
	}
}

/* What is known: a pack, which forget() frees, and what was added. */
static inline void
know(struct pack *known, struct index_builder *builder)
{
	struct err err;

	pack = known;
	idx = index_build(builder, &err);
	assert_non_null(idx);
	scratch = index_scratch_new();
	knowledge = (struct knowledge){
		.pack = pack,
		.index = idx,
		.generation = 7,
		.settings = {.threshold = 0.6,
			     .floor = 0.25,
			     .n_candidates = 5,
			     .max_crashes = 5},
		.settings_hash = "settings",
	};
}

static inline int
forget(void **state)
{
	(void)state;
	index_scratch_free(scratch);
	index_free(idx);
	pack_free(pack);
	arena_release(&arena);
	return 0;
}

static inline int
fresh(void **state)
{
	(void)state;
	conversation = (struct conversation){
		.id = 1,
		.public_id = "cnv_test",
		.channel = "web",
		.account = "",
		.key = "k",
		.language = "en",
		.state = STATE_BOT,
		.owner = "",
		.memory = "",
	};
	return 0;
}

static inline struct message
customer(const char *text)
{
	return (struct message){
		.id = 10,
		.kind = "text",
		.author_id = "",
		.author_name = "",
		.text = text,
		.option = "",
		.target = "",
		.redacted = "",
	};
}

static inline struct message
act(const char *kind, const char *author, const char *text)
{
	struct message message = customer(text);
	message.kind = kind;
	message.author_id = author;
	message.author_name = author;
	message.trust = TELLER_TRUST_AGENT;
	return message;
}

/* Decide, and let the conversation be what the turn makes of it. */
static inline void
decide_all(const struct message *messages, size_t n, const char *desk)
{
	struct turn_input input = {
		.conversation = &conversation,
		.messages = messages,
		.n_messages = n,
		.knowledge = &knowledge,
		.scratch = scratch,
		.desk = desk,
		.now_us = now_us,
	};
	turn_decide(&input, &arena, &result);
	conversation.state = result.state;
	conversation.owner = result.owner;
	conversation.lease_until_us = result.lease_until_us;
	conversation.memory = result.memory;
	conversation.failed_turns = result.failed_turns;
	conversation.turns++;
}

static inline void
say(const char *text)
{
	struct message message = customer(text);
	decide_all(&message, 1, the_desk);
}

static inline void
choose(const char *option)
{
	struct message message = customer("");
	message.kind = "option";
	message.option = option;
	decide_all(&message, 1, the_desk);
}

static inline void
do_act(const char *kind, const char *author, const char *text)
{
	struct message message = act(kind, author, text);
	decide_all(&message, 1, "desk");
}

static inline const char *
reply(void)
{
	assert_true(result.n_replies >= 1);
	return result.replies[0].text;
}

static inline void
assert_says(const char *part)
{
	if (!strstr(reply(), part))
		fail_msg("\"%s\" is not in: %s", part, reply());
}

static inline void
assert_says_text(enum pack_text which)
{
	assert_says(pack->texts[which]);
}

#endif
