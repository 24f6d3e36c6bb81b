/* What Slack posts is signed, or it is let go. */
#include "slack_fixture.h"

static void
test_the_address_is_verified(void **state)
{
	(void)state;
	struct fake_answer *answer =
		post_event("{\"type\":\"url_verification\","
			   "\"challenge\":\"m3Qp7Kz0vT\"}");
	assert_int_equal(answer->status, 200);
	assert_string_equal(buf_str(&answer->body), "m3Qp7Kz0vT");
	assert_int_equal(post_event("{\"type\":\"url_verification\"}")->status,
			 400);
}

static void
test_what_is_not_signed_is_refused(void **state)
{
	static const char body[] = "{\"type\":\"url_verification\","
				   "\"challenge\":\"x\"}";
	char signature[68];
	(void)state;
	fx_sign("another", "1764000000", body, strlen(body), signature);
	const struct teller_header headers[] = {
		{"Content-Type", FX_JSON},
		{"X-Slack-Request-Timestamp", "1764000000"},
		{"X-Slack-Signature", signature},
		{NULL, NULL}};
	struct fake_answer *answer = fake_request(fake, "POST", "/slack/events",
						  headers, body, strlen(body));
	assert_int_equal(answer->status, 401);
	assert_null(strstr(buf_str(&answer->body), "x\""));
	assert_int_equal(fake_request(fake, "POST", "/slack/events", NULL, body,
				      strlen(body))
				 ->status,
			 401);
}

/* Probes are not signed, so they must not bring anything. */
static void
test_a_probe_smuggles_nothing(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{"ssl_check=1&token=x", 200},
		{"ssl_check=1&payload=%7B%7D", 401},
		{"ssl_check=1&%70ayload=%7B%7D", 401},
		{"command=%2Fask&ssl_check=1", 401},
		{"token=x", 401},
	};
	const struct teller_header headers[] = {{"Content-Type", FX_FORM},
						{NULL, NULL}};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(fake_request(fake, "POST", "/slack/events",
					      headers, rows[i].body,
					      strlen(rows[i].body))
					 ->status,
				 rows[i].status);
	assert_int_equal(fake->n_messages, 0);
}

static void
test_garbage_that_is_signed_is_refused(void **state)
{
	static const char *const bodies[] = {
		"", "{", "[]", "null", "{}", "{\"type\":1}", "\xff"};
	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		assert_int_equal(post_event(bodies[i])->status, 400);
	assert_int_equal(post_event("{\"type\":\"app_rate_limited\"}")->status,
			 200);
	assert_int_equal(post_event("{\"type\":\"event_callback\"}")->status,
			 200);
	assert_int_equal(fake->n_messages, 0);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_the_address_is_verified),
		STARTED(test_what_is_not_signed_is_refused),
		STARTED(test_a_probe_smuggles_nothing),
		STARTED(test_garbage_that_is_signed_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
