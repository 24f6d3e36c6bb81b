/* Slack as a desk: what agents do, and who they are. */
#include "desk_parts.h"
#include "slack_desk_fixture.h"

/* For that one of the next texts there is no memory; 0: for all there is.  The
 * linker puts what is below in the place of the C library's. */
static int no_memory_at;

FILE *__real_open_memstream(char **text, size_t *len);
FILE *__wrap_open_memstream(char **text, size_t *len);

FILE *
__wrap_open_memstream(char **text, size_t *len)
{
	bool is_there = no_memory_at == 0 || --no_memory_at > 0;
	return is_there ? __real_open_memstream(text, len) : NULL;
}

/* ---- Who may act */

/* His name is taken away. */
static void
on_nobody(void *arg, const struct agent *agent)
{
	assert_false(agent->is_good);
	*(char *)arg = '\0';
}

/* Presses it on the card, as that user. */
static void
press(const char *action, const char *user, const char *channel)
{
	json_t *payload =
		json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:s}, s:{s:s, s:s},"
			  " s:[{s:s, s:s, s:s}]}",
			  "type", "block_actions", "user", "id", user,
			  "team_id", "T0ACME001", "name", "ann", "team", "id",
			  "T0ACME001", "container", "message_ts", CARD_TS,
			  "channel_id", channel, "actions", "action_id", action,
			  "value", "cnv_2", "action_ts", "5.5");
	take_action(fake->self, &(struct origin){0}, payload);
	json_decref(payload);
	fake_run(fake);
}

static void
user_is(const char *more)
{
	expect_url(last_call(), "U0ANN0001");
	answer_last(arena_printf(
		&fake->arena,
		"{\"ok\":true,\"user\":{\"id\":\"U0ANN0001\",\"name\":\"a\","
		"\"profile\":{\"display_name\":\"\",\"real_name\":\"Ann\"}"
		"%s}}",
		more));
}

static void
test_whom_the_settings_name_may_act(void **state)
{
	(void)state;
	press("desk_claim", "U0ANN0001", DESK);
	expect_url(last_call(), "/users.info?user=U0ANN0001");
	user_is("");
	assert_int_equal(fake->n_messages, 1);
	const struct teller_message *m = &fake->messages[0]->message;
	assert_int_equal(m->kind, TELLER_MESSAGE_CLAIM);
	/* What the button says it is about came from outside. */
	assert_string_equal(m->conversation, "cnv_1");
	assert_string_equal(m->account, "");
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	assert_string_equal(m->author.name, "Ann");
	assert_int_equal(m->author.trust, TELLER_TRUST_AGENT);
	assert_string_equal(fake->messages[0]->states[0].key,
			    "claimant/cnv_1/T0ACME001/U0ANN0001");
	assert_string_equal(fake_get_state(fake, "pressed/msg_1"), "U0ANN0001");
	/* He is known for a minute. */
	size_t n = fake->n_fetches;
	press("desk_take_over", "U0ANN0001", DESK);
	assert_string_equal(fake->messages[1]->message.option, "take_over");
	press("desk_return", "U0ANN0001", DESK);
	press("desk_close", "U0ANN0001", DESK);
	assert_int_equal(fake->messages[3]->message.kind, TELLER_MESSAGE_CLOSE);
	assert_int_equal(fake->messages[3]->n_states, 0);
	assert_int_equal(fake->n_fetches, n);
	fake_advance(fake, 61000);
	press("desk_close", "U0ANN0001", DESK);
	assert_int_equal(fake->n_fetches, n + 1);
}

static void
test_who_asks_sees_what_the_bot_would_say(void **state)
{
	static const struct teller_suggestion found = {
		.size = sizeof(found),
		.entry = "card-order",
		.version = 3,
		.question = "A <new> card?",
		.answer = "Order it **here**.",
	};
	(void)state;
	press("desk_suggest", "U0ANN0001", DESK);
	user_is("");
	expect_url(last_call(), "/chat.postEphemeral");
	assert_true(last_says("no answer"));
	fake->suggestion = &found;
	press("desk_suggest", "U0ANN0001", DESK);
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "user"), "U0ANN0001");
	assert_string_equal(fx_at(body, "thread_ts"), CARD_TS);
	json_decref(body);
	assert_string_equal(last_text(),
			    "The assistant would say, to \"A &lt;new&gt; "
			    "card?\" (card-order@3):\nOrder it *here*.");
	assert_int_equal(fake->n_messages, 0);
}

static void
test_others_are_told_that_they_may_not(void **state)
{
	(void)state;
	press("desk_claim", "U0CEM0001", DESK);
	expect_url(last_call(), "/chat.postEphemeral");
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "user"), "U0CEM0001");
	json_decref(body);
	assert_true(last_says("no agent"));
	assert_int_equal(fake->n_messages, 0);
}

static void
test_guests_and_strangers_are_no_agents(void **state)
{
	static const char *const rows[] = {
		",\"is_restricted\":true", ",\"is_ultra_restricted\":true",
		",\"is_bot\":true",	   ",\"deleted\":true",
		",\"is_stranger\":true",   ",\"team_id\":\"T0OTHER01\""};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_advance(fake, 61000);
		press("desk_claim", "U0ANN0001", DESK);
		user_is(rows[i]);
		expect_url(last_call(), "/chat.postEphemeral");
		answer_last(OK);
	}
	assert_int_equal(fake->n_messages, 0);
}

static void
test_members_of_a_private_channel_may_act(void **state)
{
	(void)state;
	start_with("last", "");
	fake_set_state(fake, "desk/" DESK "/" CARD_TS, "cnv_1");
	press("desk_claim", "U0ANN0001", DESK);
	expect_url(last_call(), "/conversations.info?channel=" DESK);
	answer_last("{\"ok\":true,\"channel\":{\"is_private\":true}}");
	expect_url(last_call(), "channel=" DESK "&limit=200");
	answer_last("{\"ok\":true,\"members\":[\"U0BEN0001\"],"
		    "\"response_metadata\":{\"next_cursor\":\"b=\"}}");
	expect_url(last_call(), "&cursor=b%3D");
	answer_last("{\"ok\":true,\"members\":[\"U0ANN0001\"]}");
	user_is(",\"team_id\":\"T0ACME001\"");
	assert_int_equal(fake->n_messages, 1);
	press("desk_claim", "U0CEM0001", DESK);
	answer_last("{\"ok\":true,\"channel\":{\"is_private\":true}}");
	answer_last("{\"ok\":true,\"members\":[\"U0ANN0001\"]}");
	assert_true(last_says("Only members"));
	assert_int_equal(fake->n_messages, 1);
}

static void
test_only_so_many_are_asked_for_at_once(void **state)
{
	(void)state;
	start_with("last", "");
	fake_set_state(fake, "desk/" DESK "/" CARD_TS, "cnv_1");
	const struct slack *slack = fake->self;
	size_t first = fake->n_fetches;
	char users[12][16];
	for (size_t i = 0; i < 12; i++) {
		snprintf(users[i], sizeof(users[i]), "U%07zu", i);
		agent_ask(slack->desk, users[i], on_nobody, &users[i]);
	}
	assert_int_equal(fake->n_fetches, first + 10);
	fake_fetched(fake, first, 200,
		     "{\"ok\":true,\"channel\":{\"is_private\":false}}");
	fake_run(fake);
	assert_string_equal(users[0], "");
	assert_int_equal(fake->n_fetches, first + 11);
}

static void
test_only_so_many_members_are_looked_through(void **state)
{
	(void)state;
	start_with("last", "");
	fake_set_state(fake, "desk/" DESK "/" CARD_TS, "cnv_1");
	press("desk_claim", "U0ANN0001", DESK);
	answer_last("{\"ok\":true,\"channel\":{\"is_private\":true}}");
	for (int i = 0; i < 25; i++) {
		expect_url(last_call(), i ? "&cursor=c" : "&limit=200");
		answer_last("{\"ok\":true,\"members\":[\"U0BEN0001\"],"
			    "\"response_metadata\":{\"next_cursor\":\"c\"}}");
	}
	assert_true(last_says("too many members"));
	assert_non_null(strstr(buf_str(&fake->log), "more than 5000 members"));
	assert_int_equal(fake->n_messages, 0);
}

static void
test_nobody_may_act_in_a_channel_that_all_can_join(void **state)
{
	(void)state;
	start_with("last", "");
	fake_set_state(fake, "desk/" DESK "/" CARD_TS, "cnv_1");
	press("desk_claim", "U0ANN0001", DESK);
	answer_last("{\"ok\":true,\"channel\":{\"is_private\":false}}");
	assert_true(last_says("Anybody can join"));
	assert_int_equal(fake->n_messages, 0);
}

static void
test_nobody_may_act_where_other_firms_are(void **state)
{
	(void)state;
	start_with("last", "");
	fake_set_state(fake, "desk/" DESK "/" CARD_TS, "cnv_1");
	press("desk_claim", "U0ANN0001", DESK);
	answer_last("{\"ok\":true,\"channel\":{\"is_private\":true,"
		    "\"is_ext_shared\":true}}");
	assert_true(last_says("People of other firms"));
	assert_int_equal(fake->n_messages, 0);
}

/* He was one a while ago; who is not known at all has to try again. */
static void
test_an_agent_is_one_while_slack_is_silent(void **state)
{
	(void)state;
	press("desk_claim", "U0ANN0001", DESK);
	user_is("");
	fake_advance(fake, 10 * 60 * 1000);
	press("desk_return", "U0ANN0001", DESK);
	answer_last("{\"ok\":false,\"error\":\"missing_scope\"}");
	assert_int_equal(fake->n_messages, 2);
	fake_advance(fake, 61 * 60 * 1000);
	press("desk_close", "U0ANN0001", DESK);
	answer_last("{\"ok\":false,\"error\":\"missing_scope\"}");
	assert_int_equal(fake->n_messages, 2);
}

/* Who is put out of the channel meanwhile is none, whatever the clock does. */
static void
test_a_clock_that_is_set_back_makes_no_agent(void **state)
{
	(void)state;
	press("desk_claim", "U0ANN0001", DESK);
	user_is("");
	fake_advance(fake, 10 * 1000);
	fake->now_us -= 3600 * US_PER_S;
	press("desk_return", "U0ANN0001", DESK);
	assert_int_equal(fake->n_messages, 2);
	fake_advance(fake, 61 * 1000);
	press("desk_close", "U0ANN0001", DESK);
	assert_int_equal(fake->n_messages, 2);
	user_is(",\"deleted\":true");
	assert_int_equal(fake->n_messages, 2);
}

static void
test_buttons_elsewhere_do_nothing(void **state)
{
	(void)state;
	size_t n = fake->n_fetches;
	press("desk_claim", "U0ANN0001", "C0OTHER01");
	press("desk_dance", "U0ANN0001", DESK);
	fake_free(fake);
	set_up_desk(NULL); /* without a card */
	press("desk_claim", "U0ANN0001", DESK);
	assert_int_equal(fake->n_messages, 0);
	assert_int_equal(fake->n_fetches, n);
}

/* ---- What they write */

static struct fake_answer *
writes(const char *ts, const char *user, const char *text)
{
	json_t *inner = written(DESK, ts, CARD_TS, text);
	fx_change(inner, "user", json_string(user));
	struct fake_answer *answer = post_json(envelope("Ev1", inner));
	fake_run(fake);
	if (strstr(called_url(last_call()), "users.info") &&
	    !fake->fetches[last_call()]->is_answered)
		answer_last("{\"ok\":true,\"user\":{\"profile\":"
			    "{\"display_name\":\"Somebody\"}}}");
	return answer;
}

static void
expect_message(size_t i, enum teller_message_kind kind, const char *text)
{
	assert_true(i < fake->n_messages);
	const struct teller_message *m = &fake->messages[i]->message;
	assert_int_equal(m->kind, kind);
	assert_string_equal(m->conversation, "cnv_1");
	assert_int_equal(m->text_len, strlen(text));
	assert_memory_equal(m->text, text, m->text_len);
	assert_int_equal(m->author.trust, TELLER_TRUST_AGENT);
}

static void
test_the_claimants_words_are_the_customers(void **state)
{
	(void)state;
	struct fake_answer *answer = writes(
		"6.1", "U0ANN0001", "Which <@U0BEN0001|card> &amp; line?");
	expect_message(0, TELLER_MESSAGE_AGENT, "Which @card & line?");
	assert_string_equal(fake->messages[0]->message.external_ids[0],
			    "desk/" DESK "/6.1");
	assert_int_equal(answer->status, 200);
	assert_string_equal(fake_get_state(fake, "said/msg_1"),
			    "{\"channel\":\"" DESK "\",\"said\":\"6.1\","
			    "\"ts\":\"" CARD_TS "\"}");
}

/* Colleagues read them as Slack has them. */
static void
test_the_customers_words_are_commonmark(void **state)
{
	(void)state;
	writes("6.1", "U0ANN0001",
	       "<@U0TELLER1> *Now*: 2 &lt; 3\n// *he* is <https://x|there>");
	expect_message(0, TELLER_MESSAGE_AGENT, "**Now**: 2 < 3");
	expect_message(1, TELLER_MESSAGE_NOTE, " *he* is there (https://x)");
}

static void
test_lines_with_a_sign_are_notes(void **state)
{
	(void)state;
	writes("6.1", "U0ANN0001", "//upset\n// old");
	expect_message(0, TELLER_MESSAGE_NOTE, "upset\n old");
	struct fake_answer *answer =
		writes("6.2", "U0ANN0001", "One\n// two\nthree");
	expect_message(1, TELLER_MESSAGE_AGENT, "One  \nthree");
	expect_message(2, TELLER_MESSAGE_NOTE, " two");
	assert_string_equal(fake->messages[2]->message.external_ids[0],
			    "desk/" DESK "/6.2/note");
	assert_int_equal(answer->status, 200);
	assert_int_equal(fake->n_messages, 3);
	/* Blanks before it change nothing. */
	writes("6.3", "U0ANN0001", " // four\n\t \u00A0// five\n  six //");
	expect_message(3, TELLER_MESSAGE_AGENT, "six //");
	expect_message(4, TELLER_MESSAGE_NOTE, " four\n five");
}

/* A crash may have come between the two. */
static void
test_what_comes_again_brings_its_note_again(void **state)
{
	(void)state;
	fake->stored_status = TELLER_DUPLICATE;
	writes("6.2", "U0ANN0001", "One\n// two");
	assert_int_equal(fake->n_messages, 2);
	assert_non_null(fake_get_state(fake, "said/msg_1"));
	fake->stored_status = TELLER_BUSY;
	assert_int_equal(writes("6.3", "U0ANN0001", "One\n// two")->status,
			 503);
	assert_int_equal(fake->n_messages, 3);
}

/* It comes again, or all of it is taken. */
static void
test_without_memory_nothing_is_lost(void **state)
{
	static const struct {
		const char *user;
		size_t n_messages;
		int n_refused; /* at least: for each text that is made */
	} rows[] = {{"U0ANN0001", 2, 4}, {"U0BEN0001", 1, 1}};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int n_refused = 0;
		writes("6.1", rows[i].user, "// known");
		for (int n = 1; no_memory_at == 0; n++) {
			size_t before = fake->n_messages;
			no_memory_at = n;
			struct fake_answer *answer =
				writes("6.2", rows[i].user, "One\n// two");
			bool is_refused = answer->status == 503;
			assert_int_equal(fake->n_messages - before,
					 is_refused ? 0 : rows[i].n_messages);
			n_refused += is_refused;
		}
		assert_true(n_refused >= rows[i].n_refused);
		no_memory_at = 0;
	}
}

static void
test_colleagues_write_notes(void **state)
{
	(void)state;
	writes("6.1", "U0BEN0001", "Ask for the line");
	expect_message(0, TELLER_MESSAGE_NOTE, "Ask for the line");
	assert_null(fake_get_state(fake, "said/msg_1"));
}

static void
test_other_words_in_the_channel_are_nobodys(void **state)
{
	(void)state;
	json_t *own = written(DESK, "6.1", CARD_TS, "posted");
	fx_change(own, "bot_id", json_string("B0TELLER1"));
	json_t *root = written(DESK, "6.2", NULL, "<@U0TELLER1> hello");
	json_t *elsewhere = written(DESK, "6.3", "1.1", "<@U0TELLER1> hello");
	json_t *const all[] = {own, root, elsewhere};
	for (size_t i = 0; i < 3; i++) {
		struct fake_answer *answer = post_json(envelope("Ev1", all[i]));
		fake_run(fake);
		assert_int_equal(answer->status, 200);
	}
	assert_int_equal(fake->n_messages, 0);
}

/* Ben is known already, and Ann is asked for. */
static void
test_what_is_written_stays_in_order(void **state)
{
	(void)state;
	press("desk_claim", "U0BEN0001", DESK);
	answer_last("{\"ok\":true,\"user\":{\"name\":\"ben\"}}");
	static const char *const users[] = {"U0ANN0001", "U0BEN0001",
					    "U0BEN0001"};
	static const char *const texts[] = {"One", "// two", "// three"};
	for (size_t i = 0; i < 3; i++) {
		json_t *inner =
			written(DESK, i ? (i == 1 ? "6.2" : "6.3") : "6.1",
				CARD_TS, texts[i]);
		fx_change(inner, "user", json_string(users[i]));
		post_json(envelope("Ev1", inner));
	}
	fake_run(fake);
	assert_int_equal(fake->n_messages, 1);
	user_is("");
	expect_message(1, TELLER_MESSAGE_AGENT, "One");
	expect_message(2, TELLER_MESSAGE_NOTE, " two");
	expect_message(3, TELLER_MESSAGE_NOTE, " three");
}

/* They would be a note, and the customer would never see them. */
static void
test_words_wait_until_the_claim_is_on_disk(void **state)
{
	const struct teller_stored stored = {.size = sizeof(stored),
					     .status = TELLER_STORED,
					     .message = "msg_1",
					     .words = ""};
	(void)state;
	press("desk_claim", "U0BEN0001", DESK);
	json_t *inner = written(DESK, "6.1", CARD_TS, "I am here");
	fx_change(inner, "user", json_string("U0BEN0001"));
	post_json(envelope("Ev1", inner));
	fake->is_held = true;
	answer_last("{\"ok\":true,\"user\":{\"name\":\"ben\"}}");
	assert_int_equal(fake->n_messages, 1);
	fake_store(fake, 0, &stored);
	fake_run(fake);
	expect_message(1, TELLER_MESSAGE_AGENT, "I am here");
}

/* What was "See this" now reads so. */
static void
changes(const char *text)
{
	json_t *change = json_pack(
		"{s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o}", "type", "message",
		"subtype", "message_changed", "channel", DESK, "hidden", 1,
		"ts", "7.1", "event_ts", "7.1", "message",
		written(DESK, "6.1", CARD_TS, text), "previous_message",
		written(DESK, "6.1", CARD_TS, "See this"));
	struct fake_answer *answer = post_json(envelope("Ev2", change));
	fake_run(fake);
	assert_int_equal(answer->status, 200);
}

static void
test_what_does_not_reach_the_customer_is_told(void **state)
{
	(void)state;
	json_t *inner = written(DESK, "6.1", CARD_TS, "See this");
	fx_change(inner, "files", json_pack("[{s:s}]", "name", "a.pdf"));
	post_json(envelope("Ev1", inner));
	fake_run(fake);
	user_is("");
	expect_message(0, TELLER_MESSAGE_AGENT, "See this");
	expect_url(last_call(), "/chat.postEphemeral");
	assert_true(last_says("Files"));
	size_t n = fake->n_fetches;
	changes("See this"); /* a link was looked up */
	assert_int_equal(fake->n_fetches, n);
	changes("See that");
	assert_true(last_says("does not see the change"));
	assert_int_equal(fake->n_messages, 1);
}

/* The card is there, and Slack has not said so. */
static void
test_an_agent_may_be_faster_than_slacks_answer(void **state)
{
	(void)state;
	send_job(TELLER_JOB_DESK_CARD, "msg_7", "- Why: asked");
	size_t post = last_call();
	assert_int_equal(writes("6.1", "U0ANN0001", "I take it")->status, 503);
	fake_fetched(fake, post, 200, FX_POSTED);
	fake_run(fake);
	writes("6.1", "U0ANN0001", "I take it");
	expect_message(0, TELLER_MESSAGE_NOTE, "I take it");
}

/* ---- Ticks */

static void
receipt(const char *message, const char *why)
{
	const char *const of[] = {message};
	struct teller_job job = fake_job("msg_20", "cnv_1", why);
	job.kind = TELLER_JOB_RECEIPT;
	job.in_reply_to = of;
	job.n_in_reply_to = 1;
	fake_send(fake, &job);
	fake_run(fake);
}

static void
expect_reaction(const char *name)
{
	expect_url(last_call(), "/reactions.add");
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "channel"), DESK);
	assert_string_equal(fx_at(body, "timestamp"), "6.1");
	assert_string_equal(fx_at(body, "name"), name);
	json_decref(body);
}

static void
test_what_is_delivered_is_ticked(void **state)
{
	(void)state;
	writes("6.1", "U0ANN0001", "Which line?");
	receipt("msg_1", "");
	expect_reaction("white_check_mark");
	answer_last("{\"ok\":false,\"error\":\"already_reacted\"}");
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	receipt("msg_1", "");
	answer_last("{\"ok\":false,\"error\":\"ratelimited\"}");
	assert_int_equal(last_outcome()->failure, TELLER_RETRY);
	receipt("msg_1", "");
	answer_last("{\"ok\":false,\"error\":\"internal_error\"}");
	assert_int_equal(last_outcome()->failure, TELLER_RETRY);
	assert_int_equal(last_outcome()->kind, FAKE_FAILED);
	receipt("msg_1", "");
	answer_last("{\"ok\":false,\"error\":\"missing_scope\"}");
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	assert_non_null(strstr(buf_str(&fake->log), "do not see"));
}

/* A crash came between the words and where they stand. */
static void
test_a_tick_waits_until_it_is_known_where(void **state)
{
	(void)state;
	size_t n = fake->n_fetches;
	receipt("msg_1", "");
	assert_int_equal(last_outcome()->failure, TELLER_RETRY);
	assert_int_equal(fake->n_fetches, n);
	writes("6.1", "U0ANN0001", "Which line?");
	receipt("msg_1", "");
	expect_reaction("white_check_mark");
	answer_last(OK);
	n = fake->n_fetches;
	fake_advance(fake, 10 * 60 * 1000);
	receipt("msg_of_before", "");
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	assert_int_equal(fake->n_fetches, n);
}

static void
test_what_is_not_delivered_is_told_with_why(void **state)
{
	(void)state;
	writes("6.1", "U0ANN0001", "Which line?");
	receipt("msg_1", "he <left>");
	expect_reaction("x");
	answer_last(OK);
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "thread_ts"), CARD_TS);
	json_decref(body);
	assert_string_equal(last_text(), ":x: Not delivered: he &lt;left&gt;");
	answer_last(FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
}

/* Of long words whole characters are told. */
static void
test_why_something_is_not_delivered_is_cut_well(void **state)
{
	char why[1201] = "", shown[1100];
	(void)state;
	for (size_t i = 0; i < 1200; i++)
		why[i] = i % 2 ? '\xA4' : '\xC3';
	snprintf(shown, sizeof(shown), ":x: Not delivered: %.1000s", why);
	writes("6.1", "U0ANN0001", "Which line?");
	receipt("msg_1", why);
	answer_last(OK);
	assert_string_equal(last_text(), shown);
	answer_last(FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CARD(test_whom_the_settings_name_may_act),
		WITH_CARD(test_who_asks_sees_what_the_bot_would_say),
		WITH_CARD(test_others_are_told_that_they_may_not),
		WITH_CARD(test_guests_and_strangers_are_no_agents),
		BARE(test_members_of_a_private_channel_may_act),
		BARE(test_only_so_many_are_asked_for_at_once),
		BARE(test_only_so_many_members_are_looked_through),
		BARE(test_nobody_may_act_in_a_channel_that_all_can_join),
		BARE(test_nobody_may_act_where_other_firms_are),
		WITH_CARD(test_an_agent_is_one_while_slack_is_silent),
		WITH_CARD(test_a_clock_that_is_set_back_makes_no_agent),
		WITH_CARD(test_buttons_elsewhere_do_nothing),
		WITH_CARD(test_the_claimants_words_are_the_customers),
		WITH_CARD(test_the_customers_words_are_commonmark),
		WITH_CARD(test_lines_with_a_sign_are_notes),
		WITH_CARD(test_what_comes_again_brings_its_note_again),
		WITH_CARD(test_without_memory_nothing_is_lost),
		WITH_CARD(test_colleagues_write_notes),
		WITH_CARD(test_other_words_in_the_channel_are_nobodys),
		WITH_CARD(test_what_is_written_stays_in_order),
		WITH_CARD(test_words_wait_until_the_claim_is_on_disk),
		WITH_CARD(test_what_does_not_reach_the_customer_is_told),
		TEST(test_an_agent_may_be_faster_than_slacks_answer),
		WITH_CARD(test_what_is_delivered_is_ticked),
		WITH_CARD(test_a_tick_waits_until_it_is_known_where),
		WITH_CARD(test_what_is_not_delivered_is_told_with_why),
		WITH_CARD(test_why_something_is_not_delivered_is_cut_well),
	};
	return cmocka_run_group_tests_name("slack desk acts", tests, NULL,
					   NULL);
}
