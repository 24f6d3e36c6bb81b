/* Slack as a desk, with a conversation that waits. */
#ifndef TESTS_UNIT_SLACK_DESK_FIXTURE_H
#define TESTS_UNIT_SLACK_DESK_FIXTURE_H

#include "slack_fixture.h"

#define DESK "C0DESK0001"
#define CARD_TS "1764000002.000300"
#define CARD_STATE                                                           \
	"{\"channel\":\"" DESK "\",\"ts\":\"" CARD_TS "\",\"conversation\":" \
	"\"cnv_1\",\"job\":\"msg_7\",\"state\":\"waiting\",\"owner\":\"\","  \
	"\"after\":\"msg_2\",\"n\":1}"
#define OK "{\"ok\":true}"

static const struct teller_entry entries[] = {
	{.id = "msg_1",
	 .author = "customer",
	 .name = "",
	 .kind = "text",
	 .text = "Hello"},
	{.id = "msg_2",
	 .author = "bot",
	 .name = "",
	 .kind = "answer",
	 .text = "It is **free**."},
	{.id = "msg_3",
	 .author = "customer",
	 .name = "",
	 .kind = "text",
	 .text = "A <person>, please\n*now*"},
	{.id = "msg_4",
	 .author = "bot",
	 .name = "",
	 .kind = "handover",
	 .text = "I pass you on."},
};
static const struct teller_history said = {.size = sizeof(said),
					   .found = true,
					   .conversation_id = "cnv_1",
					   .state = "waiting",
					   .entries = entries,
					   .n_entries = 4};

static inline void
start_with(const char *history, const char *agents)
{
	set_up_new(NULL);
	fake_set(fake, "desk.acme.channel", DESK);
	fake_set(fake, "desk.acme.history", history);
	fake_set(fake, "desk.acme.agents", agents);
	fake_set_history(fake, "cnv_1", &said);
	assert_int_equal(fake_start(fake), 0);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":"
		     "\"teller\",\"user_id\":\"U0TELLER1\"}");
	fake_run(fake);
}

static inline int
set_up_desk(void **state)
{
	(void)state;
	start_with("last", "U0ANN0001,U0BEN0001");
	return 0;
}

/* Ann has the card, and is known. */
static inline int
set_up_card(void **state)
{
	set_up_desk(state);
	fake_set_state(fake, "card/cnv_1", CARD_STATE);
	fake_set_state(fake, "desk/" DESK "/" CARD_TS, "cnv_1");
	fake_set_state(fake, "claimant/cnv_1/T0ACME001/U0ANN0001", "1");
	return 0;
}

static inline void
send_job(enum teller_job_kind kind, const char *id, const char *text)
{
	const char *const of[] = {"msg_3"};
	struct teller_job job = fake_job(id, "cnv_1", text);
	job.kind = kind;
	job.conversation_state = "waiting";
	job.in_reply_to = of;
	job.n_in_reply_to = 1;
	fake_send(fake, &job);
	fake_run(fake);
}

static inline size_t
last_call(void)
{
	assert_true(fake->n_fetches > 0);
	return fake->n_fetches - 1;
}

static inline void
expect_url(size_t i, const char *end)
{
	const char *url = called_url(i);
	assert_true(strlen(url) > strlen(end));
	assert_string_equal(url + strlen(url) - strlen(end), end);
}

static inline void
answer_last(const char *body)
{
	fake_fetched(fake, last_call(), 200, body);
	fake_run(fake);
}

/* The text of the last call. */
static const char *
last_text(void)
{
	json_t *body = called(last_call());
	const char *text =
		arena_printf(&fake->arena, "%s", fx_at(body, "text"));
	json_decref(body);
	return text;
}

static inline bool
last_says(const char *part)
{
	return strstr(last_text(), part) != NULL;
}

#define BARE(name) cmocka_unit_test_teardown(name, tear_down)
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_desk, tear_down)
#define WITH_CARD(name) \
	cmocka_unit_test_setup_teardown(name, set_up_card, tear_down)

#endif
