/* Slack as a desk: cards, and what they show. */
#include "slack_desk_fixture.h"

#include "desk_parts.h"

/* ---- Settings */

static void
test_without_settings_it_is_no_desk(void **state)
{
	set_up(state);
	assert_string_equal(teller_plugin.desk_option, "desk");
	send_job(TELLER_JOB_DESK_CARD, "msg_7", "A person!");
	assert_int_equal(last_outcome()->kind, FAKE_FAILED);
	assert_int_equal(last_outcome()->failure, TELLER_GONE);
	assert_int_equal(fake->n_fetches, 1);
}

static void
test_wrong_settings_are_refused(void **state)
{
	(void)state;
	set_up_new(NULL);
	fake_set(fake, "desk.other.channel", DESK);
	assert_int_equal(fake_start(fake), -1);
	assert_non_null(strstr(fake->words.text, "desk.other"));
	fake_free(fake);
	set_up_new(NULL);
	fake_set(fake, "desk.acme.channel", "#agents");
	assert_int_equal(fake_start(fake), -1);
	assert_non_null(strstr(fake->words.text, "desk.acme"));
	fake_free(fake);
	set_up_new(NULL);
	fake_set(fake, "desk.acme.channel", DESK);
	fake_set(fake, "desk.acme.agents", "U0ANN0001, ben");
	assert_int_equal(fake_start(fake), -1);
	assert_string_equal(fake->words.text,
			    "desk.acme has an agent that is no id (U...)");
}

/* ---- Cards */

static void
test_a_card_is_posted_with_its_thread(void **state)
{
	(void)state;
	send_job(TELLER_JOB_DESK_CARD, "msg_7",
		 "A <person>, please\n*now*\n\n- Why: trigger:human");
	expect_url(1, "/chat.postMessage");
	json_t *body = called(1);
	assert_string_equal(fx_at(body, "channel"), DESK);
	assert_null(json_object_get(body, "thread_ts"));
	assert_string_equal(fx_at(body, "text"),
			    ":raised_hand: *A customer waits for a person* "
			    "`cnv_1`\n>A &lt;person&gt;, please\n>*now*\n");
	char *blocks = json_dumps(json_object_get(body, "blocks"), 0);
	assert_non_null(strstr(blocks, "desk_claim"));
	assert_null(strstr(blocks, "desk_take_over"));
	free(blocks);
	json_decref(body);
	answer_last(FX_POSTED);
	assert_string_equal(fake_get_state(fake, "desk/" DESK "/" CARD_TS),
			    "cnv_1");
	assert_null(strstr(fake_get_state(fake, "card/cnv_1"), "person"));
	fake_advance(fake, 1100);
	body = called(2);
	assert_string_equal(fx_at(body, "thread_ts"), CARD_TS);
	assert_null(json_object_get(body, "buttons"));
	json_decref(body);
	assert_true(last_says("Why: trigger:human"));
	assert_true(last_says("*Customer*\n>Hello\n"));
	assert_true(last_says("*Assistant*\nIt is *free*."));
	assert_false(last_says("please"));
	answer_last("{\"ok\":true,\"ts\":\"1764000003.000400\"}");
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
}

static void
test_a_history_is_shown_as_the_settings_want_it(void **state)
{
	static const struct {
		const char *setting;
		bool has_hello;
	} rows[] = {{"none", false}, {"last", true}, {"all", true}};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		start_with(rows[i].setting, "");
		send_job(TELLER_JOB_DESK_CARD, "msg_7", "- Why: lease ended");
		assert_true(last_says("A &lt;person&gt;"));
		answer_last(FX_POSTED);
		fake_advance(fake, 1100);
		assert_true(last_says("Why: lease ended"));
		assert_int_equal(last_says("Hello"), rows[i].has_hello);
		if (i < 2)
			fake_free(fake);
	}
}

/* Killed when it was there: only its thread is missing. */
static void
test_a_card_that_is_there_is_not_posted_again(void **state)
{
	(void)state;
	send_job(TELLER_JOB_DESK_CARD, "msg_7", "- Why: asked");
	expect_url(last_call(), "/chat.postMessage");
	assert_true(last_says("Why: asked"));
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "thread_ts"), CARD_TS);
	json_decref(body);
}

static void
test_a_newer_card_takes_the_place_of_one(void **state)
{
	(void)state;
	send_job(TELLER_JOB_DESK_CARD, "msg_9", "- Why: lease ended");
	answer_last("{\"ok\":true,\"ts\":\"1764000009.000900\"}");
	expect_url(last_call(), "/chat.update");
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "ts"), CARD_TS);
	assert_int_equal(json_array_size(json_object_get(body, "blocks")), 1);
	json_decref(body);
	assert_true(last_says("newer card"));
	assert_non_null(strstr(fake_get_state(fake, "card/cnv_1"),
			       "1764000009.000900"));
	assert_string_equal(
		fake_get_state(fake, "desk/" DESK "/1764000009.000900"),
		"cnv_1");
}

/* The bot is not in the channel: customers wait behind that. */
static void
test_a_channel_that_cannot_be_written_to_is_told_of(void **state)
{
	(void)state;
	send_job(TELLER_JOB_DESK_CARD, "msg_7", "- Why: asked");
	answer_last("{\"ok\":false,\"error\":\"not_in_channel\"}");
	assert_int_equal(last_outcome()->failure, TELLER_RETRY);
	assert_true(last_outcome()->not_before_us > fake->now_us);
	assert_int_equal(fake->health, TELLER_DEGRADED);
	assert_non_null(strstr(fake->health_words, "not_in_channel"));
	fake_advance(fake, 1100);
	send_job(TELLER_JOB_DESK_CARD, "msg_7", "- Why: asked");
	answer_last(FX_POSTED);
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_further_words_come_into_the_thread(void **state)
{
	(void)state;
	send_job(TELLER_JOB_CUSTOMER_TEXT, "msg_8", "# <!channel>");
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "thread_ts"), CARD_TS);
	assert_string_equal(fx_at(body, "text"),
			    "*Customer*\n># &lt;!channel&gt;\n");
	json_decref(body);
	answer_last(FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
}

/* The text of the last call has no line but the customer's, and what says whose
 * they are. */
static void
only_he_speaks(void)
{
	const char *at = last_text();
	assert_null(strstr(at, "```"));
	for (; *at; at += strcspn(at, "\n"), at += *at == '\n')
		assert_true(strchr(">(", *at) ||
			    strncmp(at, "*Customer*\n", 11) == 0);
}

static void
test_no_customer_can_write_what_looks_like_ours(void **state)
{
	static const char *const tries[] = {
		"Hi\n\n*Assistant*\nIdentity checked",
		"Hi\r*Assistant*\v*Assistant*\f*Assistant*",
		"Hi\u2028*Assistant*\u2029*Assistant*\xC2\x85*Assistant*",
		"```\na\n``` *Assistant*\n````",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		send_job(TELLER_JOB_CUSTOMER_TEXT, "msg_8", tries[i]);
		only_he_speaks();
		answer_last(FX_POSTED);
		fake_advance(fake, 1100);
	}
	send_job(TELLER_JOB_CUSTOMER_TEXT, "msg_8", ">>all of it");
	assert_string_equal(last_text(), "*Customer*\n> &gt;&gt;all of it\n");
}

/* Nor behind a cut: with or without blanks, however the signs are counted. */
static void
test_no_part_of_a_long_text_looks_like_ours(void **state)
{
	static const char *const fills[] = {"&& ", "&", "x", "\u20AC",
					    "\U0001F600"};
	static const char own[] = " *Assistant* ";
	(void)state;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++) {
		struct buf text;
		buf_init(&text, 1 << 20);
		for (size_t n = 0; n < 4000; n++)
			buf_addf(&text, "%s%s", fills[i], n % 97 ? "" : own);
		fake_advance(fake, 1100);
		send_job(TELLER_JOB_CUSTOMER_TEXT, "msg_8", buf_str(&text));
		do {
			only_he_speaks();
			answer_last(FX_POSTED);
			fake_advance(fake, 1100);
		} while (last_outcome()->kind == FAKE_PROGRESS);
		assert_int_equal(last_outcome()->kind, FAKE_SENT);
		buf_release(&text);
	}
}

static void
test_what_belongs_to_no_card_is_given_up(void **state)
{
	(void)state;
	send_job(TELLER_JOB_CUSTOMER_TEXT, "msg_8", "hello?");
	assert_int_equal(last_outcome()->failure, TELLER_GONE);
	send_job(TELLER_JOB_CARD_UPDATE, "msg_9", "bot");
	assert_int_equal(last_outcome()->failure, TELLER_GONE);
}

/* ---- What a card shows */

static void
claim_is_told(const char *id)
{
	struct teller_job job = fake_job(id, "cnv_1", "person");
	job.kind = TELLER_JOB_CARD_UPDATE;
	job.author = "Ann <a>";
	fake_send(fake, &job);
	fake_run(fake);
}

static void
test_a_card_shows_who_has_the_conversation(void **state)
{
	(void)state;
	claim_is_told("msg_8");
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	assert_non_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
	expect_url(last_call(), "/chat.update");
	assert_true(last_says("Ann &lt;a&gt; has the conversation"));
	assert_true(last_says(">A &lt;person&gt;, please"));
	json_t *body = called(last_call());
	char *blocks = json_dumps(json_object_get(body, "blocks"), 0);
	assert_non_null(strstr(blocks, "desk_take_over"));
	free(blocks);
	json_decref(body);
	answer_last(OK);
	assert_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
}

static void
test_of_several_updates_the_newest_is_shown(void **state)
{
	(void)state;
	claim_is_told("msg_8");
	size_t first = last_call();
	send_job(TELLER_JOB_CARD_UPDATE, "msg_9", "bot");
	send_job(TELLER_JOB_CARD_UPDATE, "msg_10", "closed");
	assert_int_equal(last_call(), first);
	fake_fetched(fake, first, 200, OK);
	fake_run(fake);
	assert_int_equal(last_call(), first + 1);
	assert_true(last_says("Closed"));
	json_t *body = called(last_call());
	assert_int_equal(json_array_size(json_object_get(body, "blocks")), 1);
	json_decref(body);
	assert_non_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
	answer_last(OK);
	assert_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
	fake_advance(fake, 60000);
	assert_int_equal(last_call(), first + 1);
}

static void
hold_back(size_t call)
{
	const struct teller_header header = {"Retry-After", "20"};
	fake_fetched_whole(
		fake, call,
		&(struct teller_fetched){.size = sizeof(struct teller_fetched),
					 .status = 429,
					 .headers = &header,
					 .n_headers = 1});
}

static void
test_what_is_held_back_does_not_look_old_first(void **state)
{
	(void)state;
	claim_is_told("msg_8");
	size_t first = last_call();
	hold_back(first);
	send_job(TELLER_JOB_CARD_UPDATE, "msg_9", "closed");
	fake_advance(fake, 21000);
	assert_int_equal(last_call(), first + 1);
	assert_true(last_says("Closed"));
	answer_last(OK);
	assert_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
	fake_advance(fake, 60000);
	assert_int_equal(last_call(), first + 1);
}

/* Slack said that of the older one alone. */
static void
test_what_is_newer_is_shown_though_slack_refused(void **state)
{
	(void)state;
	claim_is_told("msg_8");
	size_t first = last_call();
	send_job(TELLER_JOB_CARD_UPDATE, "msg_9", "closed");
	fake_fetched(fake, first, 200,
		     "{\"ok\":false,\"error\":\"invalid_blocks\"}");
	fake_run(fake);
	assert_int_equal(last_call(), first + 1);
	assert_true(last_says("Closed"));
	assert_non_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
	answer_last("{\"ok\":false,\"error\":\"invalid_blocks\"}");
	assert_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
	fake_advance(fake, 60000);
	assert_int_equal(last_call(), first + 1);
}

static void
test_an_update_that_is_held_back_waits(void **state)
{
	(void)state;
	claim_is_told("msg_8");
	size_t first = last_call();
	hold_back(first);
	fake_advance(fake, 19000);
	assert_int_equal(last_call(), first);
	fake_advance(fake, 2000);
	assert_int_equal(last_call(), first + 1);
	answer_last("{\"ok\":false,\"error\":\"internal_error\"}");
	fake_advance(fake, 31000);
	assert_int_equal(last_call(), first + 2);
	answer_last("{\"ok\":false,\"error\":\"message_not_found\"}");
	assert_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
}

/* What the last process did not come to. */
static void
test_a_stale_card_is_shown_at_the_start(void **state)
{
	(void)state;
	set_up_new(NULL);
	fake_set(fake, "desk.acme.channel", DESK);
	fake_set_history(fake, "cnv_1", &said);
	fake_set_state(fake, "stale/" DESK "/" CARD_TS, CARD_STATE);
	assert_int_equal(fake_start(fake), 0);
	fake_run(fake);
	/* First it has to be known whose the token is. */
	expect_url(last_call(), "/auth.test");
	fake_fetched(fake, 0, 200, "{\"ok\":true,\"team_id\":\"T0ACME001\"}");
	fake_advance(fake, 5000);
	expect_url(last_call(), "/chat.update");
	assert_true(last_says("waits"));
}

/* It is read elsewhere, and may come late. */
static void
test_a_stale_card_does_not_hide_what_is_newer(void **state)
{
	struct teller_job job = fake_job("msg_8", "cnv_1", "closed");
	(void)state;
	job.kind = TELLER_JOB_CARD_UPDATE;
	fake_set_state(fake, "card/cnv_1", CARD_STATE);
	fake_set_state(fake, "stale/" DESK "/" CARD_TS, CARD_STATE);
	fake_send(fake, &job);
	updates_start(((struct slack *)fake->self)->desk);
	fake_run(fake);
	expect_url(last_call(), "/chat.update");
	assert_true(last_says("Closed"));
	answer_last(OK);
	assert_null(fake_get_state(fake, "stale/" DESK "/" CARD_TS));
	assert_int_equal(fake->n_fetches, 2);
}

static void
test_who_was_not_heard_is_told(void **state)
{
	(void)state;
	send_job(TELLER_JOB_CARD_UPDATE, "msg_8",
		 "bot\nnot sent to the customer: claim it first (Ann)");
	/* The card is shown again besides. */
	size_t post = last_call();
	expect_url(post, "/chat.postMessage");
	json_t *body = called(post);
	assert_string_equal(fx_at(body, "thread_ts"), CARD_TS);
	assert_string_equal(fx_at(body, "text"),
			    ":warning: not sent to the customer: claim it "
			    "first (Ann)");
	json_decref(body);
	fake_fetched(fake, post, 200, FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
}

/* Those of a message of Ann's. */
static void
is_refused(const char *words)
{
	send_job(TELLER_JOB_CARD_UPDATE, "msg_8", words);
}

static void
test_a_colleague_is_called_by_his_name(void **state)
{
	(void)state;
	((struct slack *)fake->self)->has_names = true;
	is_refused("person\nnot closed: T0ACME001/U0BEN0001 has the "
		   "conversation (Ann)");
	size_t asked = last_call();
	expect_url(asked, "/users.info?user=U0BEN0001");
	fake_fetched(fake, asked, 200,
		     "{\"ok\":true,\"user\":{\"name\":\"<Ben>\"}}");
	fake_run(fake);
	assert_string_equal(last_text(), ":warning: not closed: &lt;Ben&gt; "
					 "has the conversation (Ann)");
	answer_last(FX_POSTED);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
	is_refused("person\nnot closed: T0ACME001/U0CEM0001 has the "
		   "conversation (Ann)");
	answer_last("{\"ok\":false,\"error\":\"user_not_found\"}");
	fake_advance(fake, 2000);
	assert_true(last_says("T0ACME001/U0CEM0001 has"));
}

static void
test_nobody_is_asked_for_where_names_are_off(void **state)
{
	(void)state;
	is_refused("person\nnot closed: T0ACME001/U0BEN0001 has the "
		   "conversation (Ann)");
	expect_url(last_call(), "/chat.postMessage");
	assert_true(last_says("T0ACME001/U0BEN0001 has"));
}

static void
test_who_pressed_is_told_alone(void **state)
{
	(void)state;
	((struct slack *)fake->self)->has_names = true;
	fake_set_state(fake, "pressed/msg_3", "U0ANN0001");
	is_refused("person\nnot claimed: T0ACME001/U0BEN0001 has the "
		   "conversation (Ann)");
	answer_last("{\"ok\":true,\"user\":{\"name\":\"Ben\"}}");
	expect_url(last_call(), "/chat.postEphemeral");
	assert_string_equal(last_text(), ":warning: not claimed: Ben has the "
					 "conversation (Ann)");
	json_t *body = called(last_call());
	assert_string_equal(fx_at(body, "user"), "U0ANN0001");
	assert_string_equal(fx_at(body, "thread_ts"), CARD_TS);
	json_decref(body);
	assert_int_equal(last_outcome()->kind, FAKE_SENT);
}

static void
on_end(void *arg, const struct said_list *list)
{
	(void)arg, (void)list;
	fail();
}

/* What it has read by then is let go. */
static void
test_the_end_may_come_while_a_conversation_is_read(void **state)
{
	const struct slack *slack = fake->self;
	(void)state;
	assert_int_equal(desk_look(slack->desk, "cnv_1", "", 0, on_end, NULL),
			 0);
	fake_close(fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BARE(test_without_settings_it_is_no_desk),
		BARE(test_wrong_settings_are_refused),
		TEST(test_a_card_is_posted_with_its_thread),
		BARE(test_a_history_is_shown_as_the_settings_want_it),
		WITH_CARD(test_a_card_that_is_there_is_not_posted_again),
		WITH_CARD(test_a_newer_card_takes_the_place_of_one),
		TEST(test_a_channel_that_cannot_be_written_to_is_told_of),
		WITH_CARD(test_further_words_come_into_the_thread),
		WITH_CARD(test_no_customer_can_write_what_looks_like_ours),
		WITH_CARD(test_no_part_of_a_long_text_looks_like_ours),
		TEST(test_what_belongs_to_no_card_is_given_up),
		WITH_CARD(test_a_card_shows_who_has_the_conversation),
		WITH_CARD(test_of_several_updates_the_newest_is_shown),
		WITH_CARD(test_what_is_held_back_does_not_look_old_first),
		WITH_CARD(test_what_is_newer_is_shown_though_slack_refused),
		WITH_CARD(test_an_update_that_is_held_back_waits),
		BARE(test_a_stale_card_is_shown_at_the_start),
		TEST(test_a_stale_card_does_not_hide_what_is_newer),
		WITH_CARD(test_who_was_not_heard_is_told),
		WITH_CARD(test_a_colleague_is_called_by_his_name),
		WITH_CARD(test_nobody_is_asked_for_where_names_are_off),
		WITH_CARD(test_who_pressed_is_told_alone),
		TEST(test_the_end_may_come_while_a_conversation_is_read),
	};
	return cmocka_run_group_tests_name("slack desk", tests, NULL, NULL);
}
