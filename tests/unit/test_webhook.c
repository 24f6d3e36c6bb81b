/* Cases leave signed, are tried again where that makes sense, and nothing else
 * leaves. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "../plugins/fake_services.h"
#include "signature.h"

#define BODY "{\"type\":\"case.opened\"}"
/* The example of the specification's libraries. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static struct fake *fake;

static int
begin(void **state)
{
	(void)state;
	fake = fake_new(&teller_plugin);
	fake_set(fake, "url", "https://crm.example/cases");
	fake_set_secret(fake, "secret", SECRET);
	return 0;
}

static int
begin_started(void **state)
{
	begin(state);
	assert_int_equal(fake_start(fake), 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	fake_free(fake);
	return 0;
}

static struct teller_job
case_job(const char *id)
{
	struct teller_job job = fake_job(id, "cnv_1", BODY);

	job.kind = TELLER_JOB_CASE;
	job.created_at_us = 1614265330000001;
	return job;
}

static const char *
header(size_t i, const char *name)
{
	const struct teller_fetch *fetch = &fake->fetches[i]->fetch;

	for (size_t k = 0; k < fetch->n_headers; k++)
		if (strcmp(fetch->headers[k].name, name) == 0)
			return fetch->headers[k].value;
	return NULL;
}

static void
test_a_signature_is_that_of_the_specification(void **state)
{
	struct signature_key key;
	char out[SIGNATURE_SIZE];

	(void)state;
	assert_int_equal(signature_read_key(&key, SECRET, strlen(SECRET)), 0);
	assert_int_equal(key.len, 24);
	assert_int_equal(signature_make(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek",
					"1614265330", "{\"test\": 2432232314}",
					out),
			 0);
	assert_string_equal(out,
			    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

static void
test_a_secret_is_base64_of_enough_bytes(void **state)
{
	static const struct {
		const char *secret;
		size_t len; /* 0: refused */
	} rows[] = {
		{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 24},
		{"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 26},
		{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
		 64},
		{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		 0},
		{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 0},
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", 0},
		{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", 0},
		{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaL===", 0},
		{"MfKQ9r8GKYqr=wjUPD8ILPZIo2LaLaSw", 0},
		{" MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", 0},
		{"open sesame", 0},
		{"", 0},
	};
	struct signature_key key;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *secret = rows[i].secret;
		int rc = signature_read_key(&key, secret, strlen(secret));
		assert_int_equal(rc, rows[i].len > 0 ? 0 : -1);
		if (rc == 0)
			assert_int_equal(key.len, rows[i].len);
	}
	assert_int_equal(
		signature_read_key(&key, SECRET "\0AAA", strlen(SECRET) + 4),
		-1);
}

static void
test_a_case_is_posted_with_its_signature(void **state)
{
	const struct teller_job job = case_job("msg_7");
	struct signature_key key;
	char at[32], expected[SIGNATURE_SIZE];

	(void)state;
	fake_send(fake, &job);
	assert_int_equal(fake->n_fetches, 1);
	assert_int_equal(fake->n_outcomes, 0);
	const struct teller_fetch *fetch = &fake->fetches[0]->fetch;
	assert_string_equal(fetch->url, "https://crm.example/cases");
	assert_memory_equal(fetch->body, BODY, strlen(BODY));
	assert_int_equal(fetch->timeout_ms, 15000);
	assert_false(fetch->allow_private);
	assert_null(fetch->ca_file);
	snprintf(at, sizeof at, "%lld", (long long)(fake->now_us / 1000000));
	assert_string_equal(header(0, "Content-Type"), "application/json");
	assert_string_equal(header(0, "webhook-id"), "msg_7-1614265330000001");
	assert_string_equal(header(0, "webhook-timestamp"), at);
	signature_read_key(&key, SECRET, strlen(SECRET));
	signature_make(&key, "msg_7-1614265330000001", at, BODY, expected);
	assert_string_equal(header(0, "webhook-signature"), expected);
	fake_fetched(fake, 0, 204, NULL);
	assert_int_equal(fake->outcomes[0]->kind, FAKE_SENT);
	assert_string_equal(fake->outcomes[0]->job, "msg_7");
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_another_attempt_has_the_id_and_a_new_time(void **state)
{
	struct teller_job job = case_job("msg_7");

	(void)state;
	fake_send(fake, &job);
	fake_fetched(fake, 0, 503, NULL);
	assert_int_equal(fake->outcomes[0]->failure, TELLER_RETRY);
	assert_int_equal(fake->health, TELLER_DEGRADED);
	fake_advance(fake, 5000);
	/* The secret was changed meanwhile. */
	fake_set_secret(fake, "secret", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	job.attempt = 2;
	fake_send(fake, &job);
	assert_string_equal(header(1, "webhook-id"), header(0, "webhook-id"));
	assert_string_not_equal(header(1, "webhook-timestamp"),
				header(0, "webhook-timestamp"));
	assert_string_not_equal(header(1, "webhook-signature"),
				header(0, "webhook-signature"));
	fake_fetched(fake, 1, 200, "ok");
	assert_int_equal(fake->outcomes[1]->kind, FAKE_SENT);
	assert_int_equal(fake->health, TELLER_OK);
}

static void
test_what_an_answer_means(void **state)
{
	static const struct {
		int status;
		bool maybe_sent;
		enum teller_failure failure;
	} rows[] = {
		{410, false, TELLER_GONE},    {400, false, TELLER_REJECTED},
		{413, true, TELLER_REJECTED}, {422, false, TELLER_REJECTED},
		{401, false, TELLER_RETRY},   {403, false, TELLER_RETRY},
		{404, false, TELLER_RETRY},   {408, false, TELLER_RETRY},
		{425, false, TELLER_RETRY},   {429, false, TELLER_RETRY},
		{301, false, TELLER_RETRY},   {500, false, TELLER_RETRY},
		{0, false, TELLER_RETRY},     {0, true, TELLER_UNKNOWN},
	};
	const struct teller_job job = case_job("msg_7");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct teller_fetched fetched = {
			.size = sizeof fetched,
			.status = rows[i].status,
			.words = "it is not there",
			.maybe_sent = rows[i].maybe_sent,
		};
		fake_send(fake, &job);
		fake_fetched_whole(fake, i, &fetched);
		assert_int_equal(fake->outcomes[i]->kind, FAKE_FAILED);
		assert_int_equal(fake->outcomes[i]->failure, rows[i].failure);
		assert_int_equal(fake->outcomes[i]->not_before_us, 0);
	}
}

static void
test_the_other_side_may_say_when(void **state)
{
	static const struct {
		const char *value;
		int64_t seconds; /* 0: it counts for nothing */
	} rows[] = {{"120", 120},
		    {"999999999", 86400},
		    {"-1", 0},
		    {"Fri, 01 Jan 2027 00:00:00 GMT", 0}};
	const struct teller_job job = case_job("msg_7");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct teller_header headers[] = {
			{"Date", "1"}, {"Retry-After", rows[i].value}};
		const struct teller_fetched fetched = {.size = sizeof fetched,
						       .status = 503,
						       .headers = headers,
						       .n_headers = 2};
		int64_t at_us =
			rows[i].seconds
				? fake->now_us + rows[i].seconds * 1000000
				: 0;
		fake_send(fake, &job);
		fake_fetched_whole(fake, i, &fetched);
		assert_int_equal(fake->outcomes[i]->not_before_us, at_us);
	}
}

static void
test_only_cases_leave(void **state)
{
	struct teller_job job = case_job("msg_7");

	(void)state;
	job.kind = TELLER_JOB_DESK_CARD;
	fake_send(fake, &job);
	assert_int_equal(fake->n_fetches, 0);
	assert_int_equal(fake->outcomes[0]->failure, TELLER_REJECTED);
}

static void
test_a_secret_that_is_gone_is_waited_for(void **state)
{
	const struct teller_job job = case_job("msg_7");

	(void)state;
	fake_set_secret(fake, "secret", "");
	fake_send(fake, &job);
	assert_int_equal(fake->n_fetches, 0);
	assert_int_equal(fake->outcomes[0]->failure, TELLER_RETRY);
}

static void
test_without_tls_or_a_good_secret_it_does_not_start(void **state)
{
	(void)state;
	fake_set(fake, "url", "http://crm.example/cases");
	assert_int_equal(fake_start(fake), -1);
	assert_non_null(strstr(fake->words.text, "https://"));
	fake_free(fake);
	begin(state);
	fake_set_secret(fake, "secret", "open sesame");
	assert_int_equal(fake_start(fake), -1);
	assert_non_null(strstr(fake->words.text, "base64"));
	assert_null(strstr(fake->words.text, "sesame"));
}

static void
test_stopping_waits_for_what_is_under_way(void **state)
{
	const struct teller_job job = case_job("msg_7");

	(void)state;
	fake_set(fake, "ca_file", "/ca.pem");
	fake_set(fake, "allow_private", "true");
	assert_int_equal(fake_start(fake), 0);
	fake_send(fake, &job);
	assert_string_equal(fake->fetches[0]->fetch.ca_file, "/ca.pem");
	assert_true(fake->fetches[0]->fetch.allow_private);
	fake_begin_stop(fake);
	assert_false(fake->is_stopped);
	fake_fetched(fake, 0, 200, NULL);
	assert_int_equal(fake->outcomes[0]->kind, FAKE_SENT);
	assert_true(fake->is_stopped);
}

/* Ended in the middle of it: the host keeps the job for the next start. */
static void
test_what_is_not_answered_is_left_to_the_host(void **state)
{
	const struct teller_job first = case_job("msg_7"),
				second = case_job("msg_8");

	(void)state;
	fake_send(fake, &first);
	fake_send(fake, &second);
	fake_stop(fake);
	assert_int_equal(fake->n_outcomes, 0);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, begin_started, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_signature_is_that_of_the_specification),
		cmocka_unit_test(test_a_secret_is_base64_of_enough_bytes),
		STARTED(test_a_case_is_posted_with_its_signature),
		STARTED(test_another_attempt_has_the_id_and_a_new_time),
		STARTED(test_what_an_answer_means),
		STARTED(test_the_other_side_may_say_when),
		STARTED(test_only_cases_leave),
		STARTED(test_a_secret_that_is_gone_is_waited_for),
		cmocka_unit_test_setup_teardown(
			test_without_tls_or_a_good_secret_it_does_not_start,
			begin, end),
		cmocka_unit_test_setup_teardown(
			test_stopping_waits_for_what_is_under_way, begin, end),
		STARTED(test_what_is_not_answered_is_left_to_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
