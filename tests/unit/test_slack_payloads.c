/* What others keep as examples of what Slack sends, read from $TELLERD_DATA:
 * signatures, and every payload of the SDKs' own tests, posted as Slack would
 * post it. */
#include "slack_fixture.h"

#include <dirent.h>

#include "error.h"

#define FOLDER "fixtures/slack"
#define FILES_MAX 400

/* Decref'ed by the caller; NULL: it is no JSON. */
static json_t *
load(const char *folder, const char *name)
{
	const char *data = getenv("TELLERD_DATA");
	if (!data)
		test_skip("TELLERD_DATA is not set");
	return json_load_file(arena_printf(&fake->arena, "%s/" FOLDER "/%s/%s",
					   data, folder, name),
			      0, NULL);
}

/* Names of the folder's files of that ending, in order. */
static size_t
list(const char *folder, const char *ending, const char *names[FILES_MAX])
{
	const char *data = getenv("TELLERD_DATA");
	struct dirent **found;
	if (!data)
		test_skip("TELLERD_DATA is not set");
	int n = scandir(
		arena_printf(&fake->arena, "%s/" FOLDER "/%s", data, folder),
		&found, NULL, alphasort);
	if (n < 0)
		test_skip("TELLERD_DATA has no " FOLDER "/%s", folder);
	size_t n_names = 0;
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(found[i]->d_name, '.');
		if (dot && strcmp(dot, ending) == 0 && n_names < FILES_MAX)
			names[n_names++] =
				arena_strdup(&fake->arena, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return n_names;
}

/* ---- Signatures */

static const char *
get(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static int
hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Signed, whatever it is, it is read: a bad one is 401, a good one is not. */
static bool
is_let_in(const json_t *vector)
{
	const char *hex = get(vector, "body_hex");
	size_t len = strlen(hex) / 2;
	char *body = arena_new(&fake->arena, len + 1);
	for (size_t i = 0; i < len; i++)
		body[i] = (char)(hex_digit(hex[2 * i]) << 4 |
				 hex_digit(hex[2 * i + 1]));
	const struct teller_header headers[] = {
		{"Content-Type", FX_JSON},
		{"X-Slack-Request-Timestamp", get(vector, "timestamp")},
		{"X-Slack-Signature", get(vector, "signature")},
		{NULL, NULL}};
	fake_set_secret(fake, "signing_secret", get(vector, "secret"));
	fake->now_us =
		json_integer_value(json_object_get(vector, "now")) * US_PER_S;
	return fake_request(fake, "POST", "/slack/events", headers, body, len)
		       ->status != 401;
}

static void
test_published_signatures_are_told_apart(void **state)
{
	json_t *vectors = load("signature-vectors", "vectors.json"), *vector;
	size_t i;
	(void)state;
	if (!vectors)
		test_skip("TELLERD_DATA has no signatures");
	json_array_foreach (vectors, i, vector) {
		bool is_good = json_is_true(json_object_get(vector, "valid"));
		if (is_let_in(vector) != is_good)
			fail_msg("%s", get(vector, "name"));
	}
	print_message("# %zu signatures\n", i);
	json_decref(vectors);
}

/* ---- Payloads */

static struct fake_answer *
post_payload(const json_t *payload)
{
	char *text = json_dumps(payload, 0);
	bool is_event = json_object_get(payload, "event") != NULL ||
			strcmp(get(payload, "type"), "url_verification") == 0;
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

/* Those of the SDK's examples that are a question to the bot, by file; in all
 * others it is nobody who asks. */
static const char *const questions[] = {
	"app.app_mention_event_body.334.json",
	"aws_chalice.input.75.json",
	"events_assistant.user_message_event_body.303.json",
	"events_assistant.user_message_event_body_with_action_token.341.json",
	("events_assistant.user_message_event_body_with_assistant_thread.322."
	 "json"),
	"events_org_apps.event_payload.203.json",
	"events_say_stream.org_app_mention_event_body.196.json",
	"events_shared_channels.valid_event_body.60.json",
};

static bool
is_question(const char *name)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++)
		if (strcmp(questions[i], name) == 0)
			return true;
	return false;
}

/* Whatever workspace an example is of, it is one of ours. */
static void
admit(json_t *payload)
{
	json_t *first =
		json_array_get(json_object_get(payload, "authorizations"), 0);
	if (json_object_get(payload, "event"))
		json_object_set_new(payload, "team_id",
				    json_string("T0ACME001"));
	json_object_set_new(first, "team_id", json_string("T0ACME001"));
	json_object_set_new(first, "is_enterprise_install", json_false());
}

static bool
is_text(size_t from)
{
	for (size_t i = from; i < fake->n_messages; i++)
		if (fake->messages[i]->message.kind == TELLER_MESSAGE_TEXT)
			return true;
	return false;
}

static void
test_the_examples_of_the_python_sdk_are_judged(void **state)
{
	const char *names[FILES_MAX];
	size_t n = list("bolt-python-payloads", ".json", names), n_asked = 0;
	(void)state;
	for (size_t i = 0; i < n; i++) {
		json_t *payload = load("bolt-python-payloads", names[i]);
		size_t before = fake->n_messages;
		if (!json_is_object(payload)) {
			json_decref(payload);
			continue;
		}
		admit(payload);
		/* One is there for having no type. */
		bool is_bad = json_object_get(payload, "event") &&
			      !json_object_get(payload, "type");
		if (post_payload(payload)->status != (is_bad ? 400 : 200))
			fail_msg("%s is not taken", names[i]);
		if (is_text(before) != is_question(names[i]))
			fail_msg("%s is judged wrongly", names[i]);
		n_asked += is_text(before);
		json_decref(payload);
	}
	assert_int_equal(n_asked, sizeof(questions) / sizeof(*questions));
	print_message("# %zu payloads, %zu questions\n", n, n_asked);
}

static void
test_forms_of_the_python_sdk_do_no_harm(void **state)
{
	const char *names[FILES_MAX];
	size_t n = list("bolt-python-payloads", ".form", names);
	(void)state;
	for (size_t i = 0; i < n; i++) {
		char body[16384];
		FILE *file = fopen(
			arena_printf(&fake->arena,
				     "%s/" FOLDER "/bolt-python-payloads/%s",
				     getenv("TELLERD_DATA"), names[i]),
			"r");
		assert_non_null(file);
		size_t len = fread(body, 1, sizeof(body), file);
		fclose(file);
		int status =
			post_as("/slack/events", FX_FORM, body, len)->status;
		assert_true(status == 200 || status == 400);
	}
	fake_run(fake);
	assert_false(is_text(0));
}

/* Samples of every field that there was, with blanks for values. */
static void
test_the_samples_of_the_java_sdk_do_no_harm(void **state)
{
	static const char *const folders[] = {
		"java-slack-sdk-json-logs/events",
		"java-slack-sdk-json-logs/app-backend/interactive-components",
		"java-slack-sdk-json-logs/app-backend/dialogs",
		"java-slack-sdk-json-logs/app-backend/views"};
	const char *names[FILES_MAX];
	size_t n_posted = 0;
	(void)state;
	for (size_t f = 0; f < sizeof(folders) / sizeof(*folders); f++) {
		size_t n = list(folders[f], ".json", names);
		for (size_t i = 0; i < n; i++) {
			json_t *payload = load(folders[f], names[i]);
			if (json_is_object(payload)) {
				assert_int_not_equal(
					post_payload(payload)->status, 500);
				n_posted++;
			}
			json_decref(payload);
		}
	}
	assert_int_equal(fake->n_messages, 0);
	print_message("# %zu samples\n", n_posted);
}

/* ---- Errors */

static size_t
check_errors(const json_t *methods, const char *name)
{
	const json_t *method = json_object_get(methods, name), *error;
	enum api_result result;
	size_t i;
	json_array_foreach (json_object_get(method, "errors"), i, error)
		if (!error_find(json_string_value(error), &result))
			fail_msg("%s of %s", json_string_value(error), name);
	return i;
}

static void
test_what_the_reference_names_has_a_meaning(void **state)
{
	static const char *const called[] = {"agents.sessions.setStatus",
					     "apps.connections.open",
					     "assistant.threads.setStatus",
					     "auth.test",
					     "chat.appendStream",
					     "chat.delete",
					     "chat.postEphemeral",
					     "chat.postMessage",
					     "chat.startStream",
					     "chat.stopStream",
					     "chat.update",
					     "conversations.history",
					     "conversations.info",
					     "conversations.join",
					     "conversations.members",
					     "conversations.open",
					     "conversations.replies",
					     "oauth.v2.access",
					     "reactions.add",
					     "reactions.remove",
					     "users.info",
					     "views.open",
					     "views.publish",
					     "views.update"};
	json_t *methods = load("web-api-methods", "methods.json");
	size_t n = 0;
	(void)state;
	if (!methods)
		test_skip("TELLERD_DATA has no methods");
	for (size_t i = 0; i < sizeof(called) / sizeof(*called); i++)
		n += check_errors(methods, called[i]);
	assert_true(n > 800);
	print_message("# %zu errors\n", n);
	json_decref(methods);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(test_published_signatures_are_told_apart),
		STARTED(test_the_examples_of_the_python_sdk_are_judged),
		STARTED(test_forms_of_the_python_sdk_do_no_harm),
		STARTED(test_the_samples_of_the_java_sdk_do_no_harm),
		STARTED(test_what_the_reference_names_has_a_meaning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
