/* The Slack channel on the fake host, with one workspace, and requests that are
 * signed as Slack signs them. */
#ifndef TESTS_UNIT_SLACK_FIXTURE_H
#define TESTS_UNIT_SLACK_FIXTURE_H

#include "test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../plugins/fake_services.h"
#include "base/crypto.h"
#include "slack.h"

#define FX_SECRET "8f742231b10e8888abcd99yyyzzz85a5"
#define FX_JSON "application/json"
#define FX_FORM "application/x-www-form-urlencoded"
#define FX_POSTED "{\"ok\":true,\"ts\":\"1764000002.000300\"}"
#define FX_CHANNEL_KEY "T0ACME001/C0HELP001/1764000000.000100"

static struct fake *fake;

static inline int
set_up_new(void **state)
{
	(void)state;
	fake = fake_new(&teller_plugin);
	fake_set_secret(fake, "signing_secret", FX_SECRET);
	fake_set(fake, "workspaces.acme.team", "T0ACME001");
	fake_set_secret(fake, "workspaces.acme.token", "xoxb-acme");
	fake_set(fake, "names", "false"); /* no calls but those of the test */
	return 0;
}

/* Slack has said whose the token is. */
static inline int
set_up(void **state)
{
	set_up_new(state);
	assert_int_equal(fake_start(fake), 0);
	assert_int_equal(fake->n_fetches, 1);
	fake_fetched(fake, 0, 200,
		     "{\"ok\":true,\"team_id\":\"T0ACME001\",\"user\":"
		     "\"teller\",\"user_id\":\"U0TELLER1\",\"bot_id\":"
		     "\"B0TELLER1\"}");
	fake_run(fake);
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	fake_free(fake);
	return 0;
}

static inline void
fx_sign(const char *secret, const char *at, const char *body, size_t len,
	char out[68])
{
	uint8_t tag[SHA256_SIZE];
	struct buf text;
	buf_init(&text, 4 * 1024 * 1024);
	buf_addf(&text, "v0:%s:", at);
	buf_add(&text, body, len);
	crypto_hmac_sha256(secret, strlen(secret), text.data, text.len, tag);
	buf_release(&text);
	snprintf(out, 68, "v0=");
	for (size_t i = 0; i < sizeof(tag); i++)
		snprintf(out + 3 + 2 * i, 3, "%02x", tag[i]);
}

/* As Slack posts it now. */
static inline struct fake_answer *
post_as(const char *path, const char *type, const char *body, size_t len)
{
	char at[32], signature[68];
	snprintf(at, sizeof(at), "%lld", (long long)(fake->now_us / US_PER_S));
	fx_sign(FX_SECRET, at, body, len, signature);
	const struct teller_header headers[] = {
		{"Content-Type", type},
		{"X-Slack-Request-Timestamp", at},
		{"X-Slack-Signature", signature},
		{NULL, NULL}};
	return fake_request(fake, "POST", path, headers, body, len);
}

static inline struct fake_answer *
post_event(const char *body)
{
	return post_as("/slack/events", FX_JSON, body, strlen(body));
}

/* Decref'ed: it is posted. */
static inline struct fake_answer *
post_json(json_t *document)
{
	char *text = json_dumps(document, 0);
	struct fake_answer *answer = post_event(text);
	free(text);
	json_decref(document);
	return answer;
}

/* An event_callback around that inner event, which is taken over. */
static inline json_t *
envelope(const char *id, json_t *inner)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:[{s:s, s:s, s:b, s:b}]}",
			 "type", "event_callback", "event_id", id, "team_id",
			 "T0ACME001", "api_app_id", "A0TELLER1", "event", inner,
			 "authorizations", "team_id", "T0ACME001", "user_id",
			 "U0TELLER1", "is_bot", 1, "is_enterprise_install", 0);
}

/* A message that a person wrote; thread: NULL without one. */
static inline json_t *
written(const char *channel, const char *ts, const char *thread,
	const char *text)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s}", "type", "message",
			 "channel", channel, "user", "U0ANN0001", "ts", ts,
			 "thread_ts", thread, "text", text);
}

/* Give a member that value, which is taken over; NULL: take it away. */
static inline void
fx_change(json_t *inner, const char *key, json_t *value)
{
	if (value)
		json_object_set_new(inner, key, value);
	else
		json_object_del(inner, key);
}

/* The payload of what somebody pressed, which is decref'ed. */
static inline struct fake_answer *
fx_press(json_t *payload)
{
	static const char hex[] = "0123456789ABCDEF";
	char *text = json_dumps(payload, 0),
	     *body = malloc(3 * strlen(text) + 9);
	size_t n = 8;
	memcpy(body, "payload=", 8);
	for (const char *c = text; *c; c++) {
		body[n++] = '%';
		body[n++] = hex[(unsigned char)*c >> 4];
		body[n++] = hex[(unsigned char)*c & 15];
	}
	struct fake_answer *answer =
		post_as("/slack/interactive", FX_FORM, body, n);
	fake_run(fake);
	free(body);
	free(text);
	json_decref(payload);
	return answer;
}

/* The body of the i-th call of the Web API; decref'ed by the caller. */
static inline json_t *
called(size_t i)
{
	assert_true(i < fake->n_fetches);
	const struct teller_fetch *fetch = &fake->fetches[i]->fetch;
	json_t *body = json_loadb(fetch->body, fetch->body_len, 0, NULL);
	assert_non_null(body);
	return body;
}

static inline const char *
called_url(size_t i)
{
	assert_true(i < fake->n_fetches);
	return fake->fetches[i]->fetch.url;
}

static inline struct fake_outcome *
last_outcome(void)
{
	assert_true(fake->n_outcomes > 0);
	return fake->outcomes[fake->n_outcomes - 1];
}

/* The job of a reply in a thread of a channel. */
static inline struct teller_job
fx_reply(const char *id, const char *text)
{
	struct teller_job job = fake_job(id, FX_CHANNEL_KEY, text);
	job.account = "T0ACME001";
	job.created_at_us = INT64_C(1764000001000000);
	return job;
}

/* A member that is a text, or "". */
static inline const char *
fx_at(const json_t *body, const char *key)
{
	const char *text = json_string_value(json_object_get(body, key));
	return text ? text : "";
}

/* Three parts of it. */
static inline const char *
fx_long_text(void)
{
	static char text[7001];
	memset(text, 'x', sizeof(text) - 1);
	return text;
}

#endif
