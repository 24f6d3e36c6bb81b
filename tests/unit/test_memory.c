/* What a conversation remembers, as a damaged store may have it: no number,
 * type or length of it keeps a turn from being decided. */
#include "turn_fixture.h"

#include "base/json.h"
#include "dialog/memory.h"
#include "forms.h"
#include "packs.h"

#define FORMS                                                            \
	"forms:\n"                                                       \
	"- name: address\n"                                              \
	"  title: New address\n"                                         \
	"  intro: the intro\n"                                           \
	"  closing: 'kept as {{reference}}'\n"                           \
	"  offer: Shall I take it down?\n"                               \
	"  entries: [moving]\n"                                          \
	"  confirm: true\n"                                              \
	"  slots:\n"                                                     \
	"  - {name: day, label: From, type: date, question: From when?," \
	" words: [date]}\n"                                              \
	"  - {name: rent, label: Rent, type: amount, question: Rent?}\n" \
	"  - {name: address, label: Address, type: text,"                \
	" question: Which address?}\n"

#define SMALLTALK                                           \
	"smalltalk:\n"                                      \
	"- {name: 'yes', answer: Yes., phrases: ['yes']}\n" \
	"- {name: never_mind, answer: Fine., phrases: [never mind]}\n"

static int
set_up(void **state)
{
	static char forms[8192];
	struct err err;
	struct pack_files files = {
		.entities = "currency: EUR\ndates: day_first\n",
		.smalltalk = SMALLTALK,
		.forms = forms,
	};

	(void)state;
	snprintf(forms, sizeof forms, "%s%s", form_test_head(), FORMS);
	struct pack *made = pack_of_files(&files, &err);
	if (!made)
		fail_msg("%s", err.text);
	struct index_builder *builder = index_builder_new("en");
	add_entry(builder, "moving", "How do I change my address?",
		  "In the app, under Profile.", 0);
	add_fillers(builder);
	know(made, builder);
	the_desk = "desk";
	return 0;
}

/* A memory that has everything. */
static json_t *
whole_memory(void)
{
	static const char text[] =
		"{\"episode\":1,\"since\":5,\"asked\":5,\"told\":false,"
		"\"desk\":\"desk\",\"call_back\":\"+353\",\"owes\":false,"
		"\"offered\":[\"faq:moving\",\"form:address\"],"
		"\"shown\":[\"faq:moving\",\"form:address\",\"slot:a:b\"],"
		"\"topic\":\"moving\",\"topic_intent\":\"\","
		"\"topic_words\":\"change address\",\"topic_age\":1,"
		"\"topic_at\":5,\"form\":{\"name\":\"address\","
		"\"slot\":\"rent\",\"trigger\":\"\",\"last\":\"day\","
		"\"done\":\"\",\"begun\":true,\"paused\":false,"
		"\"confirming\":false,\"reasks\":1,\"between\":1,"
		"\"at\":1699999999000000,"
		"\"values\":[[\"day\",\"2023-11-14\",\"ok\"]]}}";
	json_t *memory = json_read(text, strlen(text), 4, NULL);

	assert_non_null(memory);
	return memory;
}

static void
expect_bounds(const char *text)
{
	struct memory memory;

	memory_read(&memory, &arena, text);
	const int counts[] = {memory.episode, memory.topic.age,
			      memory.form.reasks, memory.form.between};
	const int64_t times[] = {memory.since_us, memory.asked_us,
				 memory.topic.at_us, memory.form.at_us};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		assert_in_range(counts[i], 0, JSON_COUNT_MAX);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		assert_in_range(times[i], 0, JSON_TIME_MAX_US);
}

/* Every turn is decided, and leaves a memory that can be read. */
static void
decide_with(const char *memory)
{
	static const char *const texts[] = {"How do I change my address?",
					    "and the rent?",
					    "yes",
					    "never mind",
					    "no, the 3rd",
					    "change the date",
					    "12 euro",
					    "???",
					    "human"};
	static const char *const kinds[] = {"unclaimed", "lease_ended",
					    "claim"};
	static const enum conversation_state states[] = {
		STATE_BOT, STATE_WAITING, STATE_PERSON, STATE_CLOSED};

	expect_bounds(memory);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) {
			fresh(NULL);
			conversation.state = states[i];
			conversation.memory = memory;
			say(texts[j]);
			assert_true(result.n_replies > 0);
			say(texts[j]);
			expect_bounds(result.memory);
		}
		for (size_t j = 0; j < sizeof kinds / sizeof *kinds; j++) {
			fresh(NULL);
			conversation.state = states[i];
			conversation.memory = memory;
			do_act(kinds[j], "ann", "");
			expect_bounds(result.memory);
		}
	}
	arena_release(&arena);
}

/* Decide with each member of an object, in the memory, set to the value. */
static void
set_each(json_t *memory, json_t *object, json_t *value)
{
	const char *key;
	void *next;
	json_t *was;

	json_object_foreach_safe(object, next, key, was)
	{
		json_incref(was);
		json_object_set(object, key, value);
		char *text = json_text(memory);
		decide_with(text);
		free(text);
		json_object_set_new(object, key, was);
	}
}

static void
decide_with_each(json_t *value)
{
	json_t *memory = whole_memory();

	set_each(memory, memory, value);
	set_each(memory, json_object_get(memory, "form"), value);
	json_decref(memory);
	json_decref(value);
}

static void
test_numbers_may_be_any(void **state)
{
	static const int64_t numbers[] = {INT64_MIN, -1,	 0,	   1,
					  INT32_MAX, UINT32_MAX, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		decide_with_each(json_integer(numbers[i]));
}

static void
test_types_may_be_any(void **state)
{
	(void)state;
	decide_with_each(json_true());
	decide_with_each(json_null());
	decide_with_each(json_real(-1e300));
	decide_with_each(json_array());
	decide_with_each(json_object());
	decide_with_each(json_pack("[[s,s,s],[i],s]", "rent", "99999999999999",
				   "ok", 1, ""));
}

static void
test_texts_may_be_any(void **state)
{
	char *text = mem_new(100001);

	(void)state;
	memset(text, '9', 100000);
	decide_with_each(json_string(text));
	memset(text, '-', 100000);
	decide_with_each(json_string(text));
	decide_with_each(json_string(""));
	decide_with_each(json_string("999999999-99-99"));
	free(text);
}

static void
test_what_is_no_memory_is_a_fresh_one(void **state)
{
	size_t len = 2 * 1024 * 1024;
	char *text = mem_new(len + 1);

	(void)state;
	memset(text, '[', len);
	decide_with(text);
	snprintf(text, len, "{\"episode\":7,\"desk\":\"");
	memset(text + strlen(text), 'x', len - strlen(text));
	memcpy(text + len - 2, "\"}", 3);
	decide_with(text);
	decide_with("{\"episode\":99999999999999999999}");
	decide_with("{\"form\":{\"values\":[[[[[[]]]]]]}}");
	decide_with("\xff");
	free(text);
}

static void
test_failed_turns_may_be_any(void **state)
{
	static const int numbers[] = {INT32_MIN, -1, 3, INT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		fresh(NULL);
		conversation.failed_turns = numbers[i];
		for (int turns = 0; turns < 3; turns++)
			say("xyzzy plugh");
		assert_int_equal(conversation.state, STATE_WAITING);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_may_be_any),
		cmocka_unit_test(test_types_may_be_any),
		cmocka_unit_test(test_texts_may_be_any),
		cmocka_unit_test(test_what_is_no_memory_is_a_fresh_one),
		cmocka_unit_test(test_failed_turns_may_be_any),
	};
	return cmocka_run_group_tests_name("memory", tests, set_up, forget);
}
