/* What is said of a case, to people and to programs. */
#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialog/case.h"
#include "dialog/form.h"
#include "store/conversation.h"

#define SLOTS                                                            \
	"[{\"slot\":\"day\",\"label\":\"Moving day\",\"type\":\"date\"," \
	"\"value\":\"2026-11-03\",\"verdict\":\"ok\"},"                  \
	"{\"slot\":\"card\",\"label\":\"Card\",\"type\":\"card\","       \
	"\"value\":\"[card ok ...1111]\",\"verdict\":\"ok\"},"           \
	"{\"slot\":\"to\",\"label\":\"To\",\"type\":\"text\",\"value\":" \
	"\"1 *New* Rd\\n# [x](http://y) <b> &amp; `c`\",\"verdict\":"    \
	"\"ok\"},{\"slot\":\"why\",\"label\":\"Why\",\"type\":\"text\"," \
	"\"value\":\"\",\"verdict\":\"skipped\"},{\"slot\":\"tel\","     \
	"\"label\":\"Telephone\",\"type\":\"phone\",\"value\":\"\","     \
	"\"verdict\":\"open\"}]"

static const struct conversation conversation = {.public_id = "cnv_1",
						 .channel = "web"};
static struct form_result form = {
	.form = "address",
	.title = "Change of address",
	.reference = "7KM3Q-X9D2T-H",
	.slots = SLOTS,
};

static const char *
text_of(const struct form_case *c)
{
	static char text[1024];
	struct buf out;

	buf_init(&out, sizeof text - 1);
	case_text(&out, c);
	memcpy(text, buf_str(&out), out.len + 1);
	buf_release(&out);
	return text;
}

static void
test_people_read_what_was_answered(void **state)
{
	struct form_case c = case_of_form(&form, &conversation, 0);

	(void)state;
	assert_string_equal(
		text_of(&c),
		"**Change of address**, case 7KM3Q-X9D2T-H, not complete\n"
		"\n- Moving day: 2026-11-03"
		"\n- Card: [card ok ...1111]"
		"\n- To: 1 \\*New\\* Rd # [x]\\(http://y) \\<b\\> \\&amp; "
		"\\`c\\`"
		"\n- Why: (skipped)"
		"\n- Telephone: (open)");
	c.draft.is_complete = true;
	c.draft.slots_json = "damaged";
	assert_string_equal(text_of(&c),
			    "**Change of address**, case 7KM3Q-X9D2T-H\n");
}

static void
test_programs_get_json(void **state)
{
	struct form_case c = case_of_form(&form, &conversation, 1500000);
	struct arena arena = {0};

	(void)state;
	assert_string_equal(
		case_words(&arena, JOB_CASE, "I move", &c),
		"{\"type\":\"case.opened\",\"timestamp\":"
		"\"1970-01-01T00:00:01.500Z\",\"data\":{\"reference\":"
		"\"7KM3Q-X9D2T-H\",\"form\":\"address\",\"title\":\"Change of "
		"address\",\"complete\":false,\"conversation\":\"cnv_1\","
		"\"channel\":\"web\",\"slots\":" SLOTS "}}");
	arena_release(&arena);
}

static void
test_a_card_has_the_words_and_the_case(void **state)
{
	struct form_case c = case_of_form(&form, &conversation, 0);
	struct arena arena = {0};

	(void)state;
	const char *words = case_words(&arena, "desk_card", "I move", &c);
	assert_memory_equal(words, "I move\n\n**Change of address**, case", 34);
	words = case_words(&arena, "desk_card", "", &c);
	assert_memory_equal(words, "**Change of address**, case", 27);
	assert_string_equal(case_words(&arena, "desk_card", "I move", NULL),
			    "I move");
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_people_read_what_was_answered),
		cmocka_unit_test(test_programs_get_json),
		cmocka_unit_test(test_a_card_has_the_words_and_the_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
