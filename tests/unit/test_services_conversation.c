/* The services on conversations: who it is, what was said, and why. */
#include "services_fixture.h"

#include "base/mem.h"
#include "store/conversation.h"
#include "store/message.h"
#include "store/turn.h"

/* ---- Conversations */

static char opened[CONVERSATION_ID_SIZE];
static bool is_opened_same; /* a duplicate: it says the same */

static void
on_opened(void *arg, const struct teller_stored *stored)
{
	(void)arg;
	tell_story("opened %d", (int)stored->status);
	snprintf(opened, sizeof opened, "%s", stored->conversation);
	is_opened_same = stored->same;
	is_called = true;
}

static void
open_conversation(const char *key)
{
	assert_int_equal(fx.services->open_conversation(fx.host, "", key, "en",
							on_opened, NULL),
			 0);
	wait_for_call();
}

static void
test_a_conversation_is_opened_once(void **state)
{
	char first[CONVERSATION_ID_SIZE];

	(void)state;
	open_conversation("c1");
	assert_story("opened 0\n");
	memcpy(first, opened, sizeof first);
	assert_int_equal(strncmp(first, "cnv_", 4), 0);
	open_conversation("c1");
	assert_story("opened 1\n");
	assert_string_equal(opened, first);
	assert_int_equal(fx.services->open_conversation(fx.host, "", "", "",
							on_opened, NULL),
			 -1);
	assert_int_equal(fx.services->open_conversation(fx.host, "", "\xff", "",
							on_opened, NULL),
			 -1);
}

static void
on_history(void *arg, const struct teller_history *history)
{
	(void)arg;
	is_called = true;
	if (!history->found) {
		tell_story("not found");
		return;
	}
	tell_story("%s, %zu entries%s", history->state, history->n_entries,
		   history->more ? ", more" : "");
	for (size_t i = 0; i < history->n_entries; i++) {
		const struct teller_entry *e = &history->entries[i];
		tell_story("%s %s %s '%s' %zu %zu %zu", e->id, e->author,
			   *e->kind ? e->kind : "-", e->text, e->n_options,
			   e->n_sources, e->n_in_reply_to);
		if (history->ratings[i])
			tell_story(" rated %d", history->ratings[i]);
		for (size_t k = 0; k < e->n_options; k++)
			tell_story(" option %s %s", e->options[k].id,
				   e->options[k].label);
		for (size_t k = 0; k < e->n_sources; k++)
			tell_story(" source %s@%d %s", e->sources[k].id,
				   e->sources[k].version, e->sources[k].title);
		for (size_t k = 0; k < e->n_in_reply_to; k++)
			tell_story(" to %s", e->in_reply_to[k]);
	}
}

static void
read_history(const char *key, const char *after, size_t limit)
{
	assert_int_equal(fx.services->history(fx.host, "", key, after, limit,
					      on_history, NULL),
			 0);
	wait_for_call();
}

/* A question of a customer on `channel`, and the answer. */
static int64_t
tell_and_answer(const char *channel, const char *key)
{
	struct store_add_message add = {
		.write.verb = &store_verb_add_message,
		.channel = channel,
		.account = "",
		.key = key,
		.language = "en",
		.message = {.kind = "text",
			    .author_id = "",
			    .author_name = "",
			    .text = "How much?",
			    .option = "",
			    .target = "",
			    .redacted = "",
			    .attachments = "[]",
			    .received_at_us = 1},
		.is_queued = true,
	};
	assert_int_equal(store_call(fx.base.store, &add.write), STORE_OK);
	struct reply reply = {
		.target = channel,
		.job = "reply",
		.kind = "answer",
		.author = "",
		.text = "Five.",
		.options_json = "[{\"id\":\"o1\",\"label\":\"More\"}]",
		.sources_json = "[{\"id\":\"fees\",\"version\":3,"
				"\"title\":\"Fees\"}]",
	};
	struct store_finish_turn finish = {
		.write.verb = &store_verb_finish_turn,
		.conversation_id = add.message.conversation_id,
		.messages = &add.message.id,
		.n_messages = 1,
		.newest_seen = add.message.id,
		.before = STATE_BOT,
		.after = {.state = STATE_BOT, .memory = "", .owner = ""},
		.replies = &reply,
		.n_replies = 1,
		.kind = "answer",
		.rule = "",
		.entry = "fees@3",
		.record = "{}",
		.now_us = 2,
	};
	if (store_call(fx.base.store, &finish.write) != STORE_OK)
		fail_msg("%s", finish.write.err.text);
	snprintf(opened, sizeof opened, "%s", add.public_id);
	return add.message.id;
}

/* ---- Why a reply was given */

/* The layer above's: on a worker. */
static int
explain(struct store_reader *reader, struct arena *arena,
	int64_t conversation_id, int64_t reply_id, const char **json_r,
	struct err *why)
{
	const struct turn *turn;
	int found = store_reply_turn(reader, arena, conversation_id, reply_id,
				     &turn, why);
	*json_r = found > 0 ? turn->record : NULL;
	return found < 0 ? -1 : 0;
}

static void
tell_explained(void *arg, const char *json)
{
	(void)arg;
	tell_story("because %s", json ? json : "of nothing");
	is_called = true;
}

static void
ask_why(const char *key, const char *reply)
{
	is_called = false;
	assert_int_equal(fx.services->explain(fx.host, "", key, reply,
					      tell_explained, NULL),
			 0);
	wait_for_call();
}

static void
test_a_reply_is_explained_to_its_conversation_alone(void **state)
{
	(void)state;
	fx.frame.events.explain = explain;
	tell_and_answer("probe", "c1");
	ask_why("c1", "msg_2");
	ask_why(opened, "msg_2");
	assert_story("because {}\nbecause {}\n");
	/* A message, none, another conversation's, another channel's. */
	ask_why("c1", "msg_1");
	ask_why("c1", "msg_999999999999999999");
	tell_and_answer("probe", "c2");
	ask_why("c2", "msg_2");
	tell_and_answer("other", "c3");
	ask_why(opened, "msg_6");
	assert_story("because of nothing\nbecause of nothing\n"
		     "because of nothing\nbecause of nothing\n");
}

static void
test_what_is_no_reply_is_not_explained(void **state)
{
	static const char *const none[] = {
		NULL,	  "",	    "2",      "msg_",
		"msg_0",  "msg_-2", "msg_2 ", "msg_02",
		"msg_2x", "MSG_2",  "cnv_2",  "msg_9999999999999999999",
	};

	(void)state;
	fx.frame.events.explain = explain;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(fx.services->explain(fx.host, "", "c1",
						      none[i], tell_explained,
						      NULL),
				 -1);
	assert_int_equal(fx.services->explain(fx.host, "", "", "msg_2",
					      tell_explained, NULL),
			 -1);
	assert_int_equal(
		fx.services->explain(fx.host, "", "c1", "msg_2", NULL, NULL),
		-1);
}

/* ---- Who it is */

static void
open_as(const struct teller_author *author, int rc)
{
	assert_int_equal(
		fx.services->open_conversation_as(fx.host, "", "signed", "en",
						  author, on_opened, NULL),
		rc);
	if (rc == 0)
		wait_for_call();
}

static void
expect_identity(const char *identity)
{
	struct arena arena = {0};
	struct err err = {0};
	struct store_reader *reader = store_read_begin(fx.base.store, &err);
	assert_non_null(reader);
	const struct conversation *conversation;
	assert_int_equal(store_get_conversation(reader, &arena, opened,
						&conversation, &err),
			 1);
	assert_string_equal(conversation->identity, identity);
	store_read_end(reader);
	arena_release(&arena);
}

static void
test_a_conversation_is_opened_as_who_was_proven(void **state)
{
	struct teller_author author = {
		.id = "k-17",
		.name = "Zoë \"Z\" Ó Briain",
		.trust = TELLER_TRUST_VERIFIED,
	};

	(void)state;
	open_as(&author, 0);
	assert_story("opened 0\n");
	expect_identity("{\"id\":\"k-17\",\"name\":\"Zoë \\\"Z\\\" Ó "
			"Briain\"}");
	open_as(&author, 0);
	assert_true(is_opened_same);
	author.name = NULL;
	open_as(&author, 0);
	assert_false(is_opened_same);
	open_conversation("signed");
	assert_false(is_opened_same);
	assert_story("opened 1\nopened 1\nopened 1\n");
	open_conversation("c1");
	expect_identity("");
}

static void
test_nobody_is_proven_without_proof(void **state)
{
	char longest[202];
	static const enum teller_trust none[] = {
		TELLER_TRUST_NONE, TELLER_TRUST_CHANNEL, TELLER_TRUST_AGENT};
	static const char *const lines[] = {NULL,
					    "",
					    "a\nb",
					    "a\x1b[1m",
					    "\xff",
					    "a\xe2\x80\xae"
					    "b",
					    "a\xc2\x85"
					    "b"};

	(void)state;
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		open_as(&(struct teller_author){.id = "k", .trust = none[i]},
			-1);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct teller_author author = {.id = lines[i],
					       .trust = TELLER_TRUST_VERIFIED};
		open_as(&author, -1);
		author = (struct teller_author){.id = "k",
						.name = lines[i],
						.trust = TELLER_TRUST_VERIFIED};
		if (i >= 2)
			open_as(&author, -1);
	}
	open_as(&(struct teller_author){.id = longest,
					.trust = TELLER_TRUST_VERIFIED},
		-1);
	open_as(NULL, -1);
}

static void
rate(int64_t reply, int rating)
{
	struct store_add_feedback add = {
		.write.verb = &store_verb_add_feedback,
		.reply_id = reply,
		.rating = rating,
		.actor = "customer",
		.now_us = 3,
	};
	assert_int_equal(store_call(fx.base.store, &add.write), STORE_OK);
}

static void
test_a_history_tells_how_a_reply_was_rated(void **state)
{
	(void)state;
	tell_and_answer("probe", "c1");
	rate(2, -1);
	read_history("c1", "msg_1", 10);
	assert_non_null(strstr(fx.story.text, "1 1 1\n rated -1\n"));
	fx.story.text[0] = '\0';
	rate(2, 1);
	read_history("c1", "", 10);
	assert_non_null(strstr(fx.story.text, "0 0 0\nmsg_2"));
	assert_non_null(strstr(fx.story.text, "1 1 1\n rated 1\n"));
}

static void
test_a_history_is_read_back(void **state)
{
	(void)state;
	read_history("c1", "", 10);
	assert_story("not found\n");
	tell_and_answer("probe", "c1");
	read_history("c1", NULL, 10);
	assert_story("bot, 2 entries\n"
		     "msg_1 customer text 'How much?' 0 0 0\n"
		     "msg_2 bot answer 'Five.' 1 1 1\n"
		     " option o1 More\n"
		     " source fees@3 Fees\n"
		     " to msg_1\n");
	read_history(opened, "msg_1", 10);
	assert_non_null(strstr(fx.story.text, "bot, 1 entries\nmsg_2"));
	fx.story.text[0] = '\0';
	read_history("c1", "", 1);
	assert_non_null(strstr(fx.story.text, "bot, 1 entries, more\nmsg_1"));
}

static void
test_histories_of_others_are_for_desks_alone(void **state)
{
	(void)state;
	tell_and_answer("other", "c1");
	read_history("c1", "", 10);
	read_history(opened, "", 10);
	assert_story("not found\nnot found\n");
	fx_plugin.capabilities = TELLER_CAN_DESK;
	read_history(opened, "", 10);
	assert_non_null(strstr(fx.story.text, "bot, 2 entries"));
}

/* ---- What the bot would say */

/* The layer above's: on a worker. */
static int
suggest(void *arg, struct store_reader *reader, struct arena *arena,
	int64_t conversation_id, const struct teller_suggestion **found_r,
	struct err *why)
{
	static const struct teller_suggestion found = {
		.size = sizeof found, .entry = "fees", .answer = "Five."};

	(void)arg, (void)reader, (void)arena, (void)why;
	*found_r = conversation_id == 1 ? &found : NULL;
	return 0;
}

static void
tell_suggestion(void *arg, const struct teller_suggestion *found)
{
	(void)arg;
	tell_story("would say %s", found ? found->answer : "nothing");
	is_called = true;
}

static void
ask_suggestion(const char *id)
{
	is_called = false;
	assert_int_equal(
		fx.services->suggest(fx.host, id, tell_suggestion, NULL), 0);
	wait_for_call();
}

static void
test_a_desk_alone_is_told_what_the_bot_would_say(void **state)
{
	(void)state;
	fx.frame.events.suggest = suggest;
	tell_and_answer("other", "c1");
	assert_int_equal(
		fx.services->suggest(fx.host, opened, tell_suggestion, NULL),
		-1);
	fx_plugin.capabilities = TELLER_CAN_DESK;
	ask_suggestion(opened);
	tell_and_answer("other", "c2");
	ask_suggestion(opened);
	ask_suggestion("cnv_of_none");
	assert_story("would say Five.\nwould say nothing\nwould say nothing\n");
	assert_int_equal(
		fx.services->suggest(fx.host, "", tell_suggestion, NULL), -1);
}

static void
test_senseless_questions_for_a_history_are_refused(void **state)
{
	static const struct {
		const char *key, *after;
		size_t limit;
	} cases[] = {
		{NULL, "", 1},	{"", "", 1},  {"\xff", "", 1}, {"c", "msg_", 1},
		{"c", "17", 1}, {"c", "", 0}, {"c", "", 201},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(fx.services->history(fx.host, "", cases[i].key,
						      cases[i].after,
						      cases[i].limit,
						      on_history, NULL),
				 -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_conversation_is_opened_once),
		TEST(test_a_reply_is_explained_to_its_conversation_alone),
		TEST(test_what_is_no_reply_is_not_explained),
		TEST(test_a_conversation_is_opened_as_who_was_proven),
		TEST(test_nobody_is_proven_without_proof),
		TEST(test_a_history_is_read_back),
		TEST(test_a_history_tells_how_a_reply_was_rated),
		TEST(test_histories_of_others_are_for_desks_alone),
		TEST(test_a_desk_alone_is_told_what_the_bot_would_say),
		TEST(test_senseless_questions_for_a_history_are_refused),
	};

	log_open(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
