#include "test.h"

#include <stdio.h>
#include <string.h>

#include "text/question.h"
#include "text/tokens.h"

static bool
is_elliptical(const char *text, const char *language)
{
	struct tokens tokens;

	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, text, strlen(text), language),
			 0);
	bool is_it = text_is_elliptical(&tokens, language);
	tokens_release(&tokens);
	return is_it;
}

static void
test_what_leaves_out_its_subject_is_told(void **state)
{
	static const char *const texts[] = {
		"and for a joint account?",
		"how much is it?",
		"what about abroad",
		"and how long does that take?",
		"How long?",
		"Is it free?",
		"can I cancel it",
		"with a credit card?",
		"why?",
		"also in another currency?",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!is_elliptical(texts[i], "en"))
			fail_msg("not elliptical: %s", texts[i]);
	assert_true(is_elliptical("how much is it?", "en-IE"));
}

static void
test_what_says_what_it_is_about_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"?",
		"How do I open a joint account?",
		"opening hours",
		"I forgot my PIN",
		"It says that my card payment was declined in a shop",
		"what does an overdraft cost",
		("and so my card was kept by the machine of another bank when "
		 "I was in town yesterday"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (is_elliptical(texts[i], "en"))
			fail_msg("elliptical: %s", texts[i]);
	assert_false(is_elliptical("how much is it?", "xx"));
	assert_false(is_elliptical("how much is it?", ""));
}

/* The parts, parted by '|', each with '?' before it if it is a question. */
static const char *
split(const char *text, const char *language, size_t max)
{
	static char out[512];
	struct text_part parts[8];
	size_t n =
		text_split_questions(text, strlen(text), language, parts, max);
	size_t len = 0;

	assert_true(n <= max);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, sizeof out - len, "%s%s%.*s",
					i ? "|" : "",
					parts[i].is_question ? "?" : "",
					(int)(parts[i].end - parts[i].begin),
					text + parts[i].begin);
	return out;
}

static void
test_a_text_is_parted_where_another_question_begins(void **state)
{
	static const struct {
		const char *text, *parts;
	} rows[] = {
		{"How do I block my card and what does a new one cost?",
		 "?How do I block my card|? what does a new one cost?"},
		{"How do I block it? What does a new one cost?",
		 "?How do I block it?|? What does a new one cost?"},
		{"Hi. can I open an account online and do you need papers",
		 "Hi.|? can I open an account online|? do you need papers"},
		{"Terms and conditions", "Terms and conditions"},
		{"Where are my terms and conditions?",
		 "?Where are my terms and conditions?"},
		{"I moved. What now?", "I moved.|? What now?"},
		{"I pay 1.50 and how", "I pay 1.50|? how"},
		{"what is a standing order\nhow do I stop one",
		 "?what is a standing order|?how do I stop one"},
		{"so, please, how do I pay", "?so, please, how do I pay"},
		{"sandwhich and", "sandwhich and"},
		{"", ""},
		{" ?! ... ", ""},
		{"and", "and"},
		{"\xc3\xa9t\xc3\xa9 and \xc3\xa9t\xc3\xa9?",
		 "?\xc3\xa9t\xc3\xa9 and \xc3\xa9t\xc3\xa9?"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(split(rows[i].text, "en", 8),
				    rows[i].parts);
}

static void
test_of_too_many_parts_the_last_has_the_rest(void **state)
{
	(void)state;
	assert_string_equal(split("a. b. c? d?", "en", 2), "a.|? b. c? d?");
	assert_string_equal(split("a. b. c? d?", "en", 1), "?a. b. c? d?");
}

static void
test_of_an_unknown_language_sentences_are_parts(void **state)
{
	(void)state;
	assert_string_equal(split("Wie geht es? Und was kostet es?", "de", 8),
			    "?Wie geht es?|? Und was kostet es?");
	assert_string_equal(split("Wie geht es and what is it", "de", 8),
			    "Wie geht es and what is it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_leaves_out_its_subject_is_told),
		cmocka_unit_test(test_what_says_what_it_is_about_is_none),
		cmocka_unit_test(
			test_a_text_is_parted_where_another_question_begins),
		cmocka_unit_test(test_of_too_many_parts_the_last_has_the_rest),
		cmocka_unit_test(
			test_of_an_unknown_language_sentences_are_parts),
	};
	return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
