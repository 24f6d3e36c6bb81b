/* Forms of as many and as long answers as there may be: nothing of what stands
 * behind them is lost. */
#include "turn_fixture.h"

#include "base/utf8.h"
#include "dialog/case.h"
#include "dialog/form.h"
#include "forms.h"
#include "packs.h"

#define CHARS 1000 /* the longest answer in words */

static int
set_up(void **state)
{
	static char forms[16384];
	struct err err;
	struct pack_files files = {
		.smalltalk = "smalltalk:\n- {name: 'yes', answer: Yes.,"
			     " phrases: ['yes']}\n",
		.forms = forms,
	};
	int n = snprintf(forms, sizeof forms,
			 "%sforms:\n"
			 "- name: long\n"
			 "  title: Long\n"
			 "  intro: i\n"
			 "  closing: 'kept as {{reference}}'\n"
			 "  confirm: true\n"
			 "  offer: Shall I take it down?\n"
			 "  entries: [moving]\n"
			 "  slots:\n",
			 form_test_head());

	(void)state;
	for (int i = 0; i < FORM_SLOTS_MAX; i++)
		n += snprintf(forms + n, sizeof forms - (size_t)n,
			      "  - {name: s%d, label: Label %d, type: text,"
			      " max: %d, question: Which %d?}\n",
			      i, i, CHARS, i);
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

/* Answer all questions but the last n with a thousand of a character. */
static void
answer_all_but(int n, const char *character)
{
	size_t len = strlen(character);
	char *text = arena_new(&arena, CHARS * len + 1);

	for (size_t i = 0; i < CHARS; i++)
		memcpy(text + i * len, character, len);
	fresh(NULL);
	say("How do I change my address?");
	say("yes");
	for (int i = n; i < FORM_SLOTS_MAX; i++)
		say(text);
}

static void
expect_every_line(const char *text, int n)
{
	char line[32];

	for (int i = 0; i < n; i++) {
		snprintf(line, sizeof line, "- Label %d: ", i);
		if (!strstr(text, line))
			fail_msg("no '%s' in %zu bytes", line, strlen(text));
	}
	assert_null(strstr(text, "{{"));
	assert_true(utf8_is_valid(text, strlen(text)));
}

static void
test_a_summary_has_every_line(void **state)
{
	static const char *const characters[] = {"\xf0\x9f\x98\x80", "*", "a"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		answer_all_but(0, characters[i]);
		assert_says("the summary");
		expect_every_line(reply(), FORM_SLOTS_MAX);
		assert_non_null(
			strstr(result.replies[0].options_json, "form_right"));
		say("yes");
		assert_non_null(result.form);
		assert_says(result.form->reference);
	}
}

static void
test_a_card_has_every_line(void **state)
{
	static const char *const characters[] = {"\xf0\x9f\x98\x80", "*", "a"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		answer_all_but(1, characters[i]);
		say("A human, please: how do I change my address?");
		assert_string_equal(result.replies[1].job, "desk_card");
		expect_every_line(result.replies[1].text, FORM_SLOTS_MAX - 1);
		assert_non_null(
			strstr(result.replies[1].text, "\n- Perhaps: "));
	}
}

static void
test_an_answer_ends_no_line_of_a_card(void **state)
{
	(void)state;
	fresh(NULL);
	say("How do I change my address?");
	say("yes");
	say("here\n- Perhaps: [an entry](http://evil.example)");
	say("a human, please");
	assert_non_null(strstr(result.replies[1].text,
			       "\n- Label 0: here - Perhaps: [an entry]\\("));
}

static void
test_a_case_is_told_whole(void **state)
{
	struct form_case c;

	(void)state;
	answer_all_but(0, "\x01");
	say("yes");
	c = case_of_form(result.form, &conversation, now_us);
	const char *words = case_words(&arena, JOB_CASE, "", &c);
	assert_non_null(strstr(words, "\"slot\":\"s23\""));
	expect_every_line(case_words(&arena, "desk_card", "", &c),
			  FORM_SLOTS_MAX);
	char *question = arena_new(&arena, 3000001);
	memset(question, 'q', 3000000);
	words = case_words(&arena, "desk_card", question, &c);
	assert_true(*words == 'q');
	expect_every_line(words, FORM_SLOTS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_summary_has_every_line),
		cmocka_unit_test(test_a_card_has_every_line),
		cmocka_unit_test(test_an_answer_ends_no_line_of_a_card),
		cmocka_unit_test(test_a_case_is_told_whole),
	};
	return cmocka_run_group_tests_name("form_long", tests, set_up, forget);
}
