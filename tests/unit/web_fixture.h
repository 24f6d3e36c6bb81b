/* The web plugin on the fake host, with a conversation, cnv_1, whose history
 * the test writes and whose reading the test lets happen. */
#ifndef TESTS_UNIT_WEB_FIXTURE_H
#define TESTS_UNIT_WEB_FIXTURE_H

#include "test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../plugins/fake_services.h"
#include "web.h"

#define ID "cnv_1"
#define BASE "/v1/conversations/" ID
#define MAX_SAID 300
#define MAX_READINGS 50
/* `printf %s sesame-open-sesame | sha256sum` */
#define API_KEY "sesame-open-sesame"
#define API_KEY_HASH                       \
	"a157a9fb34f7793d0b5c6e2a82e12cd4" \
	"f01b4bd83293aa71dd61296e9b86b7da"

struct reading {
	size_t after, limit;
	bool is_by_id; /* else by the key that the plugin gave it */
	teller_history_fn *fn;
	void *arg;
};

static struct {
	struct fake *fake;
	const struct teller_services *real; /* of the fake host */
	struct teller_services services;    /* some are the fixture's */
	struct teller_entry said[MAX_SAID];
	int ratings[MAX_SAID]; /* of what was said */
	size_t n_said;
	const char *state;
	bool is_erased, is_refusing, is_local, is_full;
	struct reading readings[MAX_READINGS];
	size_t n_readings;
	char token[WEB_TOKEN_SIZE];
} fx;

static inline struct web *
web(void)
{
	return fx.fake->self;
}

/* ---- The history */

static inline const char *
message_id(size_t n)
{
	return arena_printf(&fx.fake->arena, "msg_%zu", n);
}

/* Its id is msg_ and the number of what has been said; in_reply_to: NULL, or
 * the one that it answers. */
static inline void
say(const char *author, const char *kind, const char *text,
    const char *in_reply_to)
{
	assert_true(fx.n_said < MAX_SAID);
	const char **ids = arena_new(&fx.fake->arena, sizeof *ids);
	*ids = in_reply_to;
	fx.said[fx.n_said++] = (struct teller_entry){
		.size = sizeof(struct teller_entry),
		.id = message_id(fx.n_said),
		.author = author,
		.name = "",
		.kind = kind,
		.text = text,
		.in_reply_to = ids,
		.n_in_reply_to = in_reply_to ? 1 : 0,
		.at_us = INT64_C(1770000000123456),
	};
}

static inline int
fx_history(struct teller_host *host, const char *account, const char *key,
	   const char *after, size_t limit, teller_history_fn *fn, void *arg)
{
	(void)host;
	assert_string_equal(account, "");
	bool is_by_id = strcmp(key, ID) == 0;
	assert_true(is_by_id || strncmp(key, "web:", 4) == 0);
	assert_in_range(limit, 1, 200);
	assert_true(!after || !*after || strncmp(after, "msg_", 4) == 0);
	if (fx.is_refusing)
		return -1;
	assert_true(fx.n_readings < MAX_READINGS);
	fx.readings[fx.n_readings++] = (struct reading){
		.after = after && *after ? strtoul(after + 4, NULL, 10) : 0,
		.limit = limit,
		.is_by_id = is_by_id,
		.fn = fn,
		.arg = arg,
	};
	return 0;
}

static inline void
tell(const struct reading *reading)
{
	size_t first = reading->after < fx.n_said ? reading->after : fx.n_said;
	size_t left = fx.n_said - first;
	struct teller_history history = {.size = sizeof history};
	if (!fx.is_erased) {
		history.found = true;
		history.conversation_id = ID;
		history.state = fx.state;
		history.entries = fx.said + first;
		history.ratings = fx.ratings + first;
		history.more = left > reading->limit;
		history.n_entries = history.more ? reading->limit : left;
	}
	reading->fn(reading->arg, &history);
}

/* What is being read is read; what that leads to is not. */
static inline void
read_once(void)
{
	struct reading readings[MAX_READINGS];
	size_t n = fx.n_readings;
	memcpy(readings, fx.readings, sizeof readings);
	fx.n_readings = 0;
	for (size_t i = 0; i < n; i++)
		tell(&readings[i]);
}

static inline void
read_all(void)
{
	while (fx.n_readings)
		read_once();
}

/* ---- Requests */

static inline struct fake_answer *
request_with(const char *method, const char *path, const char *body,
	     const struct teller_header *more)
{
	char authorization[WEB_TOKEN_SIZE + 16];
	struct teller_header headers[4] = {{"Authorization", authorization}};
	size_t n = 1;
	snprintf(authorization, sizeof authorization, "Bearer %s", fx.token);
	if (body)
		headers[n++] = (struct teller_header){
			"Content-Type", "application/json; charset=utf-8"};
	if (more)
		headers[n++] = *more;
	headers[n] = (struct teller_header){NULL, NULL};
	return fake_request(fx.fake, method, path, headers, body,
			    body ? strlen(body) : 0);
}

static inline struct fake_answer *
get(const char *path)
{
	return request_with("GET", path, NULL, NULL);
}

static inline struct fake_answer *
post(const char *path, const char *body)
{
	return request_with("POST", path, body, NULL);
}

static inline struct fake_answer *
post_keyed(const char *path, const char *body, const char *key)
{
	struct teller_header header = {"Idempotency-Key", key};
	return request_with("POST", path, body, &header);
}

/* The answer's document, decref'ed by the caller. */
static inline json_t *
document(const struct fake_answer *answer)
{
	json_t *found =
		json_loadb(answer->body.data, answer->body.len, 0, NULL);
	assert_non_null(found);
	return found;
}

static inline const char *
text_of(const struct fake_answer *answer, const char *key)
{
	json_t *found = document(answer);
	const char *text =
		arena_strdup(&fx.fake->arena,
			     json_string_value(json_object_get(found, key)));
	json_decref(found);
	return text;
}

static inline void
expect(const struct fake_answer *answer, int status, const char *code)
{
	if (answer->status != status)
		fail_msg("%d %s, not %d %s", answer->status,
			 answer->code ? answer->code : "", status,
			 code ? code : "");
	if (code)
		assert_string_equal(answer->code, code);
}

static inline void
store(size_t i, enum teller_stored_status status, bool is_same)
{
	struct teller_stored stored = {
		.size = sizeof stored,
		.status = status,
		.words = "the test says so",
		.conversation = ID,
		.message = "msg_1",
		.same = is_same,
		.retry_after_s = 7,
	};
	fake_store(fx.fake, i, &stored);
}

/* A reply of the bot to that message. */
static inline struct teller_job
reply_to(const char *const *message, const char *text)
{
	struct teller_job job = fake_job("msg_900", "key", text);
	job.in_reply_to = message;
	job.n_in_reply_to = 1;
	return job;
}

/* ---- Life */

static inline bool
fx_is_local(struct teller_request *request)
{
	(void)request;
	return fx.is_local;
}

static inline int
fx_secret_put(struct teller_host *host, const char *name, const void *value,
	      size_t len, teller_kept_fn *done, void *arg)
{
	if (fx.is_full)
		return -1;
	return fx.real->secret_put(host, name, value, len, done, arg);
}

static inline int
set_up_new(void **state)
{
	(void)state;
	memset(&fx, 0, sizeof fx);
	fx.fake = fake_new(&teller_plugin);
	fx.real = fx.fake->services;
	fx.services = *fx.real;
	fx.services.secret_put = fx_secret_put;
	fx.services.history = fx_history;
	fx.services.http_is_local = fx_is_local;
	fx.fake->services = &fx.services;
	fx.state = "bot";
	return 0;
}

static inline int
set_up(void **state)
{
	set_up_new(state);
	assert_int_equal(fake_start(fx.fake), 0);
	fake_run(fx.fake);
	web_token_make(web(), ID, fx.fake->now_us + INT64_C(3600000000),
		       fx.token);
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	fake_free(fx.fake);
	return 0;
}

#endif
