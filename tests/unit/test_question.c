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
		"he is 19",
		"does that cost anything?",
		"until what age?",
		"after eighteen",
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

static bool
only_asks(const char *text, const char *language)
{
	struct tokens tokens;

	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, text, strlen(text), language),
			 0);
	bool is_it = text_only_asks(&tokens, language);
	tokens_release(&tokens);
	return is_it;
}

static void
test_what_names_nothing_only_asks(void **state)
{
	(void)state;
	assert_true(only_asks("how much is it?", "en"));
	assert_true(only_asks("and for how long?", "en"));
	assert_false(only_asks("how much is a transfer?", "en"));
	assert_false(only_asks("and that one?", "en"));
	assert_false(only_asks("", "en"));
	assert_false(only_asks("how much is it?", "xx"));
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

/* The places where a question begins, each marked by '|'. */
static const char *
begins(const char *text, const char *language)
{
	static char out[256];
	size_t len = strlen(text), n = 0, from = 0;

	while (from < len) {
		size_t next = text_next_question(text, len, language, from);
		n += (size_t)snprintf(out + n, sizeof out - n, "%.*s%s",
				      (int)(next - from), text + from,
				      next < len ? "|" : "");
		from = next;
	}
	return out;
}

static void
test_a_question_begins_behind_what_leads_to_it(void **state)
{
	static const char *const texts[] = {
		"Good morning! |Could you tell me |how I pay?",
		"you stupid bot, just tell me |how to pay",
		"for gods sake |how do i pay",
		"I moved house, |how do I tell you",
		"can you tell me |if I can pay",
		"tell me all you know about me",
		"how do I pay",
		"and how do I pay",
		"and do I get the rest back",
		"hi, sorry to bother you, but |is there a limit",
		"a silly question but |do I pay",
		"I would be grateful |if you told me |whether I can pay",
		"I lost it when I was away",
		"we do this if we can",
		"I do not see them, they do",
	};
	char plain[128];
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		size_t n = 0;
		for (const char *c = texts[i]; *c; c++)
			if (*c != '|')
				plain[n++] = *c;
		plain[n] = '\0';
		assert_string_equal(begins(plain, "en"), texts[i]);
	}
	assert_string_equal(begins("Gut, how do I pay", "de"),
			    "Gut, how do I pay");
}

static bool
leads_in(const char *text, const char *language)
{
	struct tokens tokens;

	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, text, strlen(text), language),
			 0);
	bool is_it = text_leads_in(&tokens, language);
	tokens_release(&tokens);
	return is_it;
}

static void
test_words_that_lead_to_a_question_say_nothing_else(void **state)
{
	(void)state;
	assert_true(leads_in("", "en"));
	assert_true(leads_in("Could you please tell me", "en"));
	assert_true(leads_in("I was just wondering", "en"));
	assert_true(leads_in("would you mind letting me know", "en"));
	assert_true(leads_in("I would be grateful", "en"));
	assert_false(leads_in("I don't know", "en"));
	assert_false(leads_in("tell me about loans", "en"));
	assert_false(leads_in("how", "en"));
	assert_false(leads_in("12", "en"));
	assert_false(leads_in("", "xx"));
}

/* The words of the topic that a text names; "": it does something else. */
static const char *
named(const char *text, const char *language)
{
	static char out[200];
	struct tokens tokens;
	struct buf words;

	buf_init(&words, sizeof out - 1);
	tokens_init(&tokens);
	assert_int_equal(tokens_split(&tokens, text, strlen(text), language),
			 0);
	size_t n = text_named_topic(&tokens, language, &words);
	snprintf(out, sizeof out, "%s", n ? buf_str(&words) : "");
	tokens_release(&tokens);
	buf_release(&words);
	return out;
}

static void
test_a_topic_is_named_by_who_asks_nothing(void **state)
{
	(void)state;
	assert_string_equal(named("Cards", "en"), "cards");
	assert_string_equal(named("I want a loan", "en"), "loan");
	assert_string_equal(named("i need a loan of 5000, please", "en"),
			    "loan");
	assert_string_equal(named("I have a problem with the app", "en"),
			    "app");
	assert_string_equal(named("travel insurance", "en"),
			    "travel insurance");
	assert_string_equal(named("How much is a loan", "en"), "");
	assert_string_equal(named("Can I get a loan?", "en"), "");
	assert_string_equal(named("I need help", "en"), "");
	assert_string_equal(named("", "en"), "");
	assert_string_equal(named("Karten", "xx"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_leaves_out_its_subject_is_told),
		cmocka_unit_test(test_what_says_what_it_is_about_is_none),
		cmocka_unit_test(test_what_names_nothing_only_asks),
		cmocka_unit_test(
			test_a_text_is_parted_where_another_question_begins),
		cmocka_unit_test(test_of_too_many_parts_the_last_has_the_rest),
		cmocka_unit_test(
			test_of_an_unknown_language_sentences_are_parts),
		cmocka_unit_test(
			test_a_question_begins_behind_what_leads_to_it),
		cmocka_unit_test(
			test_words_that_lead_to_a_question_say_nothing_else),
		cmocka_unit_test(test_a_topic_is_named_by_who_asks_nothing),
	};
	return cmocka_run_group_tests_name("question", tests, NULL, NULL);
}
