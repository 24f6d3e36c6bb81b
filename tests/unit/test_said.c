/* What a customer said, where it is kept and how it is found again: in texts,
 * in the memory, and with messages. */
#include "turn_fixture.h"

#include "base/json.h"
#include "dialog/memory.h"
#include "dialog/said.h"
#include "forms.h"
#include "packs.h"

#define FORM                                                            \
	"forms:\n"                                                      \
	"- name: card_lost\n"                                           \
	"  title: Lost card\n"                                          \
	"  intro: the intro\n"                                          \
	"  closing: 'kept as {{reference}}'\n"                          \
	"  confirm: true\n"                                             \
	"  slots:\n"                                                    \
	"  - {name: day, label: Day, type: date, question: Which day?," \
	" future: false, days_back: 400, words: [date]}\n"              \
	"  - {name: place, label: Place, type: text, question: Where?," \
	" min: 2, max: 20}\n"

#define TRIGGERS                                                           \
	"triggers:\n"                                                      \
	"- {name: human, priority: 1, answer: Of course.,"                 \
	" rules: [{phrases: [person]}]}\n"                                 \
	"- {name: card_lost, priority: 9, answer: Ring., form: card_lost," \
	" rules: [{phrases: [lost my card]}]}\n"

#define SMALLTALK                                           \
	"smalltalk:\n"                                      \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n" \
	"- {name: 'no', answer: No., phrases: ['no']}\n"

static int64_t next_id; /* of a message */
static const char *derived[100];

static int
set_up(void **state)
{
	struct err err;
	char text[8192];
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.smalltalk = SMALLTALK,
		.triggers = TRIGGERS,
		.forms = text,
	};

	(void)state;
	snprintf(text, sizeof text, "%s%s", form_test_head(), FORM);
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	struct index_builder *builder = index_builder_new("en");
	add_fillers(builder);
	know(made, builder);
	the_desk = "desk";
	return 0;
}

static int
begin(void **state)
{
	next_id = 1;
	memset(derived, 0, sizeof derived);
	return fresh(state);
}

/* A burst of messages, and what is kept with each. */
static void
write_all(const char *const *texts, size_t n)
{
	struct message messages[4];

	for (size_t i = 0; i < n; i++) {
		messages[i] = customer(texts[i]);
		messages[i].id = next_id++;
	}
	decide_all(messages, n, the_desk);
	for (size_t i = 0; i < n; i++)
		derived[messages[i].id] = result.derived[i];
}

static void
write_one(const char *text)
{
	write_all(&text, 1);
}

static const char *
find(void *arg, int64_t message_id)
{
	(void)arg;
	return derived[message_id];
}

static const char *
recorded_memory(void)
{
	json_t *record = json_loads(result.record, 0, NULL);
	const char *memory = arena_strdup(
		&arena,
		json_get_text(json_object_get(record, "before"), "memory", ""));

	json_decref(record);
	return memory;
}

static int64_t
remember(const char **memory_r)
{
	return said_remember(&arena, recorded_memory(), next_id - 1, find, NULL,
			     memory_r);
}

static const struct reply *
reply_of(const char *job)
{
	for (size_t i = 0; i < result.n_replies; i++)
		if (strcmp(result.replies[i].job, job) == 0)
			return &result.replies[i];
	fail_msg("there is no %s", job);
	return NULL;
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void
test_a_text_is_whole_or_without_what_was_said(void **state)
{
	(void)state;
	const char *text = arena_printf(
		&arena, "Noted: %s, %s.%s", said_mark(&arena, "Cork"),
		said_mark(&arena, "3 May"), said_mark(&arena, ""));
	assert_string_equal(said_whole(&arena, text), "Noted: Cork, 3 May.");
	assert_string_equal(said_rest(&arena, text), "Noted: [...], [...].");
	assert_null(said_rest(&arena, "Noted: nothing."));
	assert_string_equal(said_whole(&arena, "Noted: [...]."),
			    "Noted: [...].");
}

static void
test_a_long_text_loses_nothing(void **state)
{
	(void)state;
	size_t len = 300 * 1024;
	char *text = arena_new(&arena, len + 1);
	memset(text, 'a', len);
	const char *marked = said_mark(&arena, text);
	assert_string_equal(said_whole(&arena, marked), text);
	assert_string_equal(said_rest(&arena, marked), "[...]");
}

static void
test_a_value_stands_with_the_message_that_has_it(void **state)
{
	static const char *const burst[] = {"hello", "I lost my card",
					    "on 3 November 2023"};

	(void)state;
	write_all(burst, 3);
	assert_string_equal(derived[1], "");
	assert_string_equal(derived[2], "");
	assert_has(derived[3], "{\"values\":{\"day\":\"2023-11-03\"},");
	write_one("Cork");
	assert_has(derived[4], "{\"values\":{\"place\":\"Cork\"},");
	assert_has(recorded_memory(), "[\"day\",\"\",\"ok\",3]");
	write_one("no, the date is 4 November 2023");
	assert_has(derived[5], "{\"values\":{\"day\":\"2023-11-04\"},");
}

static void
test_replies_and_cards_stand_with_the_newest_message(void **state)
{
	static const char *const burst[] = {"I lost my card on 3 November 2023",
					    "call me on +353 87 123 4567"};

	(void)state;
	write_all(burst, 2);
	const struct reply *reply = reply_of("reply");
	assert_int_equal(reply->words_id, 2);
	assert_has(reply->text, "- Day: 3 November 2023");
	assert_has(reply->rest, "- Day: [...]");
	assert_null(strstr(reply->rest, "2023"));
	const struct reply *card = reply_of("desk_card");
	assert_has(card->text, "- Call back: +353871234567");
	assert_has(card->rest, "- Call back: [...]\n- Day: [...]");
	assert_has(derived[2], "\"call_back\":\"+353871234567\"");
	json_t *object = json_loads(derived[2], 0, NULL);
	const json_t *replies = json_object_get(object, "replies");
	assert_string_equal(json_get_text(replies, "reply", ""), reply->text);
	assert_string_equal(json_get_text(replies, "desk_card", ""),
			    card->text);
	json_decref(object);
}

static void
test_the_memory_of_a_record_is_found_again(void **state)
{
	static const char *const texts[] = {"I lost my card on 3 November 2023",
					    "call me on +353 87 123 4567",
					    "Cork",
					    "no, the date is 4 November 2023",
					    "what?",
					    "yes"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *before = conversation.memory, *memory;
		write_one(texts[i]);
		assert_null(strstr(result.record, "Cork"));
		assert_null(strstr(result.record, "1234567"));
		assert_null(strstr(result.record, "2023-11"));
		assert_int_equal(remember(&memory), 0);
		if (i > 0)
			assert_string_equal(memory, before);
	}
	assert_non_null(result.form);
}

static void
test_a_message_that_is_gone_is_named(void **state)
{
	const char *memory;

	(void)state;
	write_one("I lost my card on 3 November 2023");
	write_one("Cork");
	write_one("what?");
	derived[2] = NULL;
	assert_int_equal(remember(&memory), 2);
	derived[2] = "{}";
	assert_int_equal(remember(&memory), 2);
	derived[2] = "no JSON";
	assert_int_equal(remember(&memory), 2);
}

static void
test_values_of_an_older_program_are_kept_with_the_turn(void **state)
{
	const char *memory;

	(void)state;
	conversation.turns = 2;
	conversation.memory =
		"{\"episode\":1,\"call_back\":\"+353871234567\",\"form\":{"
		"\"name\":\"card_lost\",\"begun\":true,\"confirming\":true,"
		"\"at\":1700000000000000,\"values\":"
		"[[\"day\",\"2023-11-03\",\"ok\"],[\"place\",\"Cork\","
		"\"ok\"]]}}";
	conversation.state = STATE_WAITING;
	write_one("the date is 4 November 2023");
	assert_has(derived[1], "\"before\":{\"values\":{\"day\":\"2023-11-03\","
			       "\"place\":\"Cork\"},"
			       "\"call_back\":\"+353871234567\"}");
	assert_has(derived[1], "{\"values\":{\"day\":\"2023-11-04\","
			       "\"place\":\"Cork\"}");
	assert_null(strstr(result.record, "Cork"));
	const char *record = result.record, *after = result.memory;
	assert_int_equal(remember(&memory), 0);
	conversation.memory = memory;
	conversation.state = STATE_WAITING;
	conversation.turns = 2;
	next_id = 1;
	write_one("the date is 4 November 2023");
	assert_string_equal(result.record, record);
	assert_string_equal(result.memory, after);
	write_one("what?");
	assert_int_equal(remember(&memory), 0);
	assert_string_equal(memory, after);
}

static void
test_what_an_agent_writes_goes_with_his_message(void **state)
{
	(void)state;
	write_one("I lost my card on 3 November 2023");
	do_act("claim", "ann", "");
	do_act("agent", "ann", "In Cork?");
	const struct reply *reply = reply_of("agent_text");
	assert_string_equal(reply->text, "In Cork?");
	assert_string_equal(reply->rest, "[...]");
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_text_is_whole_or_without_what_was_said),
		TEST(test_a_long_text_loses_nothing),
		TEST(test_a_value_stands_with_the_message_that_has_it),
		TEST(test_replies_and_cards_stand_with_the_newest_message),
		TEST(test_the_memory_of_a_record_is_found_again),
		TEST(test_a_message_that_is_gone_is_named),
		TEST(test_values_of_an_older_program_are_kept_with_the_turn),
		TEST(test_what_an_agent_writes_goes_with_his_message),
	};
	return cmocka_run_group_tests_name("said", tests, set_up, forget);
}
