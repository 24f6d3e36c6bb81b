/* Payloads of Slack's in which something is missing, of another type, or out of
 * all bounds: whatever they are, they are answered, and what is made of them is
 * what the host takes.  Those that others keep as examples take part where
 * $TELLERD_DATA has them. */
#include "slack_fixture.h"

#include <dirent.h>

/* Changes of each payload, always the same ones. */
#define ROUNDS_OURS 200
#define ROUNDS_OTHERS 20
#define DEEP 60

/* ---- Chance */

/* Marsaglia's xorshift. */
static uint32_t
next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static json_t *
make_deep(void)
{
	json_t *value = json_object();
	for (int i = 0; i < DEEP; i++)
		value = json_pack("{s:[o]}", "event", value);
	return value;
}

static json_t *
make_long(size_t len)
{
	char *text = malloc(len);
	memset(text, 'x', len);
	json_t *value = json_stringn(text, len);
	free(text);
	return value;
}

/* Anything but what should stand there. */
static json_t *
make_value(uint32_t *seed)
{
	static const char *const texts[] = {
		"",
		"D1",
		"C0HELP001",
		"T0ACME001",
		"U0TELLER1",
		"9223372036854775807.1",
		"1764000000.000100",
		"-1.5",
		"message",
		"app_mention",
		"block_actions",
		"event_callback",
		"a\nb\r\n\x01",
		"\xe2\x80\xae\xf0\x9f\x98\x80",
		"<@U0TELLER1> <@U2|x> <!date^1^{date}|f> <#C1|> <http://x|",
		"//////////",
		"%s%n%s"};
	switch (next(seed) % 10) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(next(seed) % 2);
	case 2:
		return json_integer(next(seed) % 2 ? INT64_MAX : INT64_MIN);
	case 3:
		return json_real(1e308);
	case 4:
		return json_array();
	case 5:
		return json_object();
	case 6:
		return make_deep();
	case 7:
		return make_long(next(seed) % 2 ? 300 : 90000);
	default:
		return json_string(
			texts[next(seed) % (sizeof(texts) / sizeof(*texts))]);
	}
}

static void
change_array(json_t *array, size_t i, uint32_t *seed)
{
	switch (next(seed) % 3) {
	case 0:
		json_array_remove(array, i);
		break;
	case 1:
		json_array_append(array, json_array_get(array, i));
		break;
	default:
		json_array_set_new(array, i, make_value(seed));
	}
}

/* Somewhere within it. */
static void
change_one(json_t *value, uint32_t *seed)
{
	bool is_array = json_is_array(value);
	size_t n = is_array ? json_array_size(value) : json_object_size(value);
	void *iter = json_object_iter(value);
	size_t i = n > 0 ? next(seed) % n : 0;
	if (n == 0)
		return;
	for (size_t k = 0; k < i && !is_array; k++)
		iter = json_object_iter_next(value, iter);
	json_t *child = is_array ? json_array_get(value, i)
				 : json_object_iter_value(iter);
	bool has_more = json_array_size(child) + json_object_size(child) > 0;
	if (has_more && next(seed) % 4 > 0)
		change_one(child, seed);
	else if (is_array)
		change_array(value, i, seed);
	else if (next(seed) % 4 == 0)
		json_object_del(value, json_object_iter_key(iter));
	else
		json_object_iter_set_new(value, iter, make_value(seed));
}

/* ---- What must be so */

static void
check_message(const struct teller_message *m)
{
	assert_string_equal(m->account, "T0ACME001");
	if (m->kind == TELLER_MESSAGE_ACCOUNT_GONE)
		return;
	assert_true(*m->conversation && m->author.id && *m->author.id);
	assert_non_null(m->external_ids[0]);
	assert_true(m->text_len <= TELLER_TEXT_MAX);
	assert_int_not_equal(m->author.trust, TELLER_TRUST_AGENT);
}

/* At the desk: only Ann is one of its agents. */
static void
check_act(const struct teller_message *m)
{
	if (m->author.trust != TELLER_TRUST_AGENT) {
		check_message(m);
		return;
	}
	assert_string_equal(m->account, "");
	assert_string_equal(m->conversation, "cnv_1");
	assert_string_equal(m->author.id, "T0ACME001/U0ANN0001");
	assert_non_null(m->external_ids[0]);
	assert_true(m->text_len <= TELLER_TEXT_MAX);
}

static void (*check)(const struct teller_message *) = check_message;

static struct fake_answer *
post(const json_t *payload)
{
	char *text = json_dumps(payload, 0);
	const char *type = fx_at(payload, "type");
	bool is_event = strcmp(type, "event_callback") == 0 ||
			json_object_get(payload, "event");
	char *form = malloc(3 * strlen(text) + 9);
	size_t n = (size_t)snprintf(form, 9, "payload=");
	for (const char *c = text; *c; c++)
		n += (size_t)snprintf(form + n, 4, "%%%02X", (unsigned char)*c);
	struct fake_answer *answer =
		is_event ? post_event(text)
			 : post_as("/slack/interactive", FX_FORM, form, n);
	fake_run(fake);
	free(form);
	free(text);
	return answer;
}

/* One change, or several of them. */
static void
try_changes(const json_t *payload, const char *name, int rounds)
{
	uint32_t seed = 20251129;
	for (int i = 0; i < rounds; i++) {
		json_t *changed = json_deep_copy(payload);
		size_t before = fake->n_messages;
		for (uint32_t k = next(&seed) % 3 + 1; k > 0; k--)
			change_one(changed, &seed);
		int status = post(changed)->status;
		if (status != 200 && status != 400)
			fail_msg("%s, round %d: %d", name, i, status);
		for (size_t k = before; k < fake->n_messages; k++)
			check(&fake->messages[k]->message);
		assert_true(fake->n_messages <= before + 1);
		json_decref(changed);
	}
}

/* A host has room for no end of them, the fake one for a thousand. */
static void
start_anew(void **state)
{
	fake_free(fake);
	set_up(state);
}

/* What was written now reads otherwise, or, now NULL, is gone. */
static json_t *
changed(const char *now)
{
	json_t *before = written("D0ANN0001", "1764000000.000100", NULL, "a");
	json_t *after =
		now ? written("D0ANN0001", "1764000000.000100", NULL, now)
		    : NULL;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:o, s:o*}", "type",
			 "message", "subtype",
			 now ? "message_changed" : "message_deleted", "channel",
			 "D0ANN0001", "ts", "1764000005.000200", "event_ts",
			 "1764000005.000200", "hidden", 1, "previous_message",
			 before, "message", after);
}

/* The form below a thumb, filled in. */
static json_t *
commented(void)
{
	return json_pack(
		"{s:s, s:{s:s, s:s}, s:{s:s}, s:{s:s, s:s, s:s, s:{s:{"
		"s:{s:{s:{s:s}}}, s:{s:{s:s}}}}}}",
		"type", "view_submission", "user", "id", "U0ANN0001", "team_id",
		"T0ACME001", "team", "id", "T0ACME001", "view", "id", "V1",
		"callback_id", "comment", "private_metadata",
		"{\"conversation\":\"" FX_CHANNEL_KEY "\",\"reply\":\"msg_7\"}",
		"state", "values", "reason", "reason", "selected_option",
		"value", "wrong", "comment", "comment", "value", "no");
}

static void
test_ours_do_no_harm(void **state)
{
	json_t *payloads[] = {
		commented(),
		envelope("Ev4", changed("b")),
		envelope("Ev5", changed(NULL)),
		envelope("Ev6",
			 json_pack("{s:s, s:s, s:s, s:s, s:s}", "type",
				   "agent_session_stopped", "channel",
				   "D0ANN0001", "thread_ts",
				   "1764000000.000100", "user", "U0ANN0001",
				   "event_ts", "1764000001.000100")),
		envelope("Ev1", written("D0ANN0001", "1764000000.000100", NULL,
					"where is my card?")),
		envelope("Ev2", written("C0HELP001", "1764000009.000100",
					"1764000000.000100", "and when?")),
		envelope("Ev3", json_pack("{s:s, s:{s:[s], s:[s]}}", "type",
					  "tokens_revoked", "tokens", "oauth",
					  "U1", "bot", "U0TELLER1")),
		json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:s}, s:{s:s, s:s, s:s},"
			  " s:[{s:s, s:s, s:s}]}",
			  "type", "block_actions", "user", "id", "U0ANN0001",
			  "team_id", "T0ACME001", "name", "ann", "team", "id",
			  "T0ACME001", "container", "message_ts",
			  "1764000002.000300", "channel_id", "C0HELP001",
			  "thread_ts", "1764000000.000100", "actions",
			  "action_id", "up", "value", "msg_7", "action_ts",
			  "1.5")};
	json_t *inner = json_object_get(payloads[4], "event");
	fx_change(inner, "files",
		  json_pack("[{s:s, s:s, s:i}]", "name", "a.pdf", "mimetype",
			    "application/pdf", "size", 92582));
	fx_change(inner, "blocks", json_pack("[{s:s}]", "type", "rich_text"));
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++) {
		assert_non_null(payloads[i]);
		start_anew(state);
		fake_set_state(fake, "thread/" FX_CHANNEL_KEY, "1");
		post(payloads[i]);
		assert_int_equal(fake->n_messages, 1);
		try_changes(payloads[i], "ours", ROUNDS_OURS);
		json_decref(payloads[i]);
	}
}

/* Ann is known, and has a card. */
static void
start_desk(void)
{
	fake_free(fake);
	set_up_new(NULL);
	fake_set(fake, "desk.acme.channel", "C0DESK0001");
	fake_set(fake, "desk.acme.agents", "U0ANN0001");
	fake_set_state(fake, "desk/C0DESK0001/1764000000.000100", "cnv_1");
	fake_set_state(fake, "claimant/cnv_1/T0ACME001/U0ANN0001", "1");
	assert_int_equal(fake_start(fake), 0);
}

static void
test_nobody_else_is_an_agent(void **state)
{
	json_t *payloads[] = {
		envelope("Ev1", written("C0DESK0001", "1764000009.000100",
					"1764000000.000100", "Which line?")),
		json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:s}, s:{s:s, s:s},"
			  " s:[{s:s, s:s, s:s}]}",
			  "type", "block_actions", "user", "id", "U0ANN0001",
			  "team_id", "T0ACME001", "name", "ann", "team", "id",
			  "T0ACME001", "container", "message_ts",
			  "1764000000.000100", "channel_id", "C0DESK0001",
			  "actions", "action_id", "desk_claim", "value",
			  "cnv_1", "action_ts", "1.5")};
	(void)state;
	check = check_act;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++) {
		start_desk();
		post(payloads[i]);
		assert_int_equal(fake->n_fetches, 2);
		fake_fetched(fake, 1, 200,
			     "{\"ok\":true,\"user\":{\"name\":\"ann\"}}");
		fake_run(fake);
		assert_int_equal(fake->n_messages, 1);
		try_changes(payloads[i], "an act", ROUNDS_OURS);
		json_decref(payloads[i]);
	}
	check = check_message;
}

static void
try_folder(void **state, const char *folder)
{
	struct dirent **found;
	int n = scandir(folder, &found, NULL, alphasort), n_tried = 0;
	for (int i = 0; i < n; i++) {
		start_anew(state);
		const char *path = arena_printf(&fake->arena, "%s/%s", folder,
						found[i]->d_name);
		json_t *payload = json_load_file(path, 0, NULL);
		if (json_is_object(payload)) {
			try_changes(payload, found[i]->d_name, ROUNDS_OTHERS);
			n_tried++;
		}
		json_decref(payload);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	print_message("# %d payloads of %s\n", n_tried, strrchr(folder, '/'));
}

static void
test_those_of_others_do_no_harm(void **state)
{
	static const char *const folders[] = {
		"bolt-python-payloads", "java-slack-sdk-json-logs/events",
		"java-slack-sdk-json-logs/app-backend/interactive-components"};
	const char *data = getenv("TELLERD_DATA");
	if (!data)
		test_skip("TELLERD_DATA is not set");
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char folder[500];
		snprintf(folder, sizeof(folder), "%s/fixtures/slack/%s", data,
			 folders[i]);
		try_folder(state, folder);
	}
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_ours_do_no_harm),
		STARTED(test_nobody_else_is_an_agent),
		STARTED(test_those_of_others_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
